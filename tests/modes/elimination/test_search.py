"""The search: the best known in a few thousand moves, seeds, limits, interruption.

For a minute of it: python benchmarks/elimination.py tests/data/elimination/*.txt
"""

from __future__ import annotations

import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.modes.elimination import orders
from diffcompare.modes.elimination import search as searching
from diffcompare.modes.elimination.edge_list import parse
from diffcompare.modes.elimination.insertion import Arrangement
from diffcompare.modes.elimination.linearise import linearise
from diffcompare.modes.elimination.linearised import Linearised
from diffcompare.modes.elimination.search import Found, Limits, search
from tests.building import logistic, product
from tests.modes.elimination.pieces import LIGHTHOUSE, plain_cost, published


@pytest.mark.parametrize(
    ("graph", "best"),
    [
        (published("RoeFlux_1d"), 295),
        (published("HumanHeartDipole"), 148),
        (published("RobotArm_6DOF"), 221),
        (published("PropaneCombustion"), 88),
        (published("g"), 409),
        (parse(LIGHTHOUSE), 14),
        (linearise(product(8)), 12),
    ],
    ids=[
        "RoeFlux_1d",
        "HumanHeartDipole",
        "RobotArm_6DOF",
        "PropaneCombustion",
        "random g",
        "Lighthouse",
        "Speelpenning 8",
    ],
)
def test_a_short_search_reaches_the_best_known(graph: Linearised, best: int) -> None:
    found = search(graph, Limits(moves=5_000), seed=1)
    assert found.cost == plain_cost(graph, found.order) <= best
    assert found.lower_bound <= found.cost


@pytest.mark.parametrize(
    ("name", "cost"), [("HumanHeartDipole", 148), ("RobotArm_6DOF", 221), ("PropaneCombustion", 88)]
)
def test_an_order_that_is_proved_ends_the_search(name: str, cost: int) -> None:
    found = search(published(name), Limits(moves=10**9))
    assert (found.cost, found.lower_bound, found.proved) == (cost, cost, True)


def test_the_same_seed_finds_the_same_order() -> None:
    graph = published("RoeFlux_1d")
    runs = [search(graph, Limits(moves=500), seed=seed) for seed in (3, 3, 4)]
    assert runs[0] == runs[1]
    assert runs[0].order != runs[2].order
    assert runs[0].moves == 500


def test_a_search_is_no_worse_than_the_orders_it_starts_from() -> None:
    graph = published("RoeFlux_1d")
    assert search(graph, Limits(moves=1)).cost <= orders.cost(graph, orders.reverse(graph))


def test_nothing_and_one_to_eliminate() -> None:
    assert search(parse("2 1 0\n0 1"), Limits(10)) == Found((), 0, 0, 0)
    assert search(linearise(logistic(1)), Limits(10)).order == ()
    assert search(parse("3 2 1\n0 1\n1 2\n1 0"), Limits(10)) == Found((1,), 1, 1, 0)


def test_seconds_stop_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(1000))
    monkeypatch.setattr(searching.time, "perf_counter", lambda: float(next(ticks)))
    assert search(parse(LIGHTHOUSE), Limits(moves=10**9, seconds=3)).moves == 2


def test_an_interrupted_search_returns_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    moves = iter(range(2000))
    honest = Arrangement.gaps

    def gaps(self: Arrangement, vertex: int) -> object:
        if next(moves) == 1500:
            raise KeyboardInterrupt
        return honest(self, vertex)

    graph = published("RoeFlux_1d")
    whole = search(graph, Limits(moves=1500))
    monkeypatch.setattr(Arrangement, "gaps", gaps)
    found = search(graph, Limits(moves=10**9))
    assert found.interrupted
    assert (found.order, found.cost, found.moves) == (whole.order, whole.cost, 1500)


def test_progress_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, int, float]] = []
    found = search(parse(LIGHTHOUSE), Limits(3000), progress=lambda *now: told.append(now))
    assert [moves for moves, _, _ in told] == [1024, 2048]
    assert all(found.cost <= best for _, best, _ in told)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"moves": 0}, "a search needs a positive number of moves, got 0"),
        ({"moves": 1.5}, "a search needs a positive number of moves, got 1.5"),
        ({"moves": True}, "a search needs a positive number of moves, got True"),
        ({"moves": 1, "seconds": 0}, "a search needs a positive number of seconds, got 0"),
        ({"moves": 1, "seconds": -1.0}, "a search needs a positive number of seconds, got -1.0"),
        ({"moves": 1, "seconds": float("nan")}, "a search needs a positive number of seconds, got nan"),
        ({"moves": 1, "seconds": "1"}, "a search needs a positive number of seconds, got '1'"),
    ],
)  # fmt: skip
def test_budgets_are_positive(given: dict[str, object], message: str) -> None:
    with pytest.raises(DiffcompareError) as caught:
        Limits(**given)  # type: ignore[arg-type]
    assert (caught.value.kind, str(caught.value)) == ("limit", message)
