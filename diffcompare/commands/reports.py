"""Commands that show derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffcompare as dc
from diffcompare.commands.command import (
    Command,
    Options,
    Parser,
    add_json,
    add_shown,
    add_source,
    number,
    read,
    show,
    write,
)


def _add_compare(command: Parser) -> None:
    add_source(command)
    command.add_argument("--modes", metavar="NAMES", help="modes to compare: forward,reverse")
    command.add_argument("--seconds", type=number, default=30.0, help="limit of the symbolic mode")
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
    add_shown(command)
    command.add_argument("--mode", default="reverse", help="forward, reverse (default) or symbolic")


def _trace(options: Options) -> int:
    problem = read(options)
    asked = problem.graph, problem.point, options.mode, problem.wrt
    show(options, _trace_text, dc.trace_json, *asked)
    return 0


def _trace_text(graph: Any, point: Any, mode: str, wrt: Any) -> str:
    outputs = dc.trace_outputs(graph, mode)
    return "\n".join(dc.trace_text(graph, point, mode, wrt, output) for output in outputs)


def _add_derive(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--through", metavar="NAME", help="the node whose adjoint to write in")


def _derive(options: Options) -> int:
    problem = read(options)
    found = dc.derive(problem.graph, problem.wrt, through=options.through)
    show(options, _derive_text, dc.derive_json, found)
    return 0


def _derive_text(found: Mapping[str, Any]) -> str:
    return "\n".join(map(str, found.values()))


def _jacobians(options: Options) -> int:
    found = dc.local_jacobians(read(options).graph)
    show(options, dc.local_text, dc.local_json, found)
    return 0


def _parameters(options: Options) -> int:
    problem = read(options)
    found = dc.parameters(problem.graph, problem.wrt)
    show(options, dc.parameters_text, dc.parameters_json, found)
    return 0


def _add_gallery(command: Parser) -> None:
    command.add_argument("name", nargs="?", help="show one case; all of them without")
    command.add_argument("--folder", help="where the cases are; default: graphs/")
    add_json(command)


def _gallery(options: Options) -> int:
    cases = dc.read_gallery(options.folder, options.name)
    status, reports = 0, []
    budget = dc.Budget() if options.name else dc.Budget(symbolic_work=2_000_000)
    for case in cases:
        report = dc.compare(case, case.point, wrt=case.wrt, budget=budget)
        missed = case.missed(report.value, report.legs["reverse"].jacobian)
        status = max(status, int(not report.agreement.ok or bool(missed)))
        if options.json:
            reports.append(report)
            continue  # in one text, when all are done
        write(str(report) if options.name else dc.gallery_line(case, report))
        for what in missed:
            write(f"  not as expected: {what}")
    if options.json:
        write(dc.gallery_json(cases, reports))
    return status


COMMANDS = (
    Command("compare", _compare, "all modes side by side at a point", _add_compare),
    Command("trace", _trace, "the trace table of one mode, node by node", _add_trace),
    Command("derive", _derive, "a small layer's derivatives, term by term", _add_derive),
    Command("jacobians", _jacobians, "each step's Jacobian, which reverse mode never forms", add_shown),
    Command("parameters", _parameters, "how many numbers each input has", add_shown),
    Command("gallery", _gallery, "the worked examples", _add_gallery),
)  # fmt: skip
