"""Every public function refuses wrong arguments in the one form; Python's own errors do not leak."""

import pickle
from functools import partial
from inspect import Parameter, signature
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import diffcompare as dc
from diffcompare.arguments import MADE, _classes, _kinds, checked
from diffcompare.ops.names import FUNCTIONS, called

HOSTILE = (None, 3, -1, 2.5, "zzz", b"x", [], {}, (), [None], [99], {"zzz": 1}, object())
CLASSES = {
    "Budget": "its values are checked where it is made",
    "Calibration": "a record that calibrate makes",
    "Case": "a record that read_case makes",
    "Coloring": "a record that coloring makes",
    "DiffcompareError": "what refusals are made of",
    "Dual": "a number kind, which ops compute with",
    "Elimination": "a record that eliminate makes",
    "Graph": "parse makes it",
    "Pattern": "a record that sparsity makes",
    "Program": "compile makes it",
    "Report": "a record that compare makes",
    "TreeSize": "a number kind, which ops compute with",
    "Variable": "a number kind, which ops compute with",
}
"""Public names that are no functions."""
LONG = {
    "calibrate": "takes no argument, and seconds",
    "read_gallery": "reads every case",
}
"""Functions that are not called here with arguments."""
PUBLIC = [name for name in dc.PUBLIC if name not in CLASSES]


def given(name: str) -> dict[str, Any]:
    """Arguments that a public function takes, one for each parameter without a default."""
    graph, at = dc.parse("x*y"), {"x": 1.0, "y": 2.0}
    reverse, symbolic = (dc.differentiate(graph, mode) for mode in ("reverse", "symbolic"))
    pattern = dc.sparsity(graph)
    built = {"reverse": reverse, "symbolic": symbolic}
    step = dc.parse("x*x")
    family, quick = partial(dc.iterate, step), dc.Budget(symbolic_tree=1)
    usual: dict[str, Any] = {
        "graph": graph, "source": graph, "step": step, "at": at, "point": at, "name": "x",
        "output": 0, "times": 2, "stored": 1, "mode": "reverse", "direction": at, "wrt": None,
        "derivative": reverse, "a": symbolic, "b": reverse, "derivatives": built,
        "pattern": pattern, "function": lambda x, y: x * y, "text": "x*y", "path": "nowhere/x.txt",
        "entries": graph, "arrays": {"x": (), "y": ()}, "adjoint": "y", "family": family,
        "depths": [1, 2], "prices": dc.Calibration(*[1e-9] * 11),
    }  # fmt: skip
    special: dict[str, Any] = {
        "checkpoints_json": lambda: {"rows": dc.checkpoints(dc.iterate(step, 3)), "plain": 3},
        "checkpoints_text": lambda: {"rows": dc.checkpoints(dc.iterate(step, 3)), "plain": 3},
        "compressed_cost": lambda: {"derivative": dc.compress(graph)},
        "curve_json": lambda: {"found": {"x": dc.error_curve(graph, at, "x")}},
        "curve_text": lambda: {"curve": dc.error_curve(graph, at, "x")},
        "decision_json": lambda: {"decision": dc.decide(graph, at, measure=False)},
        "decision_text": lambda: {"decision": dc.decide(graph, at, measure=False)},
        "derive_json": lambda: {"found": dc.derive(graph)},
        "elimination_dot": lambda: {"elimination": dc.eliminate(graph, "forward")},
        "elimination_json": lambda: {"eliminations": [dc.eliminate(graph, "forward")]},
        "elimination_text": lambda: {"eliminations": [dc.eliminate(graph, "forward")]},
        "equivalence_text": lambda: {"found": dc.equivalence(symbolic, reverse)},
        "from_listing": lambda: {"text": dc.to_listing(graph)},
        "gallery_json": lambda: {"cases": [dc.Case(("x*y",))], "reports": [dc.compare(graph, at)]},
        "gallery_line": lambda: {"case": dc.Case(("x*y",)), "report": dc.compare(graph, at)},
        "choice_text": lambda: {"found": dc.choose_granularity(graph, at, usual["prices"])},
        "grains_json": lambda: {"grains": dc.granularities(graph)},
        "grains_text": lambda: {"grains": dc.granularities(graph)},
        "hvp_graph": lambda: {"wrt": ("x",)},
        "local_json": lambda: {"found": dc.local_jacobians(graph)},
        "local_text": lambda: {"found": dc.local_jacobians(graph)},
        "matrix_text": lambda: {"matrix": dc.sparse_jacobian(graph, at)},
        "parameters_json": lambda: {"found": dc.parameters(graph)},
        "parameters_text": lambda: {"found": dc.parameters(graph)},
        "paths_json": lambda: {"found": {"x": dc.chain_paths(graph, at, "x")}},
        "paths_text": lambda: {"paths": dc.chain_paths(graph, at, "x")},
        "swell_curve_json": lambda: {"curve": dc.swell_curve(family, [1], budget=quick)},
        "swell_curve_text": lambda: {"curve": dc.swell_curve(family, [1], budget=quick)},
        "swell_curve": lambda: {"budget": quick},
        "swell_json": lambda: {"swell": dc.swell(graph, None, built)},
        "swell_text": lambda: {"swell": dc.swell(graph, None, built)},
    }  # fmt: skip
    own = special.get(name, dict)()
    needed = signature(getattr(dc, name)).parameters.values()
    return {
        p.name: usual[p.name] for p in needed if p.default is Parameter.empty and p.name not in own
    } | own


