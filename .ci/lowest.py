"""Requirements that are exactly the lowest versions pyproject.toml allows: python .ci/lowest.py [EXTRA ...]."""

import re
import sys
import tomllib
from pathlib import Path

LOWEST = re.compile(r"^([A-Za-z0-9_.-]+)\s*>=\s*([0-9][0-9A-Za-z.]*)$")


def lowest(project: dict, extras: list[str]) -> list[str]:
    """name==version of each dependency, and of those of the extras."""
    given = list(project["dependencies"])
    for extra in extras:
        given += project["optional-dependencies"][extra]
    found = {text: LOWEST.match(text) for text in given}
    without = [text for text, match in found.items() if match is None]
    if without:
        sys.exit(f"{without} name no lowest version; write 'name>=version' in pyproject.toml")
    return [f"{match[1]}=={match[2]}" for match in found.values() if match]


if __name__ == "__main__":
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    print("\n".join(lowest(project, sys.argv[1:])))
