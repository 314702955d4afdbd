"""The pages keep their promises: their code runs, their commands exist, what they show of the tree is there."""

import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from experiment_runs import modules

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
GENERATED = {DOCS / "_build", DOCS / "api", DOCS / "experiments"}
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if not GENERATED & set(page.parents)]
READMES = [ROOT / "README.md", *sorted(ROOT.glob("experiments/*/README.md"))]
SHELL = re.compile(r"^```bash\n(.*?)^```|^ {4}(python .*?)$", re.M | re.S)


@pytest.fixture(scope="module")
def site():
    """The modules that put the site together, by name."""
    with modules(DOCS / "_ext") as module:
        yield module


def of(page):
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_code_of_a_page_runs(page, site, tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr("latticepol.processes.processors", lambda: 1)  # a process takes seconds to start
    site("blocks").executed(page.read_text(), page.stem, tmp_path)


def test_blocks_run_in_order_in_one_namespace_and_show_what_they_print(site, tmp_path):
    text = "```python\na = 2\n```\n\n```python no-run needs a reason\nraise\n```\n\n```python\nprint(a + 1)\n```\n"
    shown = site("blocks").executed(text, "page", tmp_path)
    assert re.findall(r"class: output\n\n(.*?)\n```", shown) == ["3"]
    with pytest.raises(NameError):
        site("blocks").executed("text\n```python\nb\n```\n", "page", tmp_path)
    for info in ("no-run", "norun because"):
        with pytest.raises(ValueError, match="line 1: 'python no"):
            site("blocks").found(f"```python {info}\n```\n")


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=of)
def test_commands_of_a_page_exist(page):
    for block, line in SHELL.findall(page.read_text()):
        for command in re.split(r"&&|\n", block or line):
            check(shlex.split(command, comments=True))


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=of)
def test_shell_blocks_of_a_page_are_shell(page):
    for block in re.findall(r"^```bash\n(.*?)^```", page.read_text(), re.M | re.S):
        parsed = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
        assert parsed.returncode == 0, parsed.stderr


def check(words):
    """A command of ours names scripts, experiments, folders and options that exist; others are not looked at."""
    if not words:
        return
    program, rest = Path(words[0]).name, words[1:]
    if program == "pip":
        extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
        assert set(re.findall(r"\w+", "".join(re.findall(r"\.\[(.*)\]", " ".join(rest))))) <= set(extras)
    elif program == "python" and rest[:2] == ["-m", "pytest"]:
        assert all((ROOT / word).exists() for word in rest[2:] if word.startswith("tests"))
    elif program == "python" and rest[0].startswith("experiments"):
        check_options(ROOT / rest[0], rest[1:])
    elif program == "latticepol" and rest[:1] == ["run"] and len(rest) > 1:
        check_options(ROOT / "experiments" / rest[1] / "run.py", rest[2:])
    elif program == "latticepol":
        commands = re.findall(r'add_parser\(\s*"(\w+)"', (ROOT / "latticepol" / "__main__.py").read_text())
        assert rest[0] in commands


def check_options(script, words):
    known = script.read_text() + (ROOT / "experiments" / "experiment.py").read_text()
    missing = [word for word in words if word.startswith("--") and f'"{word}"' not in known]
    assert not missing, f"{script.name} has no {missing}"


def test_a_wrong_command_is_found():
    check_options(ROOT / "experiments" / "honeycomb_gap" / "run.py", ["--quick"])
    with pytest.raises(AssertionError, match="has no"):
        check_options(ROOT / "experiments" / "honeycomb_gap" / "run.py", ["--quack"])
    with pytest.raises(FileNotFoundError):
        check(["python", "experiments/nowhere/run.py"])
    with pytest.raises(AssertionError):
        check([".venv/bin/pip", "install", ".[nothing]"])


@pytest.mark.parametrize("page", PAGES, ids=of)
def test_what_a_page_shows_of_the_tree_is_there(page, site):
    """Scripts are run when the site is built, not here."""
    splices = site("splices")
    for kind, what, options in splices.SPLICE.findall(page.read_text()):
        if kind != "printed":
            text, files = splices.KINDS[kind](what, **dict(re.findall(r"^:(\w+): *(.*)$", options, re.M)))
            assert text
            assert all(file.exists() for file in files)
        else:
            assert (ROOT / what).exists()


def test_rows_of_a_table_are_those_of_the_readme(site):
    splices = site("splices")
    readme = (ROOT / "experiments" / "giant_g_factor" / "README.md").read_text().splitlines()
    text, _ = splices.numbers("experiments/giant_g_factor", rows="set B")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert rows == [line for line in readme if line in rows]
    with pytest.raises(ValueError, match="no row of 'numbers'"):
        splices.numbers("experiments/giant_g_factor", rows="unicorn")
    with pytest.raises(ValueError, match="has no part 'nothing'"):
        splices.numbers("experiments/giant_g_factor", part="nothing")


def test_every_tolerance_of_a_test_comes_with_its_reason(site):
    text = "#: Of two\n#: lines.\nA = 1e-3\nB = 2.0  # behind it\nC = 3.0\nN = 5  # not a tolerance\n"
    assert site("splices")._limits(text) == [("0.001", "Of two lines."), ("2", "behind it")]


def test_every_experiment_has_a_page_whose_links_lead_somewhere(site, tmp_path):
    gallery = site("gallery")
    for readme in READMES[1:]:
        page = gallery.page(readme)
        card = gallery.card(readme.parent.name, page)
        assert len(card.title) > 3
        assert len(card.claim) > 20
        for target in re.findall(r"[(<](\.\./[^)>\s]+)[)>]", page):
            assert (DOCS / "experiments" / target).resolve().exists(), target


