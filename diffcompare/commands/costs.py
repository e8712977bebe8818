"""Commands that count: swell, granularity, sparsity, checkpoints, elimination orders, the decision."""

from __future__ import annotations

from typing import Any

import diffcompare as dc
from diffcompare.commands.command import (
    Command,
    Options,
    Parser,
    add_shown,
    number,
    read,
    show,
    whole,
    write,
)
from diffcompare.commands.progress import progress

DEEPEST, MOST_DEPTHS = 100_000, 1_000
ORDERS = ("forward", "reverse", "markowitz", "search")


def _add_swell(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--seconds", type=number, default=10.0, help="limit of the symbolic mode")
    command.add_argument("--depths", metavar="FIRST:LAST[:STEP]",
                         help="the source taken into itself so many times")  # fmt: skip
    command.add_argument("--through", metavar="NAME", help="with --depths: the input it goes into")


def _swell(options: Options) -> int:
    problem = read(options)
    budget = dc.Budget(seconds=options.seconds)
    if options.depths:
        return _swell_curve(options, problem, budget)
    built, declined = dc.differentiate_all(problem.graph, problem.wrt, budget)
    swell = dc.swell(problem.graph, problem.wrt, built)
    show(options, dc.swell_text, dc.swell_json, swell, declined)
    if not options.json and "symbolic" in built and built["reverse"].specialises:
        write(dc.equivalence_text(dc.equivalence(built["symbolic"], built["reverse"])))
    return 0


def _swell_curve(options: Options, problem: Any, budget: dc.Budget) -> int:
    depths = _range(options.depths)

    def taken(times: int) -> dc.Graph:
        return dc.iterate(problem.graph, times, options.through)

    curve = dc.swell_curve(
        taken, depths, problem.wrt, budget, lambda what, n: progress(f"{what}, depth {n}")
    )
    show(options, dc.swell_curve_text, dc.swell_curve_json, curve)
    return 0


def _range(text: str) -> list[int]:
    try:
        first, last, step = map(int, (text if text.count(":") > 1 else f"{text}:1").split(":"))
    except ValueError:
        raise _no_depths("FIRST:LAST or FIRST:LAST:STEP", text) from None
    for fits, need in (
        (first >= 0, "FIRST of 0 or more"), (first <= last, "FIRST not above LAST"),
        (step >= 1, "STEP of 1 or more"), (last <= DEEPEST, f"LAST of {DEEPEST:,} or less"),
        (last - first < MOST_DEPTHS * step, f"{MOST_DEPTHS:,} depths or fewer"),
    ):  # fmt: skip
        if not fits:
            raise _no_depths(need, text)
    return list(range(first, last + 1, step))


def _no_depths(need: str, text: str) -> dc.DiffcompareError:
    return dc.DiffcompareError("input", "--depths", need=need, got=repr(text[:60]))


def _granularity(options: Options) -> int:
    problem = read(options)
    grains, choice = dc.granularities(problem.graph, problem.wrt), None
    prices = dc.calibration()
    if prices is not None and problem.point and any(problem.graph.shapes):
        choice = dc.choose_granularity(problem.graph, problem.point, prices, problem.wrt)
    show(options, _grains_text, dc.grains_json, grains, choice)
    return 0


def _grains_text(grains: Any, choice: Any) -> str:
    text = dc.grains_text(grains)
    return f"{text}\n\n{dc.choice_text(choice)}" if choice else text


def _add_sparsity(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--hessian", action="store_true", help="of the Hessian")


def _sparsity(options: Options) -> int:
    problem = read(options)
    find = dc.hessian_sparsity if options.hessian else dc.sparsity
    pattern = find(problem.graph, problem.wrt)
    found = dc.colorings(pattern, symmetric=options.hessian)
    show(options, dc.sparsity_text, dc.sparsity_json, pattern, found)
    return 0


def _add_checkpoints(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--times", type=whole, metavar="N", help="the source taken into itself")
    command.add_argument("--through", metavar="NAME", help="the input that the chain begins with")


def _checkpoints(options: Options) -> int:
    problem = read(options)
    graph = problem.graph
    if options.times is not None:
        if options.times < 1:
            raise dc.DiffcompareError("input", "--times", need="1 or more", got=str(options.times))
        graph = dc.iterate(graph, options.times, options.through)
    rows = dc.checkpoints(graph, wrt=problem.wrt, through=options.through)
    plain = dc.memory(dc.differentiate(graph, "reverse", problem.wrt))
    show(options, dc.checkpoints_text, dc.checkpoints_json, rows, plain)
    return 0


def _add_eliminate(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--order", help=f"{', '.join(ORDERS)} or exact; all but exact without")
    command.add_argument("--seconds", type=number, default=60.0, help="limit of search and exact")
    command.add_argument("--moves", type=whole, default=100_000, help="the same in moves or states")
    command.add_argument("--seed", type=whole, default=0, help="of the search")
    command.add_argument("--dot", metavar="FILE", help="draw the best order, ranks on the vertices")


def _eliminate(options: Options) -> int:
    listed = options.source.strip().endswith(".txt")
    source = dc.read_edge_list(options.source.strip()) if listed else read(options).graph
    wrt = None if listed else read(options).wrt
    found = [
        dc.eliminate(
            source, order, wrt, seconds=options.seconds, moves=options.moves, seed=options.seed,
            progress=lambda moves, best, at: progress(f"{moves:,} moves, best {best:,}"),
        )
        for order in ([options.order] if options.order else ORDERS)
    ]  # fmt: skip
    if options.dot:
        best = min(found, key=lambda elimination: elimination.cost)
        dc.write_atomic(options.dot, dc.elimination_dot(best))
    show(options, dc.elimination_text, dc.elimination_json, found)
    return 0


def _add_decide(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--goal", help="gradient, jacobian, hessian or hvp")
    command.add_argument(
        "--evaluations", type=whole, default=1_000, help="how often it is evaluated"
    )
    command.add_argument("--memory", type=number, default=float("inf"), help="bytes it may take")
    command.add_argument("--calibrate", action="store_true",
                         help="measure seconds per operation here first, and keep them")  # fmt: skip


def _decide(options: Options) -> int:
    problem = read(options)
    if options.calibrate:
        progress("measuring this machine")
        dc.calibrate()
        progress("decide")
    source = problem.graph if options.shapes else problem.source
    found = dc.decide(source, problem.point, options.goal, options.evaluations,
                      options.memory, problem.wrt)  # fmt: skip
    show(options, dc.decision_text, dc.decision_json, found)
    return 0


COMMANDS = (
    Command("swell", _swell, "how far derivatives swell, as trees and as shared graphs", _add_swell),
    Command("granularity", _granularity, "costs as layers, array operations and numbers", add_shown),
    Command("sparsity", _sparsity, "nonzeros, colorings, and passes with their bound", _add_sparsity),
    Command("checkpoints", _checkpoints, "stored states against work done again", _add_checkpoints),
    Command("eliminate", _eliminate, "orders of elimination and what they cost", _add_eliminate),
    Command("decide", _decide, "which way to take, with its regret", _add_decide),
)  # fmt: skip
