"""Graphs with arrays on their edges as programs of NumPy calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter, methodcaller
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.walks import Args, Walks
from diffcompare.ops.layers.kernels.pooling import pooled
from diffcompare.ops.layers.windows import times
from diffcompare.ops.leaf import Constant, Input
from diffcompare.ops.moves import Broadcast
from diffcompare.ops.op import Op, Shape
from diffcompare.ops.precision import precision
from diffcompare.run.reuse import Kernel, keep_memory, over, overwritable

KERNELS: Final[dict[str, Callable[[Any], Kernel]]] = {
    "slice": lambda op: itemgetter(op.where),
    "reshape": lambda op: methodcaller("reshape", op.to) if op.to else op.value,
    "transpose": lambda op: methodcaller("transpose", op.axes),
    "matmul": lambda op: np.matmul,
}
"""By op, a call that does what its value does, with what it takes made ready."""


PAIRS: Final[dict[tuple[str, str], Callable[[Any], Kernel]]] = {
    ("max_pool_index", "pool_select"): lambda op: partial(pooled, op.windows),
}
"""By an op, and one with the same settings that reads its arguments and then it: both in one call."""
OWN: Final = frozenset({
    "matmul", "dense", "conv2d", "conv2d_input", "conv2d_weight", "pool_select", "pool_route",
    "avg_pool_spread", "concat",
})  # fmt: skip
"""Beside ufuncs, ops whose results share memory with nothing else."""


class Step(NamedTuple):
    """One call.

    Attributes
    ----------
    node : int
    kernel : callable
    args : tuple of int
        The nodes that it reads.
    gone : list of int
        Those of them that nothing reads later.
    free : list of int
        The slots of those whose memory it may write over.
    """

    node: int
    kernel: Kernel
    args: Args
    gone: Sequence[int] = ()
    free: Sequence[int] = ()


def array_function(graph: Graph) -> Callable[..., tuple[Any, ...]]:
    """The outputs of a graph as a function of its inputs, numbers or arrays.

    Each op's value is called straight away, and lets go of what it read last. Broadcasts that
    NumPy's own arithmetic makes anyway are left to it. Functions of single entries write over an
    argument that nothing needs any more; the first call with arguments of some types finds where.

    Examples
    --------
    >>> import diffcompare as dc
    >>> array_function(dc.parse("sum(x*x)", shapes={"x": (2,)}))(np.array([3.0, 4.0]))
    (np.float64(25.0),)
    """
    keep_memory()
    places, outputs, steps = list(graph.inputs.values()), graph.outputs, _steps(graph)
    shapes = {name: graph.shapes[i] for name, i in graph.inputs.items()}
    numbers = {i: op.number for i, op in enumerate(graph.ops) if isinstance(op, Constant)}
    plans: dict[Any, tuple[list[Any], list[Step]]] = {}

    def function(*x: Any) -> tuple[Any, ...]:
        kind = precision(x)  # of constants: they must not widen what they meet
        given = [v if hasattr(v, "reshape") else _read(v, kind) for v in x]
        key = (kind, *[(v.dtype, v.shape) for v in given])
        start, plan = plans.get(key, (None, steps))
        if start is None:
            _check(given, shapes)
            start = [kind(numbers[i]) if i in numbers else None for i in range(len(graph.ops))]
        values = start.copy()
        for place, value in zip(places, given, strict=True):
            values[place] = value
        with np.errstate(all="ignore"):
            if plan is steps:
                plans[key] = start, [_planned(step, values) for step in steps]
            else:
                _run(plan, values)
        return tuple([values[i] for i in outputs])

    return function


def _check(x: Sequence[Any], shapes: Mapping[str, Shape]) -> None:
    """Refuse an array of another shape: what depends on it is in the graph."""
    for value, (name, shape) in zip(x, shapes.items(), strict=True):
        if value.shape != shape:
            need = f"{name} {times(*shape)}" if shape else f"{name} as one number"
            raise DiffcompareError(
                "shape", "a program", need=need, got=times(*value.shape) or "a number"
            )


def _read(value: Any, kind: Any) -> Any:
    """A number, or a list of them, of a kind."""
    if value is None:  # NumPy would make it a nan
        raise TypeError("no number")
    return np.asarray(value, kind)[()]


def _run(steps: Iterable[Step], values: list[Any]) -> None:
    for node, kernel, args, gone, _ in steps:
        if len(args) == 2:  # unpacked: faster than a list of any length
            values[node] = kernel(values[args[0]], values[args[1]])
        elif len(args) == 1:
            values[node] = kernel(values[args[0]])
        else:
            values[node] = kernel(*[values[a] for a in args])
        for arg in gone:
            values[arg] = None


def _planned(step: Step, values: list[Any]) -> Step:
    """What the step is from now on, after it is done as it is."""
    x = [values[a] for a in step.args]
    _run([step._replace(gone=())], values)
    kernel = over(step.kernel, step.free, x, values[step.node])
    for arg in step.gone:
        values[arg] = None
    return step._replace(kernel=kernel)


def _steps(graph: Graph) -> list[Step]:
    """What is to be done, in order."""
    reads = _Reads(graph)
    alive = reads.live(graph.outputs)
    last = list(range(len(graph.ops)))
    for index, args in enumerate(reads.args):
        if alive[index]:
            for arg in args:
                last[arg] = index
    kept = {*graph.outputs, *graph.inputs.values()}
    kernels = {
        i: _kernel(op, len(args))
        for i, (op, args) in enumerate(zip(graph.ops, reads.args, strict=True))
        if alive[i] and not isinstance(op, Constant | Input)
    }
    ufuncs = {i for i, kernel in kernels.items() if isinstance(kernel, np.ufunc)}
    own = ufuncs | {i for i in kernels if graph.ops[i].name in OWN}
    free = overwritable(reads.args, alive, own, kept)
    steps = {}
    for i, kernel in kernels.items():
        gone = [a for a in dict.fromkeys(reads.args[i]) if last[a] == i and a not in kept]
        gone = [a for a in gone if not isinstance(graph.ops[a], Constant)]
        steps[i] = Step(i, kernel, reads.args[i], gone, free[i] if i in ufuncs else ())
    return _paired(graph, steps)


def _paired(graph: Graph, steps: dict[int, Step]) -> list[Step]:
    """The steps in order, with one call in place of two where `PAIRS` has one."""
    seconds: dict[int, int] = {}
    for i, step in steps.items():
        first = step.args[-1] if step.args else i
        one, two = graph.ops[first], graph.ops[i]
        known = (one.name, two.name) in PAIRS and step.args[:-1] == graph.args[first]
        if known and one.options() == two.options():
            seconds[first] = i
    done, found = set(seconds.values()), []
    for i, step in steps.items():
        if i in seconds:
            both = PAIRS[graph.ops[i].name, graph.ops[seconds[i]].name](graph.ops[i])
            found.append(Step(i, both, step.args))
            found.append(Step(seconds[i], itemgetter(1), (i,)))
            found.append(Step(i, itemgetter(0), (i,), steps[seconds[i]].gone))
        elif i not in done:
            found.append(step)
    return found


class _Reads(Walks):
    """What each node reads: of a broadcast beside an array of the full shape, what is broadcast."""

    def __init__(self, graph: Graph) -> None:
        self.args: list[Args] = [
            self._through(graph, args) if op.elementwise and op.kind != "select" else args
            for op, args in zip(graph.ops, graph.args, strict=True)
        ]

    @staticmethod
    def _through(graph: Graph, args: Args) -> Args:
        spread = [isinstance(graph.ops[arg], Broadcast) for arg in args]
        if all(spread) or not any(spread):
            return args
        found = list(args)
        for slot in range(len(args)):
            while isinstance(graph.ops[found[slot]], Broadcast):
                (found[slot],) = graph.args[found[slot]]
        return tuple(found)


def _kernel(op: Op, count: int) -> Kernel:
    ufunc = getattr(op, "ufunc", None)
    if isinstance(ufunc, np.ufunc) and ufunc.nin == count:
        return ufunc
    return KERNELS[op.name](op) if op.name in KERNELS else op.value
