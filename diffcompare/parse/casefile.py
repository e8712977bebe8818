"""Case files: one worked example each, in TOML, read into a frozen record or refused by name.

A case file holds a `formula` (text, or an array of output formulas) and, as far as known, what has
to come out at a point::

    title = "The survey's example"
    reference = "Baydin et al., JMLR 18(153), 2018, figure 4"
    truth = "mpmath, 80 digits"
    formula = "log(x1) + x1*x2 - sin(x2)"

    [point]
    x1 = 2
    x2 = 5

    [expect]
    value = 11.652071455223084

    [expect.jacobian]
    x1 = 5.5
    x2 = 1.7163378145367738

With one output the expected numbers are numbers, with several they are lists with an entry for each
output. `nan` and `inf` may be expected; a point has to be finite.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.edges import SEVERITY
from diffcompare.graph.graph import Graph
from diffcompare.parse import fields
from diffcompare.parse.formula import parse_formula
from diffcompare.parse.seeded import seeded
from diffcompare.parse.toml import TomlFile, load, within

COUNTS: Final = (
    "value", "reverse", "forward",  # operations: of f, of the whole Jacobian in each mode
    "value_mul", "reverse_mul",  # multiplications alone
    "forward_passes", "reverse_passes",
    "sympy_f", "sympy_raw", "sympy_cse",  # SymPy's count_ops: of f, its derivative, after cse
)  # fmt: skip
"""What a case may state a count of."""

_SCHEMA: Final = fields.table({
    "title": fields.text,
    "reference": fields.text,
    "note": fields.text,
    "truth": fields.text,
    "formula": fields.text_or_texts,
    "inputs": fields.names,
    "wrt": fields.names,
    "point": fields.table_of(fields.finite_array),
    "shapes": fields.table_of(fields.shape),
    "seed": fields.count,
    "dtype": fields.one_of("float64", "float32"),
    "expect": fields.table({
        "value": fields.numbers,
        "jacobian": fields.table_of(fields.numbers),
        "hessian": fields.square,
    }),
    "tolerance": fields.positive,
    "cancels": fields.flag,
    "flag": fields.one_of(*SEVERITY),
    "symbolic": fields.one_of("declined"),
    "count": fields.table(dict.fromkeys(COUNTS, fields.count)),
})  # fmt: skip

Numbers = float | tuple[float, ...]


@dataclass(frozen=True)
class Case:
    """A worked example.

    Attributes
    ----------
    name : str
        The file's name without its ending; empty for a case from text.
    title, reference, note : str
        What it is, where it is from, and what to know: where a source is wrong in print, what it
        prints.
    formula : tuple of str
        A formula or program, or a formula for each output.
    inputs, wrt : tuple of str, or None
        The inputs in order, by default those of the point; and those to differentiate by.
    point : dict of str to float or array
    shapes : dict of str to tuple of int
        Of the inputs that are arrays. Those without numbers in `point` are filled from `seed`.
    seed : int
    dtype : {"float64", "float32"}
        Of those arrays; what else the point holds follows, see `graph.point`.
    value : float or tuple of float, or None
        What must come out at the point: one number, or one for each output.
    jacobian : dict of str to (float or tuple of float)
        By input, shaped as `value`.
    hessian : tuple of tuple of float, or None
        For one output; rows and columns in the order of the inputs.
    tolerance : float
        Relative.
    cancels : bool
        The formula as written cancels in float64: the numbers hold in high precision only.
    flag : str or None
        The gravest edge that the point sits on.
    symbolic : str or None
        "declined" where the symbolic derivative is too large to build.
    count : dict of str to int
        Expected counts, by the names in `COUNTS`.
    truth : str
        How the expected numbers were obtained.

    Examples
    --------
    >>> case = read_case('formula = "x*y"\\n[point]\\nx = 2\\ny = 5')
    >>> case.graph(), case.point
    (Graph(x, y; 1 operation, 1 output), {'x': 2.0, 'y': 5.0})
    """

    formula: tuple[str, ...]
    name: str = ""
    title: str = ""
    reference: str = ""
    note: str = ""
    inputs: tuple[str, ...] | None = None
    wrt: tuple[str, ...] | None = None
    point: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    seed: int = 0
    dtype: str = "float64"
    value: Numbers | None = None
    jacobian: dict[str, Numbers] = field(default_factory=dict)
    hessian: tuple[tuple[float, ...], ...] | None = None
    tolerance: float = 1e-12
    cancels: bool = False
    flag: str | None = None
    symbolic: str | None = None
    count: dict[str, int] = field(default_factory=dict)
    truth: str = ""

    def graph(self, budget: Budget = Budget()) -> Graph:  # noqa: B008  a frozen value
        """The formula as a graph, its inputs those of the case, else those of the point, in order."""
        text = self.formula[0]
        if len(self.formula) > 1:
            text = "(\n" + "\n,\n".join(self.formula) + "\n)"
        shapes = {name: np.shape(value) for name, value in self.point.items()} | self.shapes
        graph = parse_formula(text, self.inputs or tuple(self.point) or None, budget, shapes)
        if len(graph.outputs) != len(self.formula) > 1:
            raise DiffcompareError(
                "format", "formula", need="one output in each text of the array",
                got=f"{len(graph.outputs)} in {len(self.formula)}",
            )  # fmt: skip
        return graph

    def missed(self, value: Sequence[float], jacobian: Mapping[str, Any] | None) -> list[str]:
        """Which of the expected numbers did not come out; none where the formula itself cancels."""
        if self.cancels:
            return []
        found = {"value": np.ravel(value)}
        wanted = {} if self.value is None else {"value": self.value}
        for name, column in self.jacobian.items() if jacobian is not None else ():
            found[f"by {name}"] = np.ravel(jacobian[name])  # type: ignore[index]
            wanted[f"by {name}"] = column
        return [
            what
            for what, numbers in wanted.items()
            if not np.allclose(found[what], np.ravel(numbers), self.tolerance, 0, equal_nan=True)
        ]


def read_case(
    source: str | os.PathLike[str],
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Case:
    """Read a case file.

    Parameters
    ----------
    source : path or str
        A path; or the text itself, told by a line break or an equals sign.
    budget : Budget, optional
        `text` bounds the file.

    Raises
    ------
    DiffcompareError
        Of kind "format" where the text is no case, "input" where there is no such file, "limit"
        where it is too large.

    Examples
    --------
    >>> read_case('formula = "x"\\ntolerance = -1')
    Traceback (most recent call last):
        ...
    diffcompare.errors.DiffcompareError: tolerance (line 2) needs a positive number, got -1.0
      tolerance = -1
      ^^^^^^^^^^^^^^
    """
    if not isinstance(source, (str, os.PathLike)):
        raise DiffcompareError("type", "read_case", need="a path or text", got=shorten(source))
    if isinstance(source, str) and (not source or "\n" in source or "=" in source):
        file = within(TomlFile("", source), budget)
    else:
        file = load(source, budget)
    found = _SCHEMA(file, file.tables(), ())
    if "formula" not in found:
        file.refuse((), "a formula", ", ".join(found) or "no keys")
    expected = found.pop("expect", {})
    point, sizes = found.pop("point", {}), found.get("shapes", {})
    filled = seeded(sizes, point, found.get("seed", 0), found.get("dtype", "float64"), budget)
    if "dtype" in found and not filled:
        file.refuse(("dtype",), "an array to fill: a shape without numbers", "none")
    found["point"] = point | filled
    case = Case(name=os.path.splitext(file.name)[0], **found, **expected)
    _check_shapes(file, case)
    return case


def _check_shapes(file: TomlFile, case: Case) -> None:
    """Every expected array has an entry for each output."""
    if case.shapes or any(np.ndim(number) for number in case.point.values()):
        return
    outputs = len(case.formula) if len(case.formula) > 1 else _length(case.value)
    shaped: list[tuple[tuple[str, ...], Any]] = [(("expect", "value"), case.value)]
    shaped += [(("expect", "jacobian", name), column) for name, column in case.jacobian.items()]
    for key, numbers in shaped:
        if numbers is not None and outputs is not None and _length(numbers) != outputs:
            need = f"{outputs} numbers, one for each output" if outputs else "one number"
            file.refuse(
                key, need, f"{_length(numbers)} numbers" if _length(numbers) else "one number"
            )


def _length(numbers: Numbers | None) -> int | None:
    """How many numbers an array has; 0 for a plain number, None where nothing is stated."""
    return None if numbers is None else len(numbers) if isinstance(numbers, tuple) else 0
