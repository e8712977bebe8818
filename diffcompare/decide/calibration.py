"""Seconds per operation on this machine, measured once and kept in the user's cache directory."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError
from diffcompare.files import write_atomic
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.measure.timing import fastest, once
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.symbolic import symbolic
from diffcompare.ops.arithmetic import add, div, mul
from diffcompare.ops.choice import abs_
from diffcompare.ops.cost import Cost
from diffcompare.ops.elementary import sin
from diffcompare.ops.layers.pool import max_pool2d
from diffcompare.ops.linalg import matmul
from diffcompare.run import program

_LENGTH, _SIDE = 200, 64
_VERSION: Final = 1


@dataclass(frozen=True)
class Calibration:
    """Seconds that programs take here.

    Attributes
    ----------
    call : float
        To call a program.
    add, mul, div, function, compare : float
        One operation on numbers.
    kernel, layer : float
        One operation on arrays, one layer, however small.
    flop : float
        One operation inside a product of matrices.
    node : float
        To make a node of a derivative and compile it.
    sympy : float
        To make a node of a derivative's tree by SymPy.
    """

    call: float
    add: float
    mul: float
    div: float
    function: float
    compare: float
    kernel: float
    layer: float
    flop: float
    node: float
    sympy: float

    def seconds(self, graph: Graph, operations: Cost) -> float:
        """Of one run of a graph's program, predicted from its counts."""
        if any(graph.shapes):
            plain = sum(1 for op, args in zip(graph.ops, graph.args, strict=True)
                        if args and (op.elementwise or op.kind == "linear"))  # fmt: skip
            layers = sum(map(bool, graph.args)) - plain
            steps = plain * self.kernel + layers * self.layer
            return self.call + steps + operations.total * self.flop
        called = sum(
            1 for op, args in zip(graph.ops, graph.args, strict=True)
            if args and op.source(len(args)) is None and op.source(2) is None
        )  # fmt: skip
        prices = (self.add, self.mul, self.div, self.function, self.compare)
        priced = zip(operations.counts, prices, strict=True)
        each = sum(count * price for count, price in priced)
        return self.call + each + called * self.layer  # what `math` has not, NumPy does


def calibrate() -> Calibration:
    """Measure this machine, in about a second, and keep the result.

    Raises
    ------
    DiffcompareError
        Where the cache directory cannot be written.
    """
    empty = _seconds(_chain(lambda x: x), 0.5)
    steps: dict[str, Callable[[Any], Any]] = {
        "add": lambda x: add(x, 1.0e-3),
        "mul": lambda x: mul(x, 1.0001),
        "div": lambda x: div(x, 1.0001),
        "function": sin,
        "compare": lambda x: abs_(x) + 1.0e-3,
    }
    found = {
        name: max(_seconds(_chain(step), 0.5) - empty, 0.0) / _LENGTH
        for name, step in steps.items()
    }
    found["compare"] = max(found["compare"] - found["add"], 0.0)
    kernel = _seconds(_chain(steps["add"], (2,)), np.ones(2))
    layer = _seconds(_chain(_layer, (1, 1, 3, 3), 20), np.ones((1, 1, 3, 3)))
    product = _seconds(_product(), np.ones((_SIDE, _SIDE)))
    result = Calibration(
        call=empty,
        **found,
        kernel=kernel / _LENGTH,
        layer=layer / 20,
        flop=product / (2 * _SIDE**3),
        node=_building(),
        sympy=_deriving(),
    )
    _folder()
    write_atomic(_path(), json.dumps(_stamped(result), indent=2) + "\n")
    return result


def calibration() -> Calibration | None:
    """What was measured on this machine, by this version of Python and NumPy; None without."""
    try:
        record = json.loads((_path()).read_text(encoding="utf-8"))
        numbers = {field.name: float(record[field.name]) for field in fields(Calibration)}
        if any(record[key] != value for key, value in _stamp().items()):
            return None
    except (OSError, ValueError, TypeError, KeyError):
        return None
    good = all(0 <= x < 1 for x in numbers.values())  # seconds; nan is not
    return Calibration(**numbers) if good else None


def _stamped(result: Calibration) -> dict[str, Any]:
    return {**_stamp(), **asdict(result)}


def _stamp() -> Mapping[str, str]:
    return {
        "version": str(_VERSION),
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "machine": f"{platform.node()} {platform.machine()}",
    }


def _path() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "diffcompare" / "calibration.json"


def _folder() -> Path:
    folder = _path().parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DiffcompareError("input", f"folder {str(folder)!r}", need="to be writable",
                               got=error.strerror or str(error)) from None  # fmt: skip
    return folder


def _chain(step: Callable[[Any], Any], shape: tuple[int, ...] = (), length: int = _LENGTH) -> Graph:
    """A step taken many times, as a program that nothing can be shared in."""
    graph = Graph.empty()
    x = Variable.input(graph, "x", shape)
    for _ in range(length):
        x = step(x)
    graph.outputs = (x.index,)
    return graph


def _layer(x: Any) -> Any:
    return max_pool2d(x, window=2, stride=1, pad=(0, 1, 0, 1))


def _product() -> Graph:
    graph = Graph.empty()
    x = Variable.input(graph, "x", (_SIDE, _SIDE))
    graph.outputs = (matmul(x, x).index,)
    return graph


def _building() -> float:
    graph = _chain(lambda x: mul(x, 1.0001))
    start = perf_counter()
    gradient = adjoint_graph(graph, ("x",))
    program.compile(gradient)
    return (perf_counter() - start) / len(gradient.graph.ops)


def _deriving() -> float:
    graph = _chain(sin, length=10)
    derivative, seconds = once(lambda: symbolic(graph, ("x",), Budget()))
    return seconds / derivative.predicted


def _seconds(graph: Graph, x: Any) -> float:
    return fastest(partial(program.compile(graph).function, x))
