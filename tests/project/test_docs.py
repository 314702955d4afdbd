"""The pages keep their promises: their code runs, their commands exist, what they show of the tree is there."""

import contextlib
import importlib
import re
import shlex
import subprocess
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import rooms
from experiment_runs import modules

import latticepol as lp

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
GENERATED = {DOCS / "_build", DOCS / "api", DOCS / "experiments"}
PAGES = [page for page in sorted(DOCS.rglob("*.md")) if not GENERATED & set(page.parents)]
EXPERIMENTS = sorted(ROOT.glob("experiments/*/README.md"))
READMES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *EXPERIMENTS]
CODE = [path for folder in ("latticepol", "tests", "experiments") for path in sorted((ROOT / folder).rglob("*.py"))]
#: A path in the tree, and a file among backquotes; a module. What the site makes of an experiment is a page, NAME.md.
TREE = re.compile(
    r"(?:\b(?:docs|tests|latticepol|data)|(?<!\w)\.ci|\bexperiments/\w+)/[\w./*-]*\w|(?<=`)experiments/\w+(?=`)"
    r"|(?<=`)[\w./*-]+/[\w.*-]+\.(?:py|md|json|txt)(?=`)"
)
MODULE = re.compile(r"\blatticepol(?:\.\w+)+")
#: Folders from which a page may start to speak of a file, and what is not there by intent.
ROOTS = (ROOT, ROOT / "latticepol")
ELSEWHERE = {
    "docs/_build/html",
    "experiments/nowhere/run.py",
    "experiments/saturation/output/numbers.json",
    "experiments/saturation/run.py",
    "latticepol/gpe/terms/anisotropy.py",
}
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
    """Asked for by -m page; the site, which .ci/run builds, executes all of them."""
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setattr("latticepol.sweeps.work.is_daemonic", lambda: True)  # a process takes seconds to start
    site("blocks").executed(page.read_text(), page.stem, tmp_path)


def test_blocks_run_in_order_in_one_namespace_and_show_what_they_print(site, tmp_path):
    text = "```python\na = 2\n```\n\n```python no-run needs a reason\nraise\n```\n\n```python\nprint(a + 1)\n```\n"
    shown = site("blocks").executed(text, "page", tmp_path)
    assert re.findall(r"class: output\n\n(.*?)\n```", shown) == ["3"]
    with pytest.raises(NameError):
        site("blocks").executed("text\n```python\nb\n```\n", "page", tmp_path)
    for info in ("no-run", "norun because", "file"):
        with pytest.raises(ValueError, match=f"line 1: 'python {info.split()[0]}' is not known"):
            site("blocks").found(f"```python {info}\n```\n")


def test_a_block_that_is_a_file_is_written_and_not_run(site, tmp_path):
    text = "```python file of/mine.py\nnumber = 3\n```\n\n```python\nprint(open('of/mine.py').read())\n```\n"
    shown = site("blocks").executed(text, "page", tmp_path)
    assert re.findall(r"class: output\n\n(.*?)\n```", shown) == ["number = 3"]


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=of)
def test_files_and_modules_that_a_page_names_are_there(page):
    text = page.read_text()
    assert not [name for name in TREE.findall(text) if not there(name, page)]
    assert not [name for name in MODULE.findall(text) if not importable(name)]


def test_files_that_docstrings_and_comments_name_are_there():
    missing = {of(path): [name for name in TREE.findall(path.read_text()) if not there(name, path)] for path in CODE}
    assert not {path: names for path, names in missing.items() if names}


def there(name, page):
    """Whether a path, which may hold stars, leads to something."""
    return name in ELSEWHERE or any(any(root.glob(name)) for root in (*ROOTS, page.parent))


def importable(name):
    """Whether a dotted name is a module, or something in one."""
    module, _, member = name.rpartition(".")
    with contextlib.suppress(ImportError):
        return bool(importlib.import_module(name))
    with contextlib.suppress(ImportError):
        return hasattr(importlib.import_module(module), member)
    return False


def test_a_file_or_module_that_has_moved_is_found():
    page = DOCS / "index.md"
    assert there("gpe/terms/gain.py", page)
    assert there("tests/gpe/test_*.py", page)
    assert not there("latticepol/" + "nothing.py", page)
    for gone in ("docs" + "/gone", ".ci" + "/gone", "experiments" + "/gone", "experiments" + "/gone/run.py"):
        assert TREE.findall(f"as `{gone}` says") == [gone]
        assert not there(gone, page)
    assert importable("latticepol.model.Evolvable")
    assert not importable("latticepol.model.Nothing")


