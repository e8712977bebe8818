"""Reports as text and Markdown."""

import dataclasses
import re
import unicodedata

import pytest
import sympy

import diffcompare as dc
from diffcompare.measure.agreement import Agreement, Pair
from diffcompare.measure.swell import Sizes, Swell
from diffcompare.render.table import report_markdown, report_text, swell_text

CASES = ("lecture", "edges", "outputs", "swelling", "inputs", "constant", "names", "arrays")


def columns(line: str) -> int:
    shown = [c for c in line if unicodedata.category(c) not in ("Mn", "Me", "Cf")]
    return len(shown) + sum(unicodedata.east_asian_width(c) in "WF" for c in shown)


def row(text: str, *start: str) -> list[str]:
    """The cells of the first line that begins so."""
    pattern = r"\s+".join(map(re.escape, start))
    line = next(line for line in text.splitlines() if re.match(r"\s*" + pattern, line))
    return re.split(r"\s{2,}", line.strip())


@pytest.mark.parametrize("case", CASES)
def test_width(reports, case):
    for line in report_text(reports[case]).splitlines():
        assert columns(line) <= 100
        assert line.isprintable()
        assert line == line.rstrip()


def test_what_the_lecture_report_says(reports):
    report = reports["lecture"]
    text = report_text(report)
    assert "  y = log(x1) + x1*x2 - sin(x2)\n  at x1 = 2, x2 = 5\n  y = 11.6520714552231\n" in text
    assert row(text, "∂y/∂x1", "5.5")[1:4] == ["5.5", "5.5", "5.5"]
    assert row(text, "∂y/∂x2", "1.7")[1:4] == ["1.71633781453677"] * 3
    assert "∂y/∂x1 = x2 + 1/x1" in text
    assert "All modes agree." in text
    # f has two additions, a multiplication and two calls; a row of counts ends with their total.
    assert row(text, "f", "value") == ["f", "value", "2", "1", "·", "2", "·", "5", "1"]
    for mode in ("forward", "reverse"):
        ledger = report[mode].ledger
        counts = [str(n) if n else "·" for n in ledger.shared.counts]
        assert row(text, mode, "shared")[2:7] == counts
        lines = text[text.index(f"\n  {mode}   ") :]
        passes = report[mode].passes
        total = ledger.value.total + ledger.shared.total + passes * ledger.per_pass.total
        assert row(lines, "in all, f included")[-2] == str(total)
    assert row(text, "reverse", "1")[:2] == ["reverse", "1"]
    assert row(text, "f", "9")[1:4] == ["9", "1", "7"]  # log x1 x1*x2 sin x2 and two sums


def test_order_of_sections(reports):
    titles = [
        line for line in report_text(reports["edges"]).splitlines() if line and line[0] != " "
    ]
    assert titles == [
        "Function", "Derivatives", "Agreement", "Operations at one point", "Passes, time, accuracy",
        "Expression swell", "Where f is not smooth", "Advice",
    ]  # fmt: skip


def test_edges_are_named(reports):
    text = report_text(reports["edges"])
    assert row(text, "kink", "v4") == ["kink", "v4", "relu(v1)"]
    assert row(text, "undefined") == ["undefined", "v9", "v6/v1"]
    assert "not compared, the point is on a jump at v2." in text


def test_a_mode_that_was_declined(reports):
    text = report_text(reports["swelling"])
    assert (
        "symbolic: not run. the symbolic derivative needs a tree of at most 5,000,000 nodes" in text
    )
    assert row(text, "symbolic", "not built")
    tree = reports["swelling"].swell.predicted
    assert f"({len(str(tree))} digits)" in text
    assert row(text, "∂l59/∂x")[1] == "–"


def test_many_entries_are_counted(reports):
    text = report_text(reports["inputs"])
    assert sum(line.startswith("  ∂y/∂x") and "=" not in line for line in text.splitlines()) == 11
    assert "… 50 more" in text


def changed(report, **pair):
    base = Pair(("forward", "reverse"), ("y", "x1"), 1e-9, 2e-10, 9e5, 1e-12, False)
    return dataclasses.replace(report, agreement=Agreement((dataclasses.replace(base, **pair),)))


def test_disagreement_is_loud(reports):
    report = reports["lecture"]
    text = report_text(changed(report))
    assert "THE MODES DISAGREE." in text
    assert row(text, "forward and reverse")[1:] == [
        "∂y/∂x1",
        "1e-9",
        "2e-10",
        "9e5",
        "1e-12",
        "DISAGREE",
    ]
    assert "The exact modes agree; differences do not." in report_text(changed(report, exact=False))


