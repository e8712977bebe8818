"""Binomial schedules against the recursion they solve, and simulated."""

from functools import cache
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

import diffcompare as dc
from diffcompare.modes.checkpointing.schedule import advances, plan


@cache
def fewest(stages, stored):
    """By trying every place for the next stored state."""
    if stages <= 1:
        return 0
    if stored == 1:
        return stages * (stages - 1) // 2
    return min(
        first + fewest(stages - first, stored - 1) + fewest(first, stored)
        for first in range(1, stages)
    )


def simulate(stages, stored):
    """Run a plan on positions; returns its evaluations and the states it held at most."""
    held, most, again, at = set(), 0, 0, 0
    reversed_ = []
    for kind, start, stop in plan(stages, stored):
        match kind:
            case "store":
                assert at == start
                held.add(start)
                most = max(most, len(held))
            case "drop":
                held.remove(start)
            case "restore":
                assert start in held
                at = start
            case "advance":
                assert at == start < stop
                again, at = again + stop - start, stop
            case "reverse":
                assert at == start
                reversed_.append(start)
    assert reversed_ == list(range(stages))[::-1]
    assert not held
    return again, most


@given(st.integers(1, 80), st.integers(1, 12))
def test_the_plan_is_the_best_there_is(stages, stored):
    again, most = simulate(stages, stored)
    assert again == advances(stages, stored) == fewest(stages, stored)
    assert most <= stored


@pytest.mark.parametrize(("stored", "repeats"), [(3, 2), (3, 5), (10, 3), (2, 20)])
def test_a_chain_of_binomial_length_repeats_no_stage_more_often(stored, repeats):
    """β(c, r) stages: r β(c, r) − β(c + 1, r − 1) evaluations (Griewank and Walther 2000)."""
    stages = comb(stored + repeats, stored)
    assert advances(stages, stored) == repeats * stages - comb(stored + repeats, stored + 1)


def test_a_long_chain():
    assert simulate(5000, 12)[1] == 12


@pytest.mark.parametrize("stored", [0, -1, 2.5])
def test_no_number_of_states(stored):
    with pytest.raises(dc.DiffcompareError, match="checkpointing needs 1 or more stored states"):
        list(plan(3, stored))
