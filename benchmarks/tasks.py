"""The work that is compared, a row for each, and the goals that were set before it was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np

import diffcompare as dc
from benchmarks import graphs
from benchmarks.peers import CORE, PEERS
from benchmarks.peers.subject import Subject
from diffcompare.graph.graph import Graph

GROUPS: Final = ("scalar", "large", "batch", "layers", "jacobian", "swell")


@dataclass(frozen=True)
class Goal:
    """The fastest of `ours` at most so many `times` the fastest of `peers`; or so much by itself.

    Attributes
    ----------
    ours : tuple of str
    times : float
    peers : tuple of str
        None where it bounds our own figure.
    of : {"evaluation", "build", "gradient/f"}
    """

    ours: tuple[str, ...]
    times: float
    peers: tuple[str, ...] = ()
    of: str = "evaluation"


@dataclass(frozen=True)
class Task:
    """A row: what is done, to what, and how fast it was to be."""

    key: str
    title: str
    group: str
    kind: str
    make: Callable[[], Subject]
    goals: tuple[Goal, ...] = ()
    family: str = ""
    """Rows of one family grow: who is too slow for one is not asked for the next."""


def _numbers(graph: Graph) -> Subject:
    """At numbers in (0.5, 1.5), or below 1 where there is one alone."""
    count = len(graph.inputs)
    at = graphs.point(count) if count > 1 else [0.3]
    return Subject(graph, tuple(at), tuple(graph.inputs))


def formula(text: str) -> Subject:
    """A formula at a point."""
    return _numbers(dc.parse(text))


def _product() -> Subject:
    """Speelpenning's example."""
    return formula("*".join(f"x{k}" for k in range(12)))


def _columns(make: Callable[[], Graph]) -> Subject:
    """At 100 000 points."""
    graph = make()
    columns = graphs.points(len(graph.inputs), 100_000)
    return Subject(graph, tuple(columns), tuple(graph.inputs))


def _layer(formula: str, kind: Any = np.float64, **shapes: tuple[int, ...]) -> Subject:
    """At normal deviates, with a normal adjoint of the output."""
    graph = dc.parse(formula, shapes=shapes)
    rng = np.random.default_rng(0)
    point = {name: rng.standard_normal(shape).astype(kind) for name, shape in shapes.items()}
    adjoint = rng.standard_normal(graph.shapes[graph.outputs[0]]).astype(kind)
    return Subject(graph, tuple(point[name] for name in graph.inputs), tuple(graph.inputs), adjoint)


_LENET: Final = """
c1 = tanh(conv2d(image, w1) + b1)
c2 = tanh(conv2d(avg_pool2d(c1, window=2), w2) + b2)
f1 = tanh(dense(flatten(avg_pool2d(c2, window=2)), w3, b3))
f2 = tanh(dense(f1, w4, b4))
sum(softmax_log_loss(dense(f2, w5, b5), label)) / {n}
"""


def _lenet(n: int = 16) -> Subject:
    shapes = {
        "image": (n, 1, 32, 32), "label": (n,), "w1": (6, 1, 5, 5), "b1": (6, 1, 1),
        "w2": (16, 6, 5, 5), "b2": (16, 1, 1), "w3": (120, 400), "b3": (120,),
        "w4": (84, 120), "b4": (84,), "w5": (10, 84), "b5": (10,),
    }  # fmt: skip
    graph = dc.parse(_LENET.format(n=n), shapes=shapes)
    rng = np.random.default_rng(0)
    point = {name: 0.1 * rng.standard_normal(shape) for name, shape in shapes.items()}
    point["label"] = rng.integers(0, 10, n).astype(float)
    weights = tuple(name for name in graph.inputs if name not in ("image", "label"))
    return Subject(graph, tuple(point[name] for name in graph.inputs), weights)


def _dense(n: int = 100) -> Subject:
    """y = tanh(A x)."""
    graph = dc.parse("tanh(matmul(A, x))", shapes={"A": (n, n), "x": (n, 1)})
    rng = np.random.default_rng(0)
    point = {"A": rng.standard_normal((n, n)) / n, "x": rng.standard_normal((n, 1))}
    return Subject(graph, tuple(point[name] for name in graph.inputs), ("x",))


SYMPY, BUFFERED, NATIVE = ("SymPy", "SymPy cse"), ("CasADi buffered",), ("native",)
EAGER, JAX, TORCH = ("PyTorch", "autograd"), ("JAX jit",), ("PyTorch",)

FORMULA: Final = (
    Goal(CORE, 1.0, SYMPY), Goal(CORE, 0.1, JAX), Goal(CORE, 0.01, EAGER),
    Goal(NATIVE, 1.5, BUFFERED), Goal(NATIVE, 0.1, ("CasADi",)),
)  # fmt: skip
LARGE: Final = (
    Goal(NATIVE, 0.3, BUFFERED), Goal(NATIVE, 3.0, BUFFERED, "build"), Goal(NATIVE, 3.0, of="gradient/f"),
    Goal(CORE, 0.02, TORCH), Goal(CORE, 0.25, JAX),
)  # fmt: skip
BUILDING: Final = (Goal(CORE, 2.0, BUFFERED, "build"), Goal(CORE, 0.05, JAX, "build"))
LEVELS: Final = (Goal(("levels",), 1.0, BUFFERED),)
ARRAYS: Final = ("JAX jit", "PyTorch", "CasADi buffered")
BATCH: Final = (Goal(CORE, 0.65, ARRAYS), Goal(CORE, 0.65, PEERS), Goal(NATIVE, 0.2, PEERS))
SPARSE: Final = (
    Goal(CORE, 2.0, BUFFERED), Goal(NATIVE, 1.0, BUFFERED), Goal(CORE, 0.1, BUFFERED, "build"),
)  # fmt: skip


