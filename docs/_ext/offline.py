"""The site works offline: python docs/_ext/offline.py docs/_build/html finds what a browser would fetch."""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

#: Attributes whose addresses a browser loads by itself; those of <a> only when somebody clicks.
LOADED = {"src", "srcset", "poster", "data"}
#: <link> of these kinds are only words.
WORDS = {"canonical", "author", "license", "next", "prev", "search", "index", "help", "alternate"}
#: In a style sheet, and of what a script imports or loads.
SHEET = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])((?:https?:)?//[^'\")\s]+)")


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        taken = [values[name] for name in LOADED if name in values]
        if tag == "link" and not set(values.get("rel", "").split()) & WORDS:
            taken.append(values.get("href", ""))
        self.found += [address for text in taken for address in text.split(",") if _outside(address)]
        self.found += SHEET.findall(values.get("style", ""))


def _outside(address: str) -> bool:
    return bool(re.match(r"\s*(https?:)?//", address))


def fetched(text: str, kind: str) -> list[str]:
    """Addresses outside of the site that a browser would load with a page ("html") or a style sheet ("css")."""
    if kind == "css":
        return SHEET.findall(text)
    page = _Page()
    page.feed(text)
    styles = re.findall(r"<style[^>]*>(.*?)</style>", text, re.S)
    return page.found + [address for style in styles for address in SHEET.findall(style)]


def over(folder: Path) -> Iterator[tuple[Path, str]]:
    """(file, address) of everything in a built site."""
    for kind in ("html", "css"):
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