def test_what_proves_nothing_says_so(reports):
    text = report_text(
        changed(reports["lecture"], ok=True, relative=1.0, tolerance=1e9, exact=False)
    )
    assert row(text, "forward and reverse")[-1] == "too rough to tell"


def test_skipped_entries_are_told(reports):
    skipped = tuple(("y", f"x{k}", "removable") for k in range(3))
    text = report_text(changed(reports["lecture"], ok=True, skipped=skipped))
    assert "forward and reverse: ∂y/∂x0 and 2 more not compared, removable." in text


def test_text_from_outside_is_one_printable_line(reports, nasty):
    names = tuple(nasty.inputs)[:2]
    report = dataclasses.replace(
        reports["lecture"], source="a\x00b\t\x1b[31m" * 200, outputs=("\x1b[2J" * 99,), wrt=names,
        advice="\x07" * 300, point=dict.fromkeys(nasty.inputs, float("nan")),
    )  # fmt: skip
    text = report_text(report)
    assert text.replace("\n", "").isprintable()
    assert max(map(columns, text.splitlines())) <= 100


def test_swell_of_huge_trees():
    swell = Swell(Sizes(5, 4), {"reverse": Sizes(10**5000, 12)}, 3**20000, 3**20001)
    text = swell_text(swell, {"symbolic": "it needs less"})
    assert row(text, "reverse") == ["reverse", "1.000e5000 (5,001 digits)", "2.000e4999", "12", "3"]
    assert "symbolic: not built. it needs less" in text
    assert max(map(columns, text.splitlines())) <= 100


def test_swell_of_a_network_that_is_counted():
    text = swell_text(Swell(Sizes(10**13, 908_605), {}, None, 10**20, basis="counted"))
    assert row(text, "textbook, 0s and 1s kept")[1] == "1.000e20 (21 digits)"
    assert "counted layer by layer, not written out" in text


@pytest.mark.parametrize("case", CASES)
def test_markdown_tables_have_whole_rows(reports, case):
    text = report_markdown(reports[case])
    for table in re.findall(r"(?:^\|.*\|\n?)+", text, re.MULTILINE):
        counts = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(counts) == 1


def test_markdown_escapes(reports):
    report = dataclasses.replace(reports["lecture"], wrt=("a|b", "<b>*x*"), advice="# [x](y) `z`")
    text = report_markdown(report)
    assert r"a\|b" in text
    assert r"\<b\>\*x\*" in text
    assert "\n\\# \\[x\\](y) \\`z\\`" in text


def test_the_gallery_line(reports):
    case = dc.read_case('title = "A product"\nformula = "x*y"\n[point]\nx = 2\ny = 5')
    line = dc.gallery_line(case, reports["lecture"])
    assert len(line) <= 100
    assert re.search(r"agree\s+error \S+\s+A product$", line)


def test_modes_without_a_digit_do_not_agree():
    text = report_text(dc.compare("x + 1e20*x - 1e20*x", at={"x": 1}))
    assert "All modes agree." not in text
    assert "rounding leaves entries without a digit" in text


def test_each_formula_of_a_list_has_its_output():
    x, y = sympy.symbols("x y")
    assert "  f0 = x*y\n  f1 = sin(x)\n" in report_text(
        dc.compare([x * y, sympy.sin(x)], at={"x": 1, "y": 2})
    )


def test_what_was_compared_is_said():
    """Outside the domain of log only forward and reverse can be held against each other."""
    report = dc.compare("log(x)", at={"x": -1})
    assert "1 of 4 pairs compared: it agrees." in report_text(report)
    assert "All modes agree." not in report_text(report)
    assert repr(report).endswith("central differences; 1 of 4 pairs compared, agree)")
    kink = dc.compare("abs(x)", at={"x": 0}, modes=["reverse", "central differences"])
    assert "Nothing could be compared." in report_text(kink)
    alone = dc.compare("x*y", at={"x": 1, "y": 2}, modes="forward")
    assert repr(alone) == "Report(1 by 2: forward, nothing to compare)"


def test_vector_is_explained_where_there_is_one():
    point = {"x": 1, "y": 2}
    for goal, told in (("gradient", True), ("hessian", False), ("hvp", False)):
        text = dc.decision_text(dc.decide("x**2*y", point, goal))
        assert ("Vector: one program" in text) is told
        assert "To make: nodes" in text
