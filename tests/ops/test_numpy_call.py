"""How calls of NumPy's functions on traced values are read, and what a refusal tells."""

import inspect

import numpy as np
import pytest

from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.graph.variable import Variable
from diffcompare.ops.operand import UFUNCS
from tests.ops.agreement import settings_of
from tests.ops.test_numpy_functions import JOINS, ONE, TWO


@pytest.mark.parametrize("function", [*ONE, *JOINS, *TWO[1:5], np.where], ids=lambda f: f.__name__)
def test_what_numpy_has_and_we_have_not_is_refused_by_name(function):
    x = Variable.input(Graph.empty(), "x", (3,))
    ours = inspect.signature(UFUNCS[function]).parameters
    lead = [x] if function in ONE else [[x, x]] if function in JOINS else [x, x]
    needed = {name: 1 for name, p in list(ours.items())[len(lead) :] if p.default is p.empty}
    lead = [x, x, x] if function is np.where else lead
    needed = {} if function is np.where else needed
    for setting in settings_of(function)[1:]:
        if setting.name in ours or setting.kind is setting.VAR_KEYWORD:
            continue
        with pytest.raises(DiffcompareError, match=rf"^np\.(linalg\.)?{function.__name__} needs no arguments but .*, got {setting.name}=7$"):  # fmt: skip
            function(*lead, **needed, **{setting.name: 7})


TOLD = [
    (lambda x: np.linalg.norm(x, 1), "np.linalg.norm needs ord None, 2 of vectors or 'fro' of matrices, got ord=1"),
    (lambda x: np.linalg.norm(x, 2), "np.linalg.norm needs ord None, 2 of vectors or 'fro' of matrices, got ord=2"),
    (lambda x: np.diff(x, 2), "np.diff needs no arguments but a and axis, got n=2"),
    (lambda x: np.trace(x, 1), "np.trace needs no arguments but a, got offset=1"),
    (lambda x: np.ravel(x, "F"), "np.ravel needs no arguments but a, got order='F'"),
    (lambda x: x.ravel(order="F"), "np.ravel needs no arguments but a, got order='F'"),
    (lambda x: np.pad(x, 1, "edge"), "np.pad needs no arguments but array and pad_width, got mode='edge'"),
    (lambda x: np.pad(x, 1, constant_values=2), "np.pad needs no arguments but array and pad_width, got constant_values=2"),
    (lambda x: np.sum(x, 0, float), "np.sum needs no arguments but a, axis and keepdims, got dtype=<class 'float'>"),
    (lambda x: x.sum(axis=(0, 0)), "sum needs each axis once, got axes (0, 0)"),
    (lambda x: x.sum(axis=(1, -1)), "sum needs each axis once, got axes (1, -1)"),
    (lambda x: np.sin(x, dtype=float), "np.sin needs numbers as its only arguments, got dtype=<class 'float'>"),
    (np.linalg.inv, "a NumPy function needs an operation of the same meaning, got np.linalg.inv"),
    (lambda x: np.where(x > 0), "np.where needs condition, x and y, got condition alone"),
    (lambda x: np.take(x, [True, False]), "np.take needs whole numbers as indices, got [True, False]"),
    (lambda x: np.take(x, x), "np.take needs whole numbers as indices, got a traced value"),
    (lambda x: np.var(x, ddof=4), "np.var needs ddof below the count of entries, got 4"),
    (lambda x: np.trace(x[0]), "np.trace needs two axes or more, got 2"),
    (lambda x: x.astype(int), "astype needs float, got <class 'int'>"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "text"), TOLD, ids=[text for _, text in TOLD])
def test_what_was_given_is_told(call, text):
    with pytest.raises(DiffcompareError) as caught:
        call(Variable.input(Graph.empty(), "x", (2, 2)))
    assert str(caught.value) == text