def test_the_reference_holds_every_public_name_once(site):
    import latticepol

    names = [name for room in site("reference").rooms().values() for name in room]
    assert len(names) == len(set(names))
    modules = {"lattice", "plot", "presets", "pseudospin", "units", "potentials", "pumps"}
    assert {name for name in latticepol.__all__ if name != "__version__"} - modules <= set(names)
    assert {"pumps.ring", "units.meV", "lattice.honeycomb"} <= set(names)


def test_formulas_in_docstrings_are_no_markup(site):
    escaped = site("docstrings").escaped
    assert escaped(["|psi_s|^2 of psi^* and ``|u|*``, n_ at t"]) == ["\\|psi_s\\|^2 of psi^\\* and ``|u|*``, n\\_ at t"]
    literal = ["as in::", "", "    a * |b|", "", "|c|"]
    assert escaped(literal) == [*literal[:4], "\\|c\\|"]
    assert escaped(["(docs/physics.md, section 1)"]) == ["(:doc:`docs/physics.md </physics>`, section 1)"]


@pytest.mark.parametrize(
    ("text", "kind", "fetched"),
    [
        ('<script src="https://cdn.org/tex.js"></script>', "html", ["https://cdn.org/tex.js"]),
        ('<link rel="stylesheet" href="//fonts.org/a.css">', "html", ["//fonts.org/a.css"]),
        ('<img srcset="a.png 1x, https://b.org/b.png 2x">', "html", ["https://b.org/b.png 2x"]),
        ("<style>@font-face { src: url('https://f.org/f.woff') }</style>", "html", ["https://f.org/f.woff"]),
        ("@import 'https://f.org/f.css';", "css", ["https://f.org/f.css"]),
        ("p { background: url(//f.org/f.png) }", "css", ["//f.org/f.png"]),
        ('import {a} from "https://x.org/a.js";', "js", ["https://x.org/a.js"]),
        (
            "await import('https://x.org/a.js'); fetch(`https://x.org/b`)",
            "js",
            ["https://x.org/a.js", "https://x.org/b"],
        ),
        ("s.src='https://x.org/a.js'; new Worker('//x.org/b.js')", "js", ["https://x.org/a.js", "//x.org/b.js"]),
        ('<script>import "https://x.org/a.js"</script>', "html", ["https://x.org/a.js"]),
        ('<svg><use href="https://x.org/a.svg#b"/></svg>', "svg", ["https://x.org/a.svg#b"]),
        ("// see https://x.org\nconst ns = 'http://www.w3.org/2000/svg';", "js", []),
        ("<p>import from 'https://x.org'</p>", "html", []),
        ('<a href="https://arxiv.org">a</a><link rel="canonical" href="https://x.org">', "html", []),
        ('<script src="_static/mathjax/tex.js"></script>', "html", []),
        ('<SCRIPT SRC="HTTPS://CDN.org/tex.js"></SCRIPT>', "html", ["HTTPS://CDN.org/tex.js"]),
        ("p { background: URL( 'HTTPS://f.org/f.png' ) }", "css", ["HTTPS://f.org/f.png"]),
        ("@IMPORT 'https://f.org/f.css';", "css", ["https://f.org/f.css"]),
        ("p { background: image-set('a.png' 1x, 'https://f.org/b.png' 2x) }", "css", ["https://f.org/b.png"]),
        ("p { background: -webkit-image-set(url(https://f.org/a.png) 1x) }", "css", ["https://f.org/a.png"]),
        ("s.setAttribute('src', 'https://x.org/a.js')", "js", ["https://x.org/a.js"]),
        ("e = document.createElement('link'); e.setAttribute(\"href\", `//x.org/a.css`)", "js", ["//x.org/a.css"]),
        ("e = document.createElement('a'); e.href = 'https://x.org/a'", "js", []),
        (
            "i.srcset = 'https://x.org/a.png'; o.open('post', 'https://x.org/b')",
            "js",
            ["https://x.org/a.png", "https://x.org/b"],
        ),
        ("new EventSource('wss://x.org/a')", "js", ["wss://x.org/a"]),
        ('<img src="a.png" onerror="this.src=\'https://x.org/a.png\'">', "html", ["https://x.org/a.png"]),
        ("<iframe srcdoc=\"&lt;img src='https://x.org/a.png'&gt;\"></iframe>", "html", ["https://x.org/a.png"]),
        ('<link rel="alternate stylesheet" href="https://x.org/a.css">', "html", ["https://x.org/a.css"]),
        ('<link REL="Canonical" href="https://x.org">', "html", []),
        ('<link rel="preload" imagesrcset="https://x.org/a.png 2x">', "html", ["https://x.org/a.png 2x"]),
        ('<meta http-equiv="Refresh" content="0; URL=https://x.org">', "html", ["https://x.org"]),
    ],
)
def test_what_a_browser_would_fetch_is_found(text, kind, fetched, site):
    assert site("offline").fetched(text, kind) == fetched


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("page.html", '<script src="https://cdn.org/tex.js"></script>'),
        ("_static/a.css", "@font-face { src: url(https://f.org/f.woff) }"),
        ("_static/a.js", 'import "https://x.org/a.js"'),
        ("PAGE.HTML", '<script src="https://cdn.org/tex.js"></script>'),
    ],
)
def test_an_address_in_a_site_is_told(file, text, site, tmp_path, capsys):
    main, planted = site("offline").main, tmp_path / file
    assert main(tmp_path) == 1  # no page at all
    (tmp_path / "_static").mkdir()
    (tmp_path / "index.html").write_text("<script src='_static/a.js'></script>")
    assert main(tmp_path) == 0
    planted.write_text(text)
    assert main(tmp_path) == 1
    assert f"{planted}: https://" in capsys.readouterr().out