def refuses(function: Any, /, *args: Any, **kwargs: Any) -> None:
    """A call returns, or is refused in the one form; anything else is a failure of the test."""
    try:
        function(*args, **kwargs)
    except dc.DiffcompareError as error:
        assert error.need
        assert error.got


def test_what_is_no_function_is_told() -> None:
    assert [name for name in PUBLIC if not isinstance(getattr(dc, name), FunctionType)] == []
    assert set(CLASSES) <= set(dc.PUBLIC)


@pytest.mark.parametrize("name", [name for name in PUBLIC if name not in LONG])
def test_nothing_but_a_refusal_comes_out(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # of what writes a file
    function, usual = getattr(dc, name), given(name)
    refuses(function, **usual)
    for parameter in signature(function).parameters:
        for value in HOSTILE:
            refuses(function, **{**usual, parameter: value})


@pytest.mark.parametrize("name", PUBLIC)
def test_arguments_are_counted(name: str) -> None:
    function = getattr(dc, name)
    with pytest.raises(
        dc.DiffcompareError, match=f"{name} needs .*, got an unexpected keyword"
    ) as e:
        function(**given(name) if name not in LONG else {}, wrong=1)
    assert e.value.kind == "arity"
    with pytest.raises(dc.DiffcompareError, match=f"{name} needs .*, got more positional"):
        function(*[None] * 30)
    needed = [p for p in signature(function).parameters.values() if p.default is Parameter.empty]
    if needed:
        with pytest.raises(
            dc.DiffcompareError, match=f"{name} needs .*, got no '{needed[0].name}'"
        ):
            function()


def test_how_to_come_by_a_class_is_told_of_every_one_and_by_a_public_name() -> None:
    taken = {
        found.__name__
        for name in PUBLIC
        for kind in _kinds(getattr(dc, name).__wrapped__, "diffcompare").values()
        for found in _classes(kind)
    }
    assert taken == set(MADE)
    assert {call.partition("(")[0] for call in MADE.values()} <= set(dc.PUBLIC)


GRAPH = dc.parse("x*y")
TEXTS = [
    (lambda: dc.count(3), "type", "count needs a Graph, got 3; parse(source) makes one"),
    (lambda: dc.checkpoint("x", 1), "type", "checkpoint needs a Graph, got 'x'; parse(source) makes one"),
    (lambda: dc.checkpoint("x"), "arity",
     "checkpoint needs (graph, stored, wrt=…, through=…), got no 'stored'"),
    (lambda: dc.compare("x", {"x": 1}, budget=3), "type",
     "compare needs budget as a Budget, got 3; Budget(seconds=5) makes one"),
    (lambda: dc.expand(GRAPH, only=["conv2d"]), "type",
     "expand needs only as a function, got ['conv2d']"),
    (lambda: dc.compile_jacobian("x*y"), "type",
     "compile_jacobian needs a Graph, got 'x*y'; parse(source) makes one"),
    (lambda: dc.differentiate(dc.differentiate(GRAPH, "reverse"), "reverse"), "type",
     "its jacobian_graph is one"),
    (lambda: dc.compile(3), "type", "compile needs a Graph or a Derivative, got 3"),
    (lambda: dc.elimination_text([3]), "type",
     "elimination_text needs a list, each an Elimination, got [3]; eliminate(graph) makes one"),
    (lambda: dc.tree_sizes(GRAPH, [99]), "input",
     "tree_sizes needs nodes by their index, from 0 and below 3, got 99"),
    (lambda: dc.error_curve(GRAPH, {"x": 1, "y": 1}, "x", output=1), "input",
     "error_curve needs the number of an output, from 0 and below 1, got 1"),
    (lambda: dc.sparsity(GRAPH, 3), "type", "wrt needs a name or a list of names, got 3"),
    (lambda: dc.jacobian(GRAPH, 3), "type", "a point needs numbers by name, got 3"),
    (lambda: dc.iterate(dc.parse("x*x"), 10**40), "limit", "iterate needs at most 1,000,000 nodes"),
    (lambda: dc.ops.conv2d(np.ones((1, 1, 4, 4))), "arity", "conv2d needs (x, w, b=…"),
    (lambda: dc.conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), step=2), "arity",
     "got an unexpected keyword argument 'step'"),
    (lambda: dc.flatten(np.ones((1, 2)), step=2), "arity", "flatten needs no settings, got step=…"),
    (lambda: dc.sin(None), "type", "sin needs numbers, or arrays of them that fit, got None"),
    (dc.sin, "arity", "sin needs 1 argument, got 0"),
    (lambda: dc.hypot(1.0), "arity", "hypot needs 2 arguments, got 1"),
    (lambda: dc.max(np.ones(2), np.ones(3)), "type", "max needs numbers, or arrays of them that fit"),
    (lambda: dc.compile(dc.parse("sum(x*y)", shapes={"x": (2,)}))(None, 1.0), "type",
     "a program needs floats"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "text"), TEXTS, ids=[row[2][:30] for row in TEXTS])
