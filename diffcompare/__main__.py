"""The command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import diffcompare as dc  # light: what a command uses is loaded when it is used

_EPILOG = """\
A source is a formula in Python's syntax, a program of assignments, a case file (.toml), or -
for standard input. Exit status: 0 the modes agree, 1 they disagree, 2 bad input.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    parser = _parser()
    options = parser.parse_args(_formula_last(sys.argv[1:] if argv is None else list(argv)))
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        status = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except dc.DiffcompareError as error:
        print(f"error ({error.kind}): {error}", file=sys.stderr)
        return 2
    except Exception as error:  # no traceback reaches a user
        print(f"internal error, please report it: {type(error).__name__}: {error}", file=sys.stderr)
        return 3
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="diffcompare", epilog=_EPILOG, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Differentiate one formula symbolically, forward and in reverse; "
        "see the derivatives, their agreement, swell, passes and costs side by side.",
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="command")
    for name, run, summary, add in _COMMANDS:
        command = commands.add_parser(
            name, help=summary, description=summary, epilog=_EPILOG, allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        add(command)
        command.set_defaults(run=run)
    return parser


def _add_source(command: argparse.ArgumentParser) -> None:
    command.add_argument("source", help="formula, case file or -")
    command.add_argument(
        "--at", action="append", default=[], metavar="NAME=NUMBER",
        help="the point, once for each input; the number may be a formula, as pi/4",
    )  # fmt: skip
    command.add_argument("--wrt", metavar="NAMES", help="inputs to differentiate by: x,y")


def _add_compare(command: argparse.ArgumentParser) -> None:
    _add_source(command)
    command.add_argument("--modes", metavar="NAMES", help="modes to compare: forward,reverse")
    command.add_argument("--seconds", type=float, default=30.0, help="limit of the symbolic mode")
    command.add_argument("--allow-nonfinite", action="store_true", help="let nan and inf travel")
    style = command.add_mutually_exclusive_group()
    for name in ("json", "markdown", "latex", "html"):
        style.add_argument(f"--{name}", dest="style", action="store_const", const=name)


def _add_trace(command: argparse.ArgumentParser) -> None:
    _add_source(command)
    command.add_argument("--mode", default="reverse", help="forward, reverse (default) or symbolic")


def _add_dot(command: argparse.ArgumentParser) -> None:
    _add_source(command)
    command.add_argument("--mode", help="draw the derivative's graph: forward, reverse, symbolic")
    command.add_argument("-o", "--output", metavar="FILE", help="write to a file")


def _add_swell(command: argparse.ArgumentParser) -> None:
    _add_source(command)
    command.add_argument("--seconds", type=float, default=30.0, help="limit of the symbolic mode")
    command.add_argument("--json", action="store_true")


def _add_curve(command: argparse.ArgumentParser) -> None:
    _add_source(command)
    command.add_argument("--scheme", default="central", help="forward, central or complex")


def _add_gallery(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", nargs="?", help="show one case; all of them without")
    command.add_argument("--folder", help="where the cases are; default: graphs/")


def _compare(options: argparse.Namespace) -> int:
    problem = _read(options)
    modes = {"modes": options.modes.split(",")} if options.modes else {}
    report = dc.compare(
        problem.source, problem.point, wrt=problem.wrt, budget=dc.Budget(seconds=options.seconds),
        allow_nonfinite=options.allow_nonfinite, **modes,
    )  # fmt: skip
    print(getattr(report, f"to_{options.style}")() if options.style else report)
    return 0 if report.agreement.ok else 1


def _trace(options: argparse.Namespace) -> int:
    problem = _read(options)
    for output in range(len(problem.graph.outputs)):
        print(dc.trace_text(problem.graph, problem.point, options.mode, problem.wrt, output))
    return 0


def _dot(options: argparse.Namespace) -> int:
    problem = _read(options)
    graph = problem.graph
    drawn = dc.differentiate(graph, options.mode, problem.wrt) if options.mode else graph
    text = dc.to_dot(drawn, point=problem.point or None)
    if options.output:
        dc.write_atomic(options.output, text)
    else:
        sys.stdout.write(text)
    return 0


def _swell(options: argparse.Namespace) -> int:
    problem = _read(options)
    budget = dc.Budget(seconds=options.seconds)
    built, declined = dc.differentiate_all(problem.graph, problem.wrt, budget)
    swell = dc.swell(problem.graph, problem.wrt, built)
    print(dc.swell_json(swell, declined) if options.json else dc.swell_text(swell, declined))
    return 0


def _paths(options: argparse.Namespace) -> int:
    problem = _read(options)
    for name in problem.wrt or problem.graph.inputs:
        print(f"Paths from {name}")
        print(dc.paths_text(dc.chain_paths(problem.graph, problem.point, name)))
    return 0


def _curve(options: argparse.Namespace) -> int:
    problem = _read(options)
    for name in problem.wrt or problem.graph.inputs:
        print(f"Relative error of {options.scheme} differences by {name}, against the step h")
        print(dc.curve_text(dc.error_curve(problem.graph, problem.point, name, options.scheme)))
    return 0


def _granularity(options: argparse.Namespace) -> int:
    problem = _read(options)
    print(dc.grains_text(dc.granularities(problem.graph, problem.wrt)))
    return 0


def _gallery(options: argparse.Namespace) -> int:
    cases = dc.read_gallery(options.folder, options.name)
    status = 0
    budget = dc.Budget() if options.name else dc.Budget(symbolic_work=2_000_000)
    for case in cases:
        report = dc.compare(case, case.point, wrt=case.wrt, budget=budget)
        missed = case.missed(report.value, report.legs["reverse"].jacobian)
        status = max(status, int(not report.agreement.ok or bool(missed)))
        print(report if options.name else dc.gallery_line(case, report), flush=True)
        for what in missed:
            print(f"  not as expected: {what}", flush=True)
    return status


def _read(options: argparse.Namespace) -> Any:
    text = sys.stdin.read() if options.source == "-" else options.source
    return dc.read_problem(text, options.at, options.wrt)


def _formula_last(argv: list[str]) -> list[str]:
    """Move a formula that begins with a minus behind --, where argparse takes it as it is."""
    for place, word in enumerate(argv[1:], 1):
        is_option = word in _FLAGS or word.partition("=")[0] in _VALUED
        if (
            word.startswith("-")
            and word != "-"
            and not is_option
            and argv[place - 1] not in _VALUED
        ):
            return [*argv[:place], *argv[place + 1 :], "--", word]
    return argv


_VALUED = (
    "--at",
    "--wrt",
    "--modes",
    "--mode",
    "--seconds",
    "--output",
    "-o",
    "--folder",
    "--scheme",
)
_FLAGS = ("-h", "--help", "--", "--json", "--markdown", "--latex", "--html", "--allow-nonfinite")
_COMMANDS = (
    ("compare", _compare, "all modes side by side at a point", _add_compare),
    ("trace", _trace, "the trace table of one mode, node by node", _add_trace),
    ("dot", _dot, "the graph, or a derivative's graph, in Graphviz's DOT", _add_dot),
    ("swell", _swell, "how far derivatives swell, as trees and as shared graphs", _add_swell),
    ("paths", _paths, "the chain rule path by path, each with its product", _add_source),
    ("curve", _curve, "the error of differences against their step", _add_curve),
    ("granularity", _granularity, "costs as layers, array operations and numbers", _add_source),
    ("gallery", _gallery, "the worked examples", _add_gallery),
)

if __name__ == "__main__":
    sys.exit(main())