def _against(torch: float, jax: float | None = None) -> tuple[Goal, ...]:
    return (Goal(CORE, torch, TORCH), *((Goal(CORE, jax, JAX),) if jax else ()))


def _conv(x: tuple[int, ...], w: tuple[int, ...], settings: str, kind: Any = np.float64) -> Any:
    return partial(_layer, f"conv2d(x, w, {settings})", kind, x=x, w=w)


def _pool(settings: str) -> Any:
    return partial(_layer, f"max_pool2d(x, {settings})", x=(16, 32, 64, 64))


BIG, SMALL = ((16, 64, 56, 56), (64, 64, 3, 3)), ((8, 16, 64, 64), (32, 16, 3, 3))
RANDOM: Final = graphs.random_graph
DEEP: Final = partial(graphs.random_graph, deep=True)

# fmt: off
ROWS: Final = (
    #    key           title                                                   group       kind        subject                                                       goals
    Task("trace",      "log(x1) + x1*x2 - sin(x2)",                            "scalar",   "gradient", partial(formula, "log(x1) + x1*x2 - sin(x2)"),                   FORMULA),
    Task("lighthouse", "lighthouse, ν tan ωt / (γ - tan ωt)",                  "scalar",   "gradient", partial(formula, "n*tan(w*t) / (g + 3 - tan(w*t))"),             FORMULA),
    Task("neuron",     "neuron, 1 / (1 + exp(-(w·x + b)))",                    "scalar",   "gradient", partial(formula, "1 / (1 + exp(-(u*x + v*y + w*z + b)))"),       FORMULA),
    Task("product",    "product of 12",                                        "scalar",   "gradient", _product,                                                      FORMULA),
    Task("logistic",   "logistic, n = 8",                                      "scalar",   "gradient", lambda: _numbers(graphs.logistic(8)),                          FORMULA),
    Task("helmholtz",  "Helmholtz, n = 3",                                     "scalar",   "gradient", lambda: _numbers(graphs.helmholtz(3)),                         FORMULA),
    Task("random1k",   "random graph, 1 000 operations",                       "large",    "gradient", lambda: _numbers(RANDOM(1_000)),                               LARGE + BUILDING, "random"),
    Task("random10k",  "random graph, 10 000 operations",                      "large",    "gradient", lambda: _numbers(RANDOM(10_000)),                              LARGE, "random"),
    Task("random100k", "random graph, 100 000 operations",                     "large",    "gradient", lambda: _numbers(RANDOM(100_000)),                             LARGE + LEVELS, "random"),
    Task("deep1k",     "deep random graph, 1 000 operations",                  "large",    "gradient", lambda: _numbers(DEEP(1_000)),                                 LARGE + BUILDING, "deep"),
    Task("deep10k",    "deep random graph, 10 000 operations",                 "large",    "gradient", lambda: _numbers(DEEP(10_000)),                                LARGE, "deep"),
    Task("deep100k",   "deep random graph, 100 000 operations",                "large",    "gradient", lambda: _numbers(DEEP(100_000)),                               LARGE, "deep"),
    Task("batch10",    "100 000 points, Helmholtz n = 10",                     "batch",    "batch",    lambda: _columns(lambda: graphs.helmholtz(10)),                BATCH),
    Task("batch92",    "100 000 points, deep random graph of 92 operations",   "batch",    "batch",    lambda: _columns(lambda: DEEP(92)),                            BATCH),
    Task("conv64",     "conv2d N16 C64 56×56 K64 3×3, y, x̄, w̄",                "layers",   "pullback", _conv(*BIG, "pad=1"),                                          _against(0.65, 0.5)),
    Task("conv64f32",  "the same in float32",                                  "layers",   "pullback", _conv(*BIG, "pad=1", np.float32),                              _against(1.5, 0.7)),
    Task("conv16",     "conv2d N8 C16 64×64 K32 3×3, y, x̄, w̄",                 "layers",   "pullback", _conv(*SMALL, "pad=1"),                                        _against(0.7)),
    Task("conv16s2",   "the same, stride 2",                                   "layers",   "pullback", _conv(*SMALL, "pad=1, stride=2"),                              _against(1.0)),
    Task("pool2",      "max-pool 2×2, N16 C32 64×64, y, x̄",                    "layers",   "pullback", _pool("window=2"),                                             (Goal(CORE, 0.5, PEERS),)),
    Task("pool3",      "max-pool 3×3/2, N16 C32 64×64, y, x̄",                  "layers",   "pullback", _pool("window=3, stride=2"),                                   (Goal(CORE, 0.5, PEERS),)),
    Task("lenet",      "LeNet, loss and gradient, batch 16",                   "layers",   "gradient", _lenet,                                                        _against(1.0)),
    Task("dense100",   "full Jacobian of tanh(A x), 100 × 100",                "jacobian", "jacobian", _dense,                                                        (Goal(CORE, 0.5, PEERS),)),
    Task("banded",     "Jacobian, banded 10 000 × 10 000",                     "jacobian", "sparse",   lambda: _numbers(graphs.banded(10_000)),                       SPARSE),
    Task("swell",      "exact swell, logistic of depth 1 000",                 "swell",    "swell",    lambda: _numbers(graphs.logistic(1_000)),                      (Goal(CORE, 3.0e-3),)),
)
# fmt: on
TASKS: Final = {task.key: task for task in ROWS}