@pytest.mark.parametrize("page", [*PAGES, *READMES], ids=of)
def test_commands_of_a_page_exist(page):
    text = re.sub(r"^```python.*?^```", "", page.read_text(), flags=re.M | re.S)  # docstrings of files that it shows
    for block, line in SHELL.findall(text):
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
    for readme in EXPERIMENTS:
        page = gallery.page(readme)
        card = gallery.card(readme.parent.name, page)
        assert len(card.title) > 3
        assert len(card.claim) > 20
        for target in re.findall(r"[(<](\.\./[^)>\s]+)[)>]", page):
            assert (DOCS / "experiments" / target).resolve().exists(), target


def test_the_reference_holds_every_public_name_once(site):
    names = [name for room in site("reference").rooms().values() for name in room]
    assert len(names) == len(set(names))
    modules = {"lattice", "plot", "presets", "pseudospin", "units", "potentials", "pumps"}
    assert {name for name in lp.__all__ if name != "__version__"} - modules <= set(names)
    assert {"pumps.ring", "units.meV", "lattice.honeycomb"} <= set(names)


def test_the_picture_leaves_out_what_another_way_replaces(site):
    house = site("house")
    made_up = {("plot", "observables"): 1, ("observables", "results"): 1, ("plot", "results"): 9, ("plot", "errors"): 3}
    assert house.direct(made_up) == [("observables", "results"), ("plot", "observables")]
    number = house.counts()
    assert number["observables", "grid"] > 1
    assert not [arrow for arrow in number if not rooms.FLOOR[arrow[0]] >= rooms.FLOOR[arrow[1]]]


def test_boxes_of_the_picture_do_not_overlap(site):
    house = site("house")
    x = house.places(house.direct(house.counts()))
    assert {slot.room for slot in x} - {""} == set(rooms.FLOOR)
    for floor in range(len(rooms.FLOORS)):
        row = sorted((place, slot.width) for slot, place in x.items() if slot.floor == floor)
        gaps = [b - a - (wa + wb) / 2 for (a, wa), (b, wb) in pairwise(row)]
        assert min(gaps, default=house.GAP) > house.GAP / 2


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


def rows_of_the_changelog(heading):
    """(names before, names now) of the rows of a table."""
    text = (ROOT / "CHANGELOG.md").read_text().split(f"| {heading} | now |\n|---|---|\n")[1]
    for row in text.split("\n\n")[0].splitlines():
        yield tuple(re.findall(r"`([^`]+)`", cell) for cell in row.strip("|").split(" | "))


def test_modules_of_the_changelog_have_moved_to_where_it_says():
    for before, now in rows_of_the_changelog("modules before"):
        assert not [name for name in before if importable(f"latticepol.{name}")]
        assert all(importable(f"latticepol.{name}") for name in now)
        if len(now) == 1 and (ROOT / "latticepol" / now[0].replace(".", "/")).is_dir():
            kept = [f"latticepol.{now[0]}.{name.split('.')[-1]}" for name in before]
            assert all(importable(name) for name in kept), kept


def test_types_of_the_changelog_have_the_names_that_it_says():
    for before, now in rows_of_the_changelog("types before"):
        assert not [name for name in before if importable(f"latticepol.{name}")]
        assert all(importable(f"latticepol.{name}") for name in now)


def test_members_of_the_changelog_have_the_names_that_it_says():
    models = {"SpinorGPE": lp.SpinorGPE, "Network": lp.Network}
    for (before,), (now,) in rows_of_the_changelog("members of models before"):
        for text, is_there in ((before, False), (now, True)):
            owner, name = re.match(r"(\w*)\.(\w+)", text).groups()
            if owner in ("", *models):
                kinds = [models[owner]] if owner else models.values()
                assert all(hasattr(kind, name) == is_there for kind in kinds) or before.startswith(".engine"), text


def test_hooks_of_commits_call_programs_of_the_extra_test():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["test"]
    hooks = re.findall(r"entry: (\w+)", (ROOT / ".pre-commit-config.yaml").read_text())
    assert sorted(set(hooks)) == ["mypy", "ruff"]
    assert set(hooks) <= {re.match(r"[\w-]+", text)[0] for text in extra}


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
