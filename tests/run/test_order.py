"""The order of instructions: all of them once, after what they read, and few results alive."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given

import diffcompare as dc
from diffcompare.run.batch import plan
from diffcompare.run.instructions import Instructions, instructions
from diffcompare.run.order import scheduled
from tests.building import graph_of, logistic
from tests.strategies import samples


def numbers(program: Instructions, known: dict[Any, int]) -> list[int]:
    """A number for each output, the same wherever the same is computed of the same."""
    found = [known.setdefault(register, len(known)) for register in range(program.first)]
    for turn, (name, args) in enumerate(zip(program.names, program.args, strict=True)):
        assert max(args) < program.first + turn
        what = (name, program.calls.get(turn), *[found[arg] for arg in args])
        found.append(known.setdefault(what, len(known)))
    return [found[register] for register in program.outputs]


@given(samples())
def test_the_same_is_computed(sample: Any) -> None:
    program, known = instructions(sample[0]), dict[Any, int]()
    found = scheduled(program)
    assert (found.inputs, found.constants) == (program.inputs, program.constants)
    assert len(found.names) <= len(program.names)
    assert numbers(found, known) == numbers(program, known)


def test_of_a_tree_no_order_keeps_fewer_alive() -> None:
    """Of a full binary tree of 2**k leaves that are read once k + 1 registers are needed (Sethi
    and Ullman 1970); level by level it would be all leaves at once."""
    names = [f"x{k}" for k in range(64)]

    def tree(*x: Any) -> Any:
        level = [dc.sin(leaf) for leaf in x]
        while len(level) > 1:
            level = [a * b for a, b in zip(level[::2], level[1::2], strict=True)]
        return level[0]

    program = instructions(graph_of(tree, *names))
    assert plan(program).floats >= 32
    assert plan(scheduled(program)).floats == 7


def test_a_sum_of_products_keeps_one_product() -> None:
    def products(*x: Any) -> Any:
        terms = [dc.sin(a) for a in x]
        return sum(terms[1:], terms[0])

    program = instructions(graph_of(products, *[f"x{k}" for k in range(30)]))
    assert plan(scheduled(program)).floats == 2


def test_a_deep_graph_and_one_without_operations() -> None:
    deep = instructions(logistic(5000))
    assert scheduled(deep).names == deep.names
    bare = instructions(graph_of(lambda x: (x, 2.5), "x"))
    assert scheduled(bare).outputs == bare.outputs


def test_an_order_changes_no_bit() -> None:
    gradient = dc.differentiate(
        dc.parse("log(x*y)*sin(x/y) + x*y*exp(x) + (x - y)/(x + y)"), "reverse"
    )
    rng = np.random.default_rng(0)
    at = [rng.uniform(0.5, 2.0, 300) for _ in range(2)]
    program = gradient.compile("python")
    values = program.graph.evaluate(dict(zip(program.inputs, at, strict=True)))
    for found, index in zip(program.batch(*at), program.graph.outputs, strict=True):
        np.testing.assert_array_equal(found, values[index])
