"""A layer at a point: its graph as one node, the graph of its scalar expansion, and their sweeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.modes.derivative import Sweep, flat
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.ops.choice import where
from diffcompare.ops.op import Guarded, Op, Shape
from diffcompare.ops.operand import ZERO


@dataclass(frozen=True)
class Case:
    """A layer at a point; `wrt` are the slots it is differentiated by."""

    op: Op
    x: tuple[np.ndarray, ...]
    wrt: tuple[int, ...]

    @cached_property
    def shapes(self) -> list[Shape]:
        return [x.shape for x in self.x]

    @cached_property
    def layer(self) -> Graph:
        """The layer as one node."""
        graph = Graph.empty()
        inputs = [Variable.input(graph, f"x{k}", shape) for k, shape in enumerate(self.shapes)]
        graph.outputs = (self.op(*inputs).index,)
        return graph

    @cached_property
    def scalar(self) -> Graph:
        """The layer as its scalar operations, with an input for each number."""
        return expansion(self.op, self.shapes)

    @cached_property
    def wrt_layer(self) -> tuple[str, ...]:
        return tuple(f"x{slot}" for slot in self.wrt)

    @cached_property
    def wrt_scalar(self) -> tuple[str, ...]:
        return tuple(f"x{slot}_{k}" for slot in self.wrt for k in range(self.x[slot].size))

    @cached_property
    def forward(self) -> tuple[Sweep, Sweep]:
        """Of the layer and of its expansion."""
        return tangent_graph(self.layer, self.wrt_layer), tangent_graph(
            self.scalar, self.wrt_scalar
        )

    @cached_property
    def reverse(self) -> tuple[Sweep, Sweep]:
        """Of the layer and of its expansion."""
        return adjoint_graph(self.layer, self.wrt_layer), adjoint_graph(
            self.scalar, self.wrt_scalar
        )

    @cached_property
    def y(self) -> Any:
        return value(self.op, self.x)

    @cached_property
    def x_dot(self) -> tuple[Any, ...]:
        """A tangent of each argument, `ZERO` where it is not differentiated."""
        return tuple(
            random(x.shape, 100 + slot) if slot in self.wrt else ZERO
            for slot, x in enumerate(self.x)
        )

    @cached_property
    def y_bar(self) -> Any:
        return random(np.shape(self.y), 200)

    @cached_property
    def wanted(self) -> list[bool]:
        return [slot in self.wrt for slot in range(len(self.x))]

    @cached_property
    def shares(self) -> list[Any]:
        """The adjoint of each argument, by the rule on arrays."""
        with np.errstate(all="ignore"):
            return adjoints(self.op, self.y, self.x, self.y_bar, self.wanted)

    def __str__(self) -> str:
        shapes = "-".join("x".join(map(str, shape)) for shape in self.shapes)
        return f"{self.op!r}-{shapes}"


def case(
    op: Op, *shapes: Shape, wrt: Sequence[int] | None = None, x: Sequence[Any] | None = None
) -> Case:
    """A layer at a random point without ties, or at the point `x`."""
    arrays = [random(s, k) for k, s in enumerate(shapes)] if x is None else x
    slots = range(len(arrays)) if wrt is None else wrt
    return Case(op, tuple(frozen(a) for a in arrays), tuple(slots))


def random(shape: Shape, seed: int) -> np.ndarray:
    return np.asarray(np.random.default_rng(seed).normal(size=shape))


def frozen(array: Any) -> np.ndarray:
    """A copy that nothing can write to."""
    copy = np.array(array, dtype=float)
    copy.flags.writeable = False
    return copy


def value(op: Op, x: Sequence[Any]) -> Any:
    with np.errstate(all="ignore"):
        return op.value(*x)


def adjoints(op: Op, y: Any, x: Sequence[Any], y_bar: Any, wanted: Sequence[bool]) -> list[Any]:
    shares = op.vjp(y, x, y_bar, wanted)
    return [settled(s) if want else ZERO for s, want in zip(shares, wanted, strict=True)]


def settled(share: Any) -> Any:
    if isinstance(share, Guarded):
        inner = settled(share.value)
        return where(share.condition, *((inner, 0.0) if share.holds else (0.0, inner)))
    return share


def expansion(op: Op, shapes: Sequence[Shape]) -> Graph:
    """The graph of `op.expand`, its outputs the entries in row-major order."""
    graph = Graph.empty()
    args = []
    for slot, shape in enumerate(shapes):
        entries = np.empty(shape, dtype=object)
        for k, place in enumerate(np.ndindex(shape)):
            entries[place] = Variable.input(graph, f"x{slot}_{k}")
        args.append(entries)
    result = np.asarray(op.expand(*args), dtype=object)
    assert result.shape == op.shape(shapes), (op, result.shape)
    handles = [
        v if isinstance(v, Variable) else Variable.constant(graph, v) for v in result.ravel()
    ]
    assert not any(handle.shape for handle in handles), op
    graph.outputs = tuple([handle.index for handle in handles])
    return graph


def split(shapes: Sequence[Shape], numbers: np.ndarray) -> list[Any]:
    """A vector of numbers as arrays of the given shapes."""
    result, start = [], 0
    for shape in shapes:
        stop = start + int(np.prod(shape))
        result.append(numbers[start:stop].reshape(shape)[()])
        start = stop
    assert start == len(numbers)
    return result


def evaluated(graph: Graph, point: np.ndarray) -> np.ndarray:
    """All outputs at a point, both as vectors."""
    shapes = [graph.shapes[i] for i in graph.inputs.values()]
    values = graph.evaluate(dict(zip(graph.inputs, split(shapes, point), strict=True)))
    return flat([values[i] for i in graph.outputs])


def swept(derivative: Sweep, point: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The results of one pass with all seeds at once, all as vectors."""
    primal, graph = derivative.primal, derivative.graph
    shapes = [primal.shapes[i] for i in primal.inputs.values()]
    inputs = dict(zip(primal.inputs, split(shapes, point), strict=True))
    prepared = derivative.prepare(inputs, primal.evaluate(inputs))
    seeded = split([graph.shapes[graph.inputs[name]] for name in derivative.seeds], seeds)
    results = derivative.run(dict(zip(derivative.seeds, seeded, strict=True)), prepared)
    forward = derivative.mode == "forward"
    nodes = primal.outputs if forward else [primal.inputs[name] for name in derivative.wrt]
    filled = [
        np.broadcast_to(0.0 if r is ZERO else r, primal.shapes[node])
        for r, node in zip(results, nodes, strict=True)
    ]
    return flat(filled)


def strays(sweep: Sweep, x: Sequence[Any]) -> set[tuple[str, str]]:
    """Nodes of a sweep in single precision that are neither float32 nor an index."""
    graph, ends = sweep.primal, [sweep.graph.inputs[seed] for seed in sweep.seeds]
    shapes = [graph.shapes[i] for i in graph.inputs.values()]
    point = dict(zip(graph.inputs, split(shapes, flat(x).astype(np.float32)), strict=True))
    seeds = {
        seed: np.float32(random(sweep.graph.shapes[i], 400))
        for seed, i in zip(sweep.seeds, ends, strict=True)
    }
    prepared = sweep.prepare(point, graph.evaluate(point))
    values = sweep.graph.evaluate(seeds, start=prepared)
    types = zip(sweep.graph.ops, (np.asarray(v).dtype for v in values), strict=True)
    return {
        (op.name, kind.name) for op, kind in types if kind != np.float32 and kind.kind not in "iu"
    }
