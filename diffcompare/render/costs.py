"""What a report says of costs: operations, passes and times, swell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from diffcompare.measure.checkpoints import Checkpoints
from diffcompare.measure.granularity import Grain
from diffcompare.measure.ledger import Ledger
from diffcompare.measure.swell import Sizes, Swell
from diffcompare.modes.differentiate import EXACT
from diffcompare.ops.cost import Cost
from diffcompare.render.columns import WIDTH, clean, spread
from diffcompare.render.numerals import bytes_text, number, ratio, rounded, seconds, whole
from diffcompare.render.section import NONE, Cells, Section

if TYPE_CHECKING:
    from diffcompare.report import Leg, Report


Written = Callable[[int], str]

_BASES: Final = {
    "scalars": "Arrays are written out as numbers.",
    "counted": "Of numbers, counted layer by layer, not written out: trees exactly, shared nodes at "
    "most. Reverse: its adjoint graph, with the seed as an input.",
    "arrays": "Too large to write out: an array is one node.",
}


def operations(report: Report) -> Section:
    books = {mode: leg.ledger for mode, leg in report.legs.items() if leg.ledger is not None}
    if not books:
        return Section("Operations at one point")
    head = ("mode", "", "add", "mul", "div", "call", "compare", "total", "× f")
    rows: list[Cells] = []
    for written in (whole, rounded):  # rounded where the table would be too wide
        value = next(iter(books.values())).value
        rows = [_costs(written, "f", "value", value, value)]
        for mode, book in books.items():
            rows += _book(written, report.legs[mode], book)
        if spread([head, *rows]) <= WIDTH:
            break
    lines = ("Counts, never weighted. Specialised: the Jacobian as one program, zeros dropped.",)
    return Section("Operations at one point", head, tuple(rows), "llrrrrrrr", (), lines)


def _book(written: Written, leg: Leg, book: Ledger) -> list[Cells]:
    """The costs of a mode, those that are nothing left out."""
    swept = leg.derivative is not None and bool(leg.derivative.seeds)
    one, many = ("pass", "passes") if swept else ("evaluation of f", "evaluations of f")
    each = f"one {one}" if leg.passes == 1 else f"one of {leg.passes or 0:,} {many}"
    parts = [
        ("shared by all passes", book.shared),
        (each, book.per_pass),
        ("in all, f included", book.total),
        ("specialised", book.specialised if book.specialised != book.total else None),
        ("the same, f included", book.joint if book.joint != book.total else None),
    ]
    named = [(part, cost) for part, cost in parts if cost is not None and cost.total]
    named = named or [("in all, f included", book.total)]
    modes = (leg.mode, *[""] * len(named))
    return [
        _costs(written, mode, *row, book.value) for mode, row in zip(modes, named, strict=False)
    ]


def _costs(written: Written, mode: str, part: str, cost: Cost, value: Cost) -> Cells:
    counts = tuple(written(count) if count else "·" for count in cost.counts)
    return (mode, part, *counts, written(cost.total), ratio(cost.total, value.total))


def effort(report: Report) -> Section:
    rows = [_leg_effort(leg) for leg in report.legs.values() if leg.derivative is not None]
    head = ("mode", "passes", "time\nto derive", "time\nper point", "memory", "relative\nerror")
    approximate = any(mode not in EXACT for mode in report.legs)
    lines = (
        "Passes of differences are evaluations of f. " * approximate
        + "Error: the worst entry, against high precision.",
        f"Memory: peak of the live values, predicted; f alone {bytes_text(report.memory)}.",
        *_scratch(report.legs.values()),
    )
    return Section("Passes, time, accuracy", head, tuple(rows), "lrrrrr", (), lines if rows else ())


def _scratch(legs: Iterable[Leg]) -> Iterator[str]:
    """What layers take beside these, where there are any."""
    found = [f"{leg.mode} {bytes_text(leg.scratch)}" for leg in legs if leg.scratch]
    if found:
        yield f"A layer takes beside these, while it works, at most: {', '.join(found)}."


def _leg_effort(leg: Leg) -> Cells:
    times = [NONE if t is None else seconds(t) for t in (leg.seconds_once, leg.seconds_point)]
    passes = NONE if leg.passes is None else whole(leg.passes)
    memory = NONE if leg.memory is None else bytes_text(leg.memory)
    return (leg.mode, passes, *times, memory, NONE if leg.error is None else number(leg.error, 2))


def swell_section(
    swell: Swell, declined: Mapping[str, str] | None = None, arrays: bool = False
) -> Section:
    """How far the derivatives swell, as trees and as shared graphs."""
    head = ("", "as a tree", "× f", "shared", "× f")
    rows: list[Cells] = [("f", whole(swell.f.tree), "1", whole(swell.f.dag), "1")]
    rows += [_sizes(mode, found, swell.f) for mode, found in swell.derivatives.items()]
    for mode in declined or {}:
        rows.append((mode, "not built", "", "", ""))
    same = "the same" if swell.predicted else "textbook"
    counted = {
        "by the textbook's rules": swell.predicted,
        f"{same}, 0s and 1s kept": swell.unfolded,
    }
    for rules, tree in counted.items():
        if tree:
            rows.append((rules, whole(tree), ratio(tree, swell.f.tree), NONE, NONE))
    lines = ["Nodes of the Jacobian: every use written out, and every distinct subexpression once."]
    if arrays or swell.basis != "scalars":
        lines.append(_BASES[swell.basis])
    if swell.sympy_ops:
        labels = {"f": "f", "raw": "its derivative", "cse": "the same after cse"}
        counts = [f"{labels.get(key, key)} {whole(n)}" for key, n in swell.sympy_ops.items()]
        lines.append(f"SymPy's count_ops: {', '.join(counts)}.")
    return Section("Expression swell", head, tuple(rows), "lrrrr", (), tuple(lines))


def granularity_section(grains: Sequence[Grain]) -> Section:
    """The same derivatives as layers, as array operations, as numbers."""
    head = ("level", "nodes", "f", "mode", "passes", "shared", "one pass", "memory")
    rows: list[Cells] = []
    for grain in grains:
        nodes = NONE if grain.nodes is None else whole(grain.nodes)
        first: Cells = (grain.level, nodes, whole(grain.f.total))
        for mode, passes in grain.passes.items():
            costs = (whole(cost[mode].total) for cost in (grain.shared, grain.per_pass))
            memory = bytes_text(grain.memory[mode]) if grain.memory else NONE
            rows.append((*first, mode, whole(passes), *costs, memory))
            first = ("", "", "")
    lines = [f"{g.level}: counted, not built. {clean(g.declined)}" for g in grains if g.declined]
    lines = [*lines, "f, shared, one pass: operations."] if rows else []
    return Section("Granularity", head, tuple(rows), "lrrlrrrr", (), tuple(lines))


def checkpoints_section(rows: Sequence[Checkpoints], plain: int) -> Section:
    """Reverse mode with few stored states."""
    head = ("stored", "stages again", "operations", "× fewest", "memory", "× plain")
    fewest = min((row.operations.total for row in rows), default=0)
    cells = tuple(
        (
            whole(row.stored), whole(row.again), whole(row.operations.total),
            ratio(row.operations.total, fewest), bytes_text(row.memory), ratio(row.memory, plain),
        )
        for row in rows
    )  # fmt: skip
    lines = (f"Reverse mode that stores all it needs takes {bytes_text(plain)}.",)
    return Section("Checkpointing", head, cells, "rrrrrr", (), lines)


def _sizes(mode: str, found: Sizes, f: Sizes) -> Cells:
    tree, dag = found.tree, found.dag
    return mode, whole(tree), ratio(tree, f.tree), whole(dag), ratio(dag, f.dag)
