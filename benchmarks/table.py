"""Rows of figures as text and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.comparison import Figures, Row
from benchmarks.peers import OURS, PEERS
from benchmarks.tasks import Goal

THEMES = {
    "scalar": "gradients of six formulas",
    "random": "gradients of random graphs, 1 000, 10 000 and 100 000 operations",
    "deep": "the same of deep ones",
}
"""What rows of a group or family are called together."""
HEAD = ("", "build", "evaluation", "±", "ns/op", "gradient/f", "memory", "× ours")


def seconds(value: float | None) -> str:
    """Three digits and a unit.

    Examples
    --------
    >>> seconds(0.01234), seconds(2e-7), seconds(None)
    ('12.3 ms', '0.200 µs', '–')
    """
    if value is None:
        return "–"
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size or unit == "µs":
            return f"{digits(value / size)} {unit}"
    raise AssertionError


def digits(value: float | None) -> str:
    """Three significant ones, without an exponent.

    Examples
    --------
    >>> digits(0.0123), digits(1.2345), digits(123.4), digits(7400.0)
    ('0.0123', '1.23', '123', '7 400')
    """
    if value is None:
        return "–"
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    places = next((k for k in range(1, 6) if value >= 10 ** (2 - k)), 6)
    return f"{value:.{places}f}"


def text(row: Row) -> str:
    """A task: a line for each system, then one for each goal."""
    fastest = row.best(OURS, "evaluation")
    cells = [HEAD]
    lost = []
    for name, figures in row.figures.items():
        if figures.evaluation is not None:
            cells.append((name, *_cells(figures, row.operations, fastest)))
        else:
            lost.append(f"  {name}: {figures.lost}"[:100])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  " + line[0].ljust(widths[0]) + "".join(
            "  " + cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)
        )
        for line in cells
    ]  # fmt: skip
    title = f"{row.task.key}: {row.task.title}; f has {digits(float(row.operations))} operations"
    return "\n".join([title[:100], *lines, *lost, *(goal_line(row, g) for g in row.task.goals)])


def _cells(figures: Figures, operations: int, ours: tuple[str, float] | None) -> tuple[str, ...]:
    evaluation = figures.evaluation or 0.0
    return (
        seconds(figures.build),
        seconds(evaluation),
        f"{100 * (figures.spread or 0.0):.0f}%",
        digits(1e9 * evaluation / operations) if operations else "–",
        digits(figures.slope),
        "–" if figures.memory is None else f"{figures.memory / 2**20:.1f} MB",
        digits(evaluation / ours[1]) if ours else "–",
    )


def wanted(goal: Goal) -> str:
    """A goal as a bound.

    Examples
    --------
    >>> wanted(Goal(("native",), 0.3, ("CasADi buffered",))), wanted(Goal(("python",), 3e-3))
    ('≤ 0.3× CasADi buffered', '≤ 3.00 ms')
    """
    if not goal.peers:
        return f"≤ {goal.times:g}" if goal.of == "gradient/f" else f"≤ {seconds(goal.times)}"
    peers = "the best peer" if goal.peers == PEERS else " or ".join(goal.peers)
    return f"≤ {goal.times:g}× {peers}"


def measured(row: Row, goal: Goal) -> tuple[str, str]:
    """What came of it, and the verdict."""
    found, bound = row.outcome(goal), row.bound(goal)
    if found is None and bound and bound[2] <= goal.times:
        return f"< {digits(bound[2])}× ({bound[0]} : {bound[1]})", "reached"
    if found is None:
        return "–", f"not measured: {_missing(row, goal)}"
    ours, theirs, ratio = found
    by = f"{ours} : {theirs}" if theirs else ours
    plain = seconds(ratio) if not theirs and goal.of == "evaluation" else digits(ratio)
    shown = f"{plain}{'×' if theirs else ''} ({by})"
    missed = ratio / goal.times
    return shown, "reached" if missed <= 1 else f"missed by {missed:.2f}×"


def _missing(row: Row, goal: Goal) -> str:
    names = goal.ours if row.best(goal.ours, goal.of) is None else goal.peers
    told = [
        f"{name} {figures.lost}" if (figures := row.figures.get(name)) and figures.over else name
        for name in names
    ]
    return " or ".join(told) if len(told) < 3 else "none"


def goal_line(row: Row, goal: Goal) -> str:
    """One line under a task."""
    shown, verdict = measured(row, goal)
    return f"  {goal.of} {wanted(goal)}: {shown}, {verdict}"


def summary(rows: Sequence[Row]) -> str:
    """How many goals are reached, and the others."""
    goals = [(row, goal) for row in rows for goal in row.task.goals]
    verdicts = [measured(row, goal)[1] for row, goal in goals]
    known = [verdict for verdict in verdicts if not verdict.startswith("not")]
    head = f"{known.count('reached')} of {len(known)} goals reached, {len(goals) - len(known)} not measured"
    missed = [
        f"  {row.task.key}:{goal_line(row, goal)[1:]}"
        for (row, goal), verdict in zip(goals, verdicts, strict=True)
        if verdict.startswith("missed")
    ]
    return "\n".join([head, *missed])


def brief(rows: Sequence[Row]) -> list[str]:
    """The goals as a Markdown table, those of alike rows in one line, with the fastest peer."""
    lines = [_line(["work", "goal", "measured", "reached"]), _line(["---"] * 4)]
    themes: dict[str, list[Row]] = {}
    for row in rows:
        themes.setdefault(THEMES.get(row.task.family or row.task.group, row.task.title), []).append(
            row
        )
    for theme, alike in themes.items():
        for goal in dict.fromkeys(goal for row in alike for goal in row.task.goals):
            asked = [row for row in alike if goal in row.task.goals]
            shown, verdicts = zip(*(measured(row, goal) for row in asked), strict=True)
            told = f"{goal.of} {wanted(goal)}"
            lines.append(_line([theme, told, _together(shown), _verdict(verdicts)]))
            theme = ""  # noqa: PLW2901 - told once
    return lines


def _together(shown: Sequence[str]) -> str:
    """Figures of alike rows: each of a few, the range of many, and who it was where that is one."""
    figures, who = zip(*(cell.partition(" (")[::2] for cell in shown), strict=True)
    if len(figures) > 3:
        ordered = sorted(figures, key=lambda figure: float(figure.strip("<× ")))
        figures = (f"{ordered[0].strip('×')} … {ordered[-1]}",)
    same = f" ({who[0]}" if len(set(who)) == 1 and who[0] else ""
    return ", ".join(figures) + same


def _verdict(verdicts: Sequence[str]) -> str:
    """Whether all are reached; else what is missed, and what was not measured."""
    short = ["yes" if v == "reached" else v.split(":")[0].replace("missed", "no") for v in verdicts]
    return short[0] if len(set(short)) == 1 else ", ".join(short)


def markdown(rows: Sequence[Row], where: dict[str, str]) -> str:
    """Times of every system, then the goals, for a README."""
    shown = [
        name for name in dict.fromkeys(n for row in rows for n in row.figures)
        if any((f := row.figures.get(name)) and (f.evaluation or f.over) for row in rows)
    ]  # fmt: skip
    told = "; ".join(f"{name}: {value}" for name, value in where.items())
    lines = [f"{told}.", "", *brief(rows), "", _line(["one evaluation", *shown])]
    lines.append(_line(["---", *["---:"] * len(shown)]))
    for row in rows:
        lines.append(_line([row.task.title, *(_time(row.figures.get(name)) for name in shown)]))
    lines += ["", _line(["work", "goal", "measured", ""]), _line(["---"] * 4)]
    for row in rows:
        for goal in row.task.goals:
            told = f"{goal.of} {wanted(goal)}"
            lines.append(_line([row.task.title, told, *measured(row, goal)]))
    return "\n".join(lines) + "\n"


def _time(figures: Figures | None) -> str:
    if figures is None:
        return ""
    if figures.over:
        return f"{figures.lost} to build"
    return "" if figures.evaluation is None else seconds(figures.evaluation)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '∣') for cell in cells)} |"
