"""The site works offline: python docs/_ext/offline.py docs/_build/html finds what a browser would fetch."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

#: Attributes whose addresses a browser loads by itself; those of <a> only when somebody clicks.
LOADED = {"src", "srcset", "poster", "data", "background", "xlink:href"}
#: Elements whose href is loaded: <link> but for the kinds that are only words, and pictures within pictures.
LINKED = {"link", "image", "use", "base"}
WORDS = {"canonical", "author", "license", "next", "prev", "search", "index", "help", "alternate"}
ADDRESS = r"((?:https?:|wss?:)?//[^'\"`)\s]+)"
#: In a style sheet.
SHEET = re.compile(r"(?:url\(\s*|@import\s+|image-set\(\s*)['\"]?" + ADDRESS)
#: In a script: a module, a worker, a request, and the address of an element that is made.
SCRIPT = re.compile(
    r"(?:\bimport\b\s*\(?|\bfrom|\bimportScripts\(|\bfetch\(|\bWorker\(|\bWebSocket\(|\bopen\(\s*['\"]GET['\"],|\.src\s*=)"
    r"\s*['\"`]" + ADDRESS
)
KINDS = {"html": (), "svg": (), "css": (SHEET,), "js": (SCRIPT,), "mjs": (SCRIPT,)}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        taken = [values[name] for name in LOADED if name in values and tag != "a"]
        if tag in LINKED and not (tag == "link" and set(values.get("rel", "").split()) & WORDS):
            taken.append(values.get("href", ""))
        self.found += [part.strip() for text in taken for part in text.split(",") if _outside(part)]
        self.found += SHEET.findall(values.get("style", ""))
        self.inside = tag

    def handle_data(self, data: str) -> None:
        for tag, pattern in (("style", SHEET), ("script", SCRIPT)):
            if self.inside == tag:
                self.found += pattern.findall(data)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def _outside(address: str) -> bool:
    return bool(re.match(r"\s*(https?:)?//", address))


def fetched(text: str, kind: str) -> list[str]:
    """Addresses outside of the site that a browser would load with a file of a site: "html", "svg", "css" or "js"."""
    if KINDS[kind]:
        return [address for pattern in KINDS[kind] for address in pattern.findall(text)]
    page = _Page()
    page.feed(text)
    return page.found


def over(folder: Path) -> Iterator[tuple[Path, str]]:
    """(file, address) of everything in a built site."""
    for kind in KINDS:
        for path in sorted(folder.rglob(f"*.{kind}")):
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
