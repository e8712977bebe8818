"""Edge lists: what is read, and what is refused, in one form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.modes.elimination.edge_list import parse, text
from diffcompare.modes.elimination.edge_list import read_edge_list as read
from tests.modes.elimination.pieces import LIGHTHOUSE, built, published
from tests.modes.elimination.unshared import propane, robot_arm, unshared

CHAIN = "3 2 1\n0 1\n1 2\n1 0\n"


def test_a_graph_is_read() -> None:
    graph = parse(LIGHTHOUSE)
    assert repr(graph) == "Linearised(12 vertices, 14 edges, 7 to eliminate)"
    assert graph.inner == (4, 5, 6, 7, 8, 9, 10)
    assert graph.kept == 1 << 10
    assert list(graph.edges)[:4] == [(0, 4), (1, 4), (4, 5), (0, 6)]


def test_published_sizes() -> None:
    assert repr(published("RoeFlux_1d")) == "Linearised(107 vertices, 177 edges, 98 to eliminate)"
    assert len(published("HumanHeartDipole").inner) == 78


def test_a_graph_is_written_and_read_back() -> None:
    assert text(parse(LIGHTHOUSE)).split() == LIGHTHOUSE.split()
    shuffled = built(5, [(3, 1), (1, 2), (2, 0), (0, 4)], [1, 2, 0], kept=[2])
    again = parse(text(shuffled))
    assert (list(again.edges), again.inner) == (list(shuffled.edges), shuffled.inner)
    assert again.kept == shuffled.kept


def test_the_files_are_the_graphs_of_the_formulas() -> None:
    assert text(published("RobotArm_6DOF")) == text(unshared(robot_arm, 6))
    assert text(published("PropaneCombustion")) == text(unshared(propane, 11))


def test_blank_lines_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "graph.txt"
    path.write_bytes(b"\n" + CHAIN.replace("\n", "\r\n\r\n").encode())
    assert list(read(path).edges) == [(0, 1), (1, 2)]
    assert read(str(path)).inner == (1,)


def test_the_order_of_the_file_is_forward() -> None:
    assert parse("5 4 3\n3 1\n1 2\n2 0\n0 4\n1 0\n2 0\n0 0\n").inner == (1, 2, 0)


REFUSED = [
    ("", "format", "an edge list needs a first line N E M, got the end of the text"),
    ("3 2", "format", "an edge list needs a first line N E M, whole numbers, got '3 2'"),
    ("3 2 1 0", "format", "an edge list needs a first line N E M, whole numbers, got '3 2 1 0'"),
    ("3 2.0 1", "format", "an edge list needs a first line N E M, whole numbers, got '3 2.0 1'"),
    ("3 -2 1", "format", "an edge list needs a first line N E M, whole numbers, got '3 -2 1'"),
    ("３ 2 1", "format", "an edge list needs a first line N E M, whole numbers, got '３ 2 1'"),
    ("9999999999 1 1", "format", "an edge list needs a first line N E M, whole numbers, got '9999999999 1 1'"),
    ("0 0 0", "format", "an edge list needs a vertex and an edge, or more, got 0 vertices and 0 edges"),
    ("2 0 0", "format", "an edge list needs a vertex and an edge, or more, got 2 vertices and 0 edges"),
    ("99999999 1 1", "limit", "an edge list needs at most 10,000 vertices, got 99,999,999"),
    ("3 999999999 1", "format", "an edge list needs 1,000,000,001 lines, as its first line says, got 1"),
    ("3 2 4\n", "format", "an edge list needs no more vertices to eliminate than there are, got 4 of 3"),
    ("3 2 1\n0 1\n1 2\n", "format", "an edge list needs 4 lines, as its first line says, got 3"),
    (CHAIN + "2 0\n", "format", "an edge list needs 4 lines, as its first line says, got 5"),
    ("3 2 1\n0 1\n1 3\n1 0", "format", "an edge list needs vertices from 0 to 2, got 3"),
    ("3 2 1\n0 1\n1 2\n3 0", "format", "an edge list needs vertices from 0 to 2, got 3"),
    ("3 2 1\n0 1\n1\n1 0", "format", "an edge list needs an edge a b, whole numbers, got '1'"),
    ("3 2 1\n0 1\n1 b\n1 0", "format", "an edge list needs an edge a b, whole numbers, got '1 b'"),
    ("3 2 1\n0 1\n0 1\n1 0", "format", "an edge list needs each edge once, got 0 1 again"),
    ("3 2 1\n0 1\n1 2\n1 2", "format", "an edge list needs o = 1 for an output, else 0, got 2"),
    ("4 3 2\n0 1\n1 2\n2 3\n1 0\n1 0", "format", "an edge list needs each vertex to eliminate once, got 1 again"),
    ("3 1 1\n1 1\n1 0", "graph", "an edge list needs edges without a cycle, got 1 → 1"),
    ("5 5 3\n0 1\n1 2\n2 3\n3 1\n3 4\n1 0\n2 0\n3 0", "graph", "an edge list needs edges without a cycle, got 1 → 2 → 3 → 1"),
    ("4 3 1\n0 1\n1 2\n2 3\n1 0", "graph", "an edge list needs every vertex between others among those to eliminate, got 2 left out"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "kind", "message"), REFUSED, ids=range(len(REFUSED)))
def test_refusals(given: str, kind: str, message: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        parse(given)
    assert (caught.value.kind, str(caught.value).splitlines()[0]) == (kind, message)


def test_a_refusal_shows_the_line() -> None:
    with pytest.raises(DiffcompareError) as caught:
        parse("3 2 1\n0 1\n\n  1 x\n1 0")
    assert str(caught.value).splitlines()[1:] == ["    1 x", "    ^^^"]
    assert caught.value.where is not None
    assert caught.value.where.line == 4


def test_a_long_cycle_is_cut() -> None:
    edges = "\n".join(f"{k} {(k + 1) % 300}" for k in range(300))
    inner = "\n".join(f"{k} 0" for k in range(300))
    with pytest.raises(DiffcompareError, match=r"got 0 → 1 → 2 → 3 → 4 → 5 → … → 0$"):
        parse(f"300 300 300\n{edges}\n{inner}")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(
        DiffcompareError, match="an edge list needs a file that can be read, got"
    ) as caught:
        read(tmp_path / "nowhere.txt")
    assert caught.value.kind == "input"
    with pytest.raises(DiffcompareError, match="an edge list needs a regular file"):
        read(tmp_path)
    with pytest.raises(DiffcompareError, match="an edge list needs a regular file"):
        read(os.devnull)


def test_reading_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("1 " * 4_000_001)
    with pytest.raises(DiffcompareError) as caught:
        read(path)
    assert caught.value.kind == "limit"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "bytes.txt"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DiffcompareError) as caught:
        read(path)
    assert caught.value.kind == "format"
