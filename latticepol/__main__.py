"""The command line: ``latticepol run``, ``latticepol info``, ``latticepol doctor``, ``latticepol bench``.

Exit codes: 0 fine, 1 the experiment failed or the doctor found a problem, 2 wrong usage; 130 after Ctrl-C.
"""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from latticepol._version import __version__
from latticepol.command import experiments

if TYPE_CHECKING:
    from latticepol.command.benchmark import Sizes

EXAMPLES = """\
examples:
  latticepol run                             the experiments, with claims and run times
  latticepol run honeycomb_gap               data and figures into its folder output/
  latticepol run honeycomb_gap --quick       coarse, for a first look
  latticepol run honeycomb_gap --out results --resume --workers 4
  latticepol run honeycomb_gap --help        all options of that experiment
  latticepol info                            versions, processors, transforms, GPU
  latticepol doctor                          what may be wrong here, and how to mend it
  latticepol bench                           how fast it is on this machine

exit codes: 0 fine, 1 the experiment failed or the doctor found a problem, 2 wrong usage; 130 after Ctrl-C
"""
RUN = """\
Without a name: list the experiments. They are the folders with a run.py in the source tree, in ./experiments and in the
working folder. What follows NAME goes to its run.py; most know

  --quick      coarse, for a first look
  --out DIR    folder for data and figures
  --resume     keep the data files that are already there
  --workers N  number of processes (default: all processors)
  --help       all options
"""
FORMAT = argparse.RawDescriptionHelpFormatter
#: Columns of the list of experiments.
WIDTH = 100
#: What a short benchmark runs of experiments/performance.
SHORT = ("--quick", "--only", "pseudospin", "field", "network")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        first = (
            "; the name of the experiment comes first: latticepol run NAME ..." if arguments.command == "run" else ""
        )
        parser.error(f"unknown: {' '.join(rest)}{first}")
    if arguments.command is None:
        parser.print_help()
        return experiments.EXIT_FINE
    return {"run": _run, "info": _info, "doctor": _doctor, "bench": _bench}[arguments.command](arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latticepol",
        description="Spinor exciton-polariton condensates on lattices.",
        epilog=EXAMPLES,
        formatter_class=FORMAT,
    )
    parser.add_argument("--version", action="version", version=f"latticepol {__version__}")
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    run = commands.add_parser("run", help="list the experiments, or run one", description=RUN, formatter_class=FORMAT)
    run.add_argument("name", metavar="NAME", nargs="?", help="name of the experiment")
    run.add_argument("options", metavar="...", nargs=argparse.REMAINDER, help="options of the experiment")
    commands.add_parser("info", help="versions, processors, transforms, GPU")
    commands.add_parser("doctor", help="what may be wrong with this installation, and how to mend it")
    bench = commands.add_parser(
        "bench",
        help="short timings",
        description="Short timings: experiments/performance in its quick form, or where there is no source tree a few "
        "of latticepol's own.",
    )
    bench.add_argument("--built-in", action="store_true", help="latticepol's own timings in any case")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    there = experiments.found()
    name = arguments.name
    if name is None:
        return _list(there)
    if name not in there:
        near = get_close_matches(name, there, 1)
        hint = f"did you mean {near[0]}? There" if near else "there"
        names = ", ".join(there) or "none here"
        print(f"latticepol run: no experiment {name!r}; {hint} are: {names}", file=sys.stderr)
        return experiments.EXIT_USAGE
    return experiments.run(there[name], arguments.options)


def _list(there: dict[str, experiments.Experiment]) -> int:
    if not there:
        print("No experiments: no folder with a run.py in ./experiments or here. They come with the source tree.")
        return experiments.EXIT_FINE
    width = max(map(len, there))
    for name, experiment in there.items():
        print(f"{name:{width}}  {experiment.title}")
        if experiment.claim:
            print(textwrap.indent(textwrap.fill(experiment.claim, WIDTH - width), " " * (width + 4)))
        print(f"{'':{width}}  run time: {experiment.run_time}")
    print(f"\nlatticepol run NAME [--quick]; all options: latticepol run {next(iter(there))} --help")
    return experiments.EXIT_FINE


def _info(_: argparse.Namespace) -> int:
    from latticepol.command.information import information

    for label, text in information().items():
        print(f"{label:10}  {text}")
    return experiments.EXIT_FINE


def _doctor(_: argparse.Namespace) -> int:
    try:
        from latticepol.command.doctor import findings
    except ImportError as error:  # without it the doctor cannot look at the rest
        name = (error.name or "latticepol").split(".")[0]
        print(f"!!!!  {name:16}  {error}\n{'':24}-> pip install --force-reinstall {name}, then look again")
        return experiments.EXIT_FAILED
    marks, problems = {"fine": "    ", "note": "note", "problem": "!!!!"}, 0
    for finding in findings():
        print(f"{marks[finding.verdict]}  {finding.what:16}  {finding.text}")
        if finding.fix:
            print(f"{'':24}-> {finding.fix}")
        problems += finding.verdict == "problem"
    count = f"{problems or 'no'} problem{'s' * (problems != 1)} found"
    print(f"\n{count}; a report of a fault should contain all of the above")
    return experiments.EXIT_FAILED if problems else experiments.EXIT_FINE


def _bench(arguments: argparse.Namespace, sizes: "Sizes | None" = None) -> int:
    """Run ``sizes`` of latticepol's own timings; None: the usual ones."""
    performance = experiments.SOURCE / "performance"
    if (performance / "run.py").exists() and not arguments.built_in:
        return experiments.run(experiments.described(performance), SHORT)
    from latticepol.command.benchmark import SIZES, timings

    print(f"{'one thread':40}{'time':>13}{'ratio':>8}  to")
    for name, seconds, floor, what in timings(sizes or SIZES):
        ratio = f"{seconds / floor:8.2f}  {what}" if floor else ""
        print(f"{name:40}{seconds * 1e6:10.1f} us{ratio}", flush=True)
    return experiments.EXIT_FINE


if __name__ == "__main__":
    sys.exit(main())
