"""One page per experiment, which is its README, and a page of cards with title, claim and first figure of each."""

import re
from pathlib import Path
from typing import NamedTuple

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
CLAIM = "**Claim.**"
HEADING = """\
# Experiments

Each experiment computes, draws and says one thing. `latticepol run` lists them with their run times,
`latticepol run NAME --quick` takes a first look.

"""


class Card(NamedTuple):
    """What the page of cards shows of an experiment; figure "" where there is none."""

    name: str
    title: str
    claim: str
    figure: str


def write(folder: Path) -> None:
    """The pages, into ``folder``, which lies in docs."""
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    pages = {readme.parent.name: page(readme) for readme in sorted(EXPERIMENTS.glob("*/README.md"))}
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text)
    cards = "\n".join(_drawn(card(name, text)) for name, text in pages.items())
    tree = "\n".join(pages)
    grid = f"::::{{grid}} 1 2 2 2\n:gutter: 3\n\n{cards}\n::::\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"
    (folder / "index.md").write_text(HEADING + grid)


def page(readme: Path) -> str:
    """The text of a README with its links as they are seen from the site."""

    def moved(link: re.Match) -> str:
        mark, text, target = link.groups()
        if re.match(r"\w+:|#", target):
            return link[0]
        file = (readme.parent / target).resolve()
        if file.name == "README.md" and file.parent.parent == EXPERIMENTS:
            return f"[{text}]({file.parent.name}.md)"
        if file == EXPERIMENTS.parent / "docs" / "physics.md":
            return f"[{text}](../physics.md)"
        inside = f"../../{file.relative_to(EXPERIMENTS.parent)}"
        if mark or file.suffix == ".png":
            return f"{mark}[{text}]({inside})"
        return f"{{download}}`{text} <{inside}>`" if file.is_file() else text

    return LINK.sub(moved, readme.read_text())


def card(name: str, text: str) -> Card:
    """Title, claim (the paragraph that begins with CLAIM, else the first) and first figure of a page."""
    title = re.search(r"^# (.+)$", text, re.M)
    paragraphs = [" ".join(part.split()) for part in text.split("\n\n")[1:]]
    claims = [part for part in paragraphs if part.startswith(CLAIM)] or paragraphs
    claim = claims[0].removeprefix(CLAIM).strip()
    figure = re.search(r"!\[[^\]]*\]\(([^)\s]+)\)", text)
    assert title is not None, f"experiments/{name}/README.md has no title"
    return Card(name, title[1], claim, figure[1] if figure else "")


def _drawn(card: Card) -> str:
    options = [f":link: {card.name}", ":link-type: doc"] + [f":img-bottom: {card.figure}"] * bool(card.figure)
    return "\n".join([f":::{{grid-item-card}} {card.title}", *options, "", card.claim, ":::", ""])