def test_texts(call: Any, kind: str, text: str) -> None:
    with pytest.raises(dc.DiffcompareError) as caught:
        call()
    assert caught.value.kind == kind
    assert text in str(caught.value)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_ops_refuse_what_is_no_number(name: str) -> None:
    graph = dc.Graph.empty()
    image, number = dc.Variable.input(graph, "x", (1, 1, 4, 4)), dc.Variable.input(graph, "s")
    function = called(name)
    values = (None, 3, "x", [], {}, object(), np.ones((1, 1, 4, 4)), image, number)
    with np.errstate(all="ignore"):
        refuses(function)
        for first in values:
            refuses(function, first)
            for second in values:
                refuses(function, first, second)


def test_what_numpy_computes_is_taken() -> None:
    assert dc.tree_sizes(GRAPH, np.array([0, 2])) == [1, 3]
    assert (
        len(
            dc.swell_curve(
                partial(dc.iterate, dc.parse("x*x")),
                np.array([1, 2]),
                budget=dc.Budget(symbolic_tree=1),
            ).depths
        )
        == 2
    )


def test_functions_are_pickled_and_show_what_they_are() -> None:
    assert pickle.loads(pickle.dumps(dc.parse)) is dc.parse
    assert list(signature(dc.count).parameters) == ["graph", "nodes"]
    assert "Operations" in (dc.count.__doc__ or "")


def test_annotations_that_only_a_type_checker_knows() -> None:
    def named(report: "Report") -> str:  # noqa: F821  a public name  # type: ignore[name-defined]
        return "known"

    with pytest.raises(dc.DiffcompareError, match="named needs a Report, got 3"):
        checked(named, "diffcompare")(3)
