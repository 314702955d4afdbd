"""The README keeps its promises: its example runs, its commands are those of CI, its links lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("experiments/*/README.md"))]


def test_ten_line_example_runs(tmp_path):
    example = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    assert len(example.strip().splitlines()) <= 12
    done = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    assert float(words[0]) == pytest.approx((1 + 1.0**2) / 2.28 - 1.0)
    assert float(words[2]) > 10  # the enhancement of the gap
    assert words[3:] == ["-2", "True"]
    assert (tmp_path / "bands.nc").exists()


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page):
    folder = (ROOT / page).parent
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text()) if not link.startswith("http")]
    missing = [link for link in links if not (folder / link).exists()]
    assert not missing


def test_ci_runs_the_command_of_the_readme():
    assert "test command" in (ROOT / ".ci" / "run").read_text()
    commands = re.findall(r"<!-- (\w+) command -->\n```bash\n(.*?)\n```", (ROOT / "README.md").read_text(), re.S)
    assert [name for name, _ in commands] == ["figure", "test"]
    assert all(command.startswith("python3 -m venv .venv && .venv/bin/pip install") for _, command in commands)
