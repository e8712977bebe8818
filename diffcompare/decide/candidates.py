"""Every way to a derivative, as the programs it runs and how often it runs each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from diffcompare.budget import Budget
from diffcompare.decide.candidate import Candidate, Work
from diffcompare.decide.passes import split
from diffcompare.errors import DiffcompareError
from diffcompare.graph.expand import entry_names, expand
from diffcompare.graph.graph import Graph
from diffcompare.measure.ledger import count
from diffcompare.measure.memory import memory, peak
from diffcompare.modes.derivative import Derivative, Sweep
from diffcompare.modes.differentiate import differentiate
from diffcompare.modes.elimination.eliminate import eliminate
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.second import hessian, hvp_graph
from diffcompare.modes.sparsity.compressed import Compressed, compress, compress_hessian
from diffcompare.modes.symbolic import Symbolic
from diffcompare.ops.cost import FREE, Cost

GOALS: Final = ("gradient", "jacobian", "hessian", "hvp")
IN_NUMBERS: Final = "reverse in numbers"
"""A network expanded; of numbers it would be reverse again."""
_FINE: Final = Budget(nodes=5_000)
"""Networks of up to so many numbers are run as numbers."""
_LARGE, _MOVES = 2_000, 500
"""Elimination orders are searched for on graphs of so many nodes, with so many moves."""
_TREE: Final = 20_000
"""A tree of up to so many operations is written out to be run."""


def candidates(
    graph: Graph,
    wrt: tuple[str, ...],
    goal: str,
    budget: Budget,
    built: Mapping[str, Derivative] | None = None,
    symbolic: str | None = None,
) -> list[Candidate]:
    """The candidates for a goal; of equals the first is the easiest.

    Parameters
    ----------
    graph : Graph
    wrt : tuple of str
    goal : {"gradient", "jacobian", "hessian", "hvp"}
    budget : Budget
    built : mapping of str to Derivative, optional
        First derivatives that there are already, by mode.
    symbolic : str, optional
        Why the symbolic mode is not to be tried.
    """
    made = dict(built or {})

    def first(mode: str) -> Derivative:
        if mode not in made:
            made[mode] = differentiate(graph, mode, wrt, budget)
        return made[mode]

    rows = {
        "gradient": _FIRST, "jacobian": _FIRST, "hessian": _SECOND, "hvp": _PRODUCTS,
    }[goal]  # fmt: skip
    found = []
    arrays = any(graph.shapes)
    for name, make in rows.items():
        if name == IN_NUMBERS and not arrays:
            continue
        if symbolic is not None and name.startswith("symbolic"):
            found.append(Candidate(name, declined=symbolic))
            continue
        try:
            found.append(make(name, _Problem(graph, wrt, budget, first)))
        except DiffcompareError as error:
            if error.kind not in ("limit", "shape"):
                raise
            found.append(Candidate(name, declined=error.message.removeprefix(f"{name} ")))
    return found


class _Problem(NamedTuple):
    graph: Graph
    wrt: tuple[str, ...]
    budget: Budget
    first: Callable[[str], Derivative]


def _program(name: str, graph: Graph, derived: int = 0) -> Candidate:
    return Candidate(name, (Work(graph),), count(graph), peak(graph), len(graph.ops), derived)


def _derived(derivative: Derivative) -> int:
    """What SymPy had to make: a tree."""
    return derivative.predicted if isinstance(derivative, Symbolic) else 0


def _shared(name: str, problem: _Problem) -> Candidate:
    derivative = problem.first("symbolic")
    if not any(problem.graph.shapes):
        return _program(name, derivative.joint_graph, _derived(derivative))
    works = (Work(problem.graph), Work(derivative.jacobian_graph))  # of numbers: they share nothing
    made = sum(len(work.graph.ops) for work in works)
    held = memory(derivative)
    return Candidate(name, works, _counted(works), held, made, _derived(derivative))


def _tree(name: str, problem: _Problem) -> Candidate:
    derivative = problem.first("symbolic")
    _numbers(name, problem.graph)
    work = Work(derivative.joint_graph, written_out=True)
    operations = work.operations
    works = (work,) if operations.total <= _TREE else ()
    return Candidate(name, works, operations, None, operations.total, _derived(derivative))


def _passes(mode: str) -> Callable[[str, _Problem], Candidate]:
    def make(name: str, problem: _Problem) -> Candidate:
        derivative = problem.first(mode)
        assert isinstance(derivative, Sweep)
        return _swept(name, [(derivative, derivative.passes)], memory(derivative))

    return make


def _swept(name: str, sweeps: list[tuple[Sweep, int]], held: int) -> Candidate:
    works: list[Work] = []
    for sweep, passes in sweeps:
        prepare, one_pass = split(sweep)
        works += [Work(prepare), Work(one_pass, passes)]
    once = sum(len(sweep.graph.ops) for sweep, _ in sweeps)
    total = sum(passes for _, passes in sweeps)
    return Candidate(name, tuple(works), _counted(works), held, once, passes=total)


def _counted(works: list[Work] | tuple[Work, ...]) -> Cost:
    return sum((work.operations * work.times for work in works), FREE)


def _one_program(mode: str) -> Callable[[str, _Problem], Candidate]:
    def make(name: str, problem: _Problem) -> Candidate:
        derivative = problem.first(mode)
        visits = derivative.passes * len(derivative.graph.ops)
        if visits > problem.budget.visits:
            raise DiffcompareError("limit", name, got=f"{visits:,}",
                need=f"at most {problem.budget.visits:,} nodes in all passes")  # fmt: skip
        return _program(name, derivative.joint_graph)

    return make


def _in_numbers(name: str, problem: _Problem) -> Candidate:
    graph = problem.graph
    fine = expand(graph, budget=_FINE)
    return _program(name, adjoint_graph(fine, entry_names(graph, problem.wrt)).joint_graph)


def _compressed(name: str, problem: _Problem) -> Candidate:
    _numbers(name, problem.graph)
    return _of_colors(name, compress(problem.graph, problem.wrt, budget=problem.budget))


def _of_colors(name: str, found: Compressed) -> Candidate:
    return _swept(name, list(found.sweeps), sum(memory(sweep) for sweep, _ in found.sweeps))


def _eliminated(name: str, problem: _Problem) -> Candidate:
    graph = problem.graph
    _numbers(name, graph)
    if len(graph.ops) > _LARGE:
        raise DiffcompareError("limit", name, need=f"at most {_LARGE:,} nodes",
                               got=f"{len(graph.ops):,}")  # fmt: skip
    tried = (
        eliminate(graph, order, problem.wrt, moves=_MOVES).derivative.joint_graph
        for order in ("markowitz", "search")
    )
    return _program(name, min(tried, key=lambda joint: count(joint).total))


def _numbers(name: str, graph: Graph) -> None:
    if any(graph.shapes):
        raise DiffcompareError("shape", name, need="numbers on every edge", got="an array",
                               hint="expand the graph")  # fmt: skip


def _hessian(inner: str, outer: str) -> Callable[[str, _Problem], Candidate]:
    def make(name: str, problem: _Problem) -> Candidate:
        derivative = hessian(problem.graph, problem.wrt, inner, outer, problem.budget)
        return _program(name, derivative.joint_graph)

    return make


def _hessian_colors(name: str, problem: _Problem) -> Candidate:
    _numbers(name, problem.graph)
    return _of_colors(name, compress_hessian(problem.graph, problem.wrt, problem.budget))


def _product(inner: str, outer: str) -> Callable[[str, _Problem], Candidate]:
    def make(name: str, problem: _Problem) -> Candidate:
        graph = hvp_graph(problem.graph, problem.wrt, inner, outer, problem.budget)
        return _program(name, graph)

    return make


_FIRST: Final = {
    "reverse": _passes("reverse"),
    "vector reverse": _one_program("reverse"),
    "forward": _passes("forward"),
    "vector forward": _one_program("forward"),
    IN_NUMBERS: _in_numbers,
    "compressed": _compressed,
    "elimination": _eliminated,
    "symbolic shared": _shared,
    "symbolic tree": _tree,
}
_SECOND: Final = {
    "forward over reverse": _hessian("reverse", "forward"),
    "reverse over reverse": _hessian("reverse", "reverse"),
    "forward over forward": _hessian("forward", "forward"),
    "compressed": _hessian_colors,
    "symbolic twice": _hessian("symbolic", "symbolic"),
}
_PRODUCTS: Final = {
    "forward over reverse": _product("reverse", "forward"),
    "reverse over reverse": _product("reverse", "reverse"),
    "forward over forward": _product("forward", "forward"),
    "symbolic, then forward": _product("symbolic", "forward"),
}
