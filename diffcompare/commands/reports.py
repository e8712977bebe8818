"""Commands that show derivatives."""

from __future__ import annotations

import diffcompare as dc
from diffcompare.commands.command import Command, Options, Parser, add_json, add_source, read, write


def _add_compare(command: Parser) -> None:
    add_source(command)
    command.add_argument("--modes", metavar="NAMES", help="modes to compare: forward,reverse")
    command.add_argument("--seconds", type=float, default=30.0, help="limit of the symbolic mode")
    command.add_argument("--allow-nonfinite", action="store_true", help="let nan and inf travel")
    style = command.add_mutually_exclusive_group()
    for name in ("json", "markdown", "latex", "html"):
        style.add_argument(f"--{name}", dest="style", action="store_const", const=name)


def _compare(options: Options) -> int:
    problem = read(options)
    modes = {"modes": options.modes.split(",")} if options.modes else {}
    report = dc.compare(
        problem.graph if options.shapes else problem.source, problem.point, wrt=problem.wrt, budget=dc.Budget(seconds=options.seconds),
        allow_nonfinite=options.allow_nonfinite, **modes,
    )  # fmt: skip
    whole = {"page": True} if options.style == "html" else {}
    write(getattr(report, f"to_{options.style}")(**whole) if options.style else str(report))
    return 0 if report.agreement.ok else 1


def _add_trace(command: Parser) -> None:
    add_source(command)
    command.add_argument("--mode", default="reverse", help="forward, reverse (default) or symbolic")


def _trace(options: Options) -> int:
    problem = read(options)
    for output in range(len(problem.graph.outputs)):
        write(dc.trace_text(problem.graph, problem.point, options.mode, problem.wrt, output))
    return 0


def _add_derive(command: Parser) -> None:
    add_source(command)
    command.add_argument("--through", metavar="NAME", help="the node whose adjoint to write in")


def _derive(options: Options) -> int:
    problem = read(options)
    for written in dc.derive(problem.graph, problem.wrt, through=options.through).values():
        write(str(written))
    return 0


def _jacobians(options: Options) -> int:
    found = dc.local_jacobians(read(options).graph)
    write(dc.local_json(found) if options.json else dc.local_text(found))
    return 0


def _parameters(options: Options) -> int:
    problem = read(options)
    write(dc.parameters_text(dc.parameters(problem.graph, problem.wrt)))
    return 0


def _add_gallery(command: Parser) -> None:
    command.add_argument("name", nargs="?", help="show one case; all of them without")
    command.add_argument("--folder", help="where the cases are; default: graphs/")


def _gallery(options: Options) -> int:
    cases = dc.read_gallery(options.folder, options.name)
    status = 0
    budget = dc.Budget() if options.name else dc.Budget(symbolic_work=2_000_000)
    for case in cases:
        report = dc.compare(case, case.point, wrt=case.wrt, budget=budget)
        missed = case.missed(report.value, report.legs["reverse"].jacobian)
        status = max(status, int(not report.agreement.ok or bool(missed)))
        write(str(report) if options.name else dc.gallery_line(case, report))
        for what in missed:
            write(f"  not as expected: {what}")
    return status


COMMANDS = (
    Command("compare", _compare, "all modes side by side at a point", _add_compare),
    Command("trace", _trace, "the trace table of one mode, node by node", _add_trace),
    Command("derive", _derive, "a small layer's derivatives, term by term", _add_derive),
    Command("jacobians", _jacobians, "each step's Jacobian, which reverse mode never forms", add_json),
    Command("parameters", _parameters, "how many numbers each input has", add_source),
    Command("gallery", _gallery, "the worked examples", _add_gallery),
)  # fmt: skip
