"""The site works offline: python docs/_ext/offline.py docs/_build/html finds what a browser would fetch."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

#: Attributes whose addresses a browser loads by itself; those of <a> only when somebody clicks.
LOADED = {"src", "srcset", "imagesrcset", "poster", "data", "background", "xlink:href"}
#: Elements whose href is loaded: <link> but for the kinds that are only words, and pictures within pictures.
LINKED = {"link", "image", "feimage", "use", "base"}
WORDS = {"canonical", "author", "license", "next", "prev", "search", "index", "help", "alternate"}
#: Kinds of <link> that are loaded whatever other words stand next to them.
FETCHED = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "preconnect", "dns-prefetch", "manifest"}
ADDRESS = r"((?:https?:|wss?:)?//[^'\"`)\s\\]+)"
QUOTE = r"\s*\\?['\"`]"
#: In a style sheet.
SHEET = re.compile(r"(?:url\(\s*|@import\s+)['\"]?" + ADDRESS, re.I)
#: Pictures of a style sheet that need no url().
SET = re.compile(r"image-set\(((?:[^()]|\([^()]*\))*)\)", re.I)
QUOTED = re.compile(r"['\"]" + ADDRESS)
#: In a script: a module, a worker, a request, and the address of an element that is made.
SCRIPT = re.compile(
    r"(?:\bimport\b\s*\(?|\bfrom|\bimportScripts\(|\bfetch\(|\bWorker\(|\bWebSocket\(|\bEventSource\(|\bsendBeacon\("
    r"|\bopen\(\s*['\"](?i:GET|POST)['\"],|\.(?:src|srcset|poster|data)\s*=|\bsetAttribute\(\s*['\"`](?i:"
    + "|".join(sorted(LOADED))
    + r")['\"`]\s*,)"
    + QUOTE
    + f"(?i:{ADDRESS})"
)
#: The href of an element that a script makes: of a link, or of a picture; that of an anchor waits for a click.
HREF = re.compile(r"(?:\.href\s*=|\bsetAttribute\(\s*['\"`](?i:href)['\"`]\s*,)" + QUOTE + f"(?i:{ADDRESS})")
MAKES = re.compile(r"createElement(?:NS)?\([^)]*['\"`](?i:link|image|use)['\"`]")
KINDS = ("html", "htm", "xhtml", "svg", "css", "js", "mjs")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        taken = [values[name] for name in LOADED if name in values and tag != "a"]
        if tag in LINKED and not (tag == "link" and _words(values.get("rel", ""))):
            taken.append(values.get("href", ""))
        if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
            taken += re.split(r"url\s*=\s*['\"]?", values.get("content", ""), flags=re.I)[1:]
        self.found += [part.strip() for text in taken for part in text.split(",") if _outside(part)]
        self.found += in_sheet(values.get("style", ""))
        self.found += [address for name, text in values.items() if name.startswith("on") for address in in_script(text)]
        if "srcdoc" in values:
            self.found += in_page(values["srcdoc"])
        self.inside = tag

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self.found += in_sheet(data)
        elif self.inside == "script":
            self.found += in_script(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def _words(rel: str) -> bool:
    """Whether a link of this kind says something, and is not loaded."""
    kinds = set(rel.lower().split())
    return bool(kinds & WORDS) and not kinds & FETCHED


def _outside(address: str) -> bool:
    return bool(re.match(r"\s*(https?:)?//", address, re.I))


def in_page(text: str) -> list[str]:
    """Addresses that a page loads."""
    page = _Page()
    page.feed(text)
    page.close()
    return page.found


def in_sheet(text: str) -> list[str]:
    """Addresses that a style sheet loads."""
    return SHEET.findall(text) + [address for inner in SET.findall(text) for address in QUOTED.findall(_bare(inner))]


def _bare(text: str) -> str:
    """Without its url(...), which are found by themselves."""
    return re.sub(r"url\([^()]*\)", "", text, flags=re.I)


def in_script(text: str) -> list[str]:
    """Addresses that a script loads."""
    made = [
        address for address in HREF.findall(text) if re.search(r"createElement(NS)?\([^)]*['\"](link|image|use)", text)
    ]
    return SCRIPT.findall(text) + made


def fetched(text: str, kind: str) -> list[str]:
    """Addresses outside of the site that a browser would load with a file of a site, of one of KINDS."""
    read = {"css": in_sheet, "js": in_script, "mjs": in_script}.get(kind, in_page)
    return read(text)


def over(folder: Path) -> Iterator[tuple[Path, str]]:
    """(file, address) of everything in a built site."""
    for path in sorted(folder.rglob("*")):
        kind = path.suffix.lower().removeprefix(".")
        if kind in KINDS and path.is_file():
            yield from ((path, address) for address in fetched(path.read_text(errors="replace"), kind))


def main(folder: Path) -> int:
    """Print what would be fetched; 1 where there is something, or no page at all."""
    pages = len(list(folder.rglob("*.html")))
    there = list(over(folder))
    for path, address in there:
        print(f"{path}: {address}")
    print(f"{pages} pages, {len(there)} addresses that a browser would load from outside")
    return int(bool(there) or not pages)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
