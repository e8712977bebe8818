"""The closed form of a derivative, recognised from its written-out sums of products.

What is looked at are the terms of ∂L/∂x alone: which entries of ∂L/∂y they have, times which
entries of another array, with which coefficients. A form is recognised where its index relation
allows those terms and no others; how the derivative was obtained plays no part.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np

from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.expand import entry_labels
from diffcompare.graph.graph import Graph
from diffcompare.measure.constant_form import constant_form
from diffcompare.measure.index_relation import letters, windows
from diffcompare.measure.selection import chosen_by_largest
from diffcompare.measure.terms import VALUE, Atom, polynomials
from diffcompare.ops.op import Shape

IMAGE, WEIGHTS, OUTPUT = range(3)
_CONVOLUTIONS: Final = {
    WEIGHTS: ("correlation", (IMAGE, OUTPUT)),
    IMAGE: ("full convolution", (OUTPUT, WEIGHTS)),
    OUTPUT: ("correlation", (IMAGE, WEIGHTS)),
}
"""What the sum over all meetings is called by what it gives, and its factors."""
_ROLES: Final = ((WEIGHTS, IMAGE, OUTPUT), (IMAGE, WEIGHTS, OUTPUT), (OUTPUT, WEIGHTS, IMAGE),
                 (OUTPUT, IMAGE, WEIGHTS), (WEIGHTS, OUTPUT, IMAGE), (IMAGE, OUTPUT, WEIGHTS))  # fmt: skip
"""Of result, other array and adjoint: the usual ones first."""


@dataclass(frozen=True)
class ClosedForm:
    """What a written-out derivative is.

    Attributes
    ----------
    kind : str
        "correlation", "full convolution", "matrix product", "outer product", "elementwise product",
        "contraction"; with constant coefficients "identity", "reshape", "transpose", "sum",
        "repeat", "im2row", "row2im", "part", "selection", "spread"; "winners", "diagonal"; "zero".
    factors : tuple of str
        The arrays that are multiplied, in order.
    settings : tuple of (str, Any)
        stride, pad, dilation and groups of a convolution; which factors of a matrix product are
        transposed; the index letters of a contraction; the one coefficient of a linear form; the
        window that adjoints are spread over.
    """

    kind: str
    factors: tuple[str, ...]
    settings: tuple[tuple[str, Any], ...] = ()


class _Term(NamedTuple):
    """coefficient · rest · ∂L/∂y[adjoint], in ∂L/∂x[place]."""

    place: Shape
    coefficient: Fraction
    rest: tuple[Atom, ...]
    adjoint: Shape


@dataclass(frozen=True)
class _Case:
    """The terms, and where their factors come from."""

    graph: Graph
    arrays: Mapping[str, Shape]
    name: str
    adjoint: str
    leaves: Mapping[int, tuple[str, Shape]]
    terms: Sequence[_Term]

    @property
    def shape(self) -> Shape:
        return self.arrays[self.name]

    @property
    def seed(self) -> Shape:
        return self.arrays[self.adjoint]


def recognise(
    entries: Graph, arrays: Mapping[str, Shape], name: str, adjoint: str = "y_bar"
) -> ClosedForm | None:
    """The closed form of a derivative that is written out, None where it is none that is known.

    Parameters
    ----------
    entries : Graph
        Of numbers: its outputs are ∂L/∂ each entry of `name`, in row-major order.
    arrays : mapping of str to shape
        The arrays whose entries the inputs of `entries` are, by name.
    name, adjoint : str
        Of the array that is differentiated by, and of ∂L/∂y.

    Examples
    --------
    >>> import diffcompare as dc
    >>> entries = dc.expand(dc.parse("transpose(y_bar)", shapes={"y_bar": (2, 3)}))
    >>> recognise(entries, {"x": (3, 2), "y_bar": (2, 3)}, "x").kind
    'transpose'
    """
    for array in (name, adjoint):
        if array not in arrays:
            raise DiffcompareError("input", "recognise", need=f"{array} among the arrays",
                                   got=", ".join(map(shorten, arrays)) or "none")  # fmt: skip
    leaves = {
        entries.inputs[label]: (array, place)
        for array, shape in arrays.items()
        for label, place in zip(entry_labels(array, shape), np.ndindex(shape), strict=True)
        if label in entries.inputs
    }
    seeds = {index: place for index, (array, place) in leaves.items() if array == adjoint}
    terms = _linear_terms(entries, arrays[name], seeds)
    if terms is None:
        return None
    if not terms:
        return ClosedForm("zero", ())
    case = _Case(entries, arrays, name, adjoint, leaves, terms)
    return next((found for form in _FORMS if (found := form(case))), None)


def _linear_terms(graph: Graph, shape: Shape, seeds: Mapping[int, Shape]) -> list[_Term] | None:
    """The terms, if each has one entry of the adjoint as a factor and nothing else depends on it."""
    seeded = graph.depends_on(seeds)
    found: list[_Term] = []
    for place, polynomial in zip(np.ndindex(shape), polynomials(graph), strict=True):
        for factors, coefficient in polynomial.items():
            moving = [atom for atom in factors if seeded[atom.node]]
            if len(moving) != 1 or moving[0].role != VALUE or moving[0].node not in seeds:
                return None
            rest = tuple([atom for atom in factors if not seeded[atom.node]])
            found.append(_Term(place, coefficient, rest, seeds[moving[0].node]))
    return found


def _products(case: _Case) -> ClosedForm | None:
    """Sums of products with the entries of one other array."""
    found = {case.leaves.get(a.node, ("",))[0] for term in case.terms for a in term.rest}
    if len(found) != 1 or "" in found:
        return None
    if any(t.coefficient != 1 or len(t.rest) != 1 or t.rest[0].role != VALUE for t in case.terms):
        return None
    (other,) = found
    places = [(t.place, case.leaves[t.rest[0].node][1], t.adjoint) for t in case.terms]
    return _convolution(case, other, places) or _contraction(case, other, places)


def _convolution(case: _Case, other: str, places: Sequence[tuple[Shape, ...]]) -> ClosedForm | None:
    names = (case.name, other, case.adjoint)
    if any(len(case.arrays[n]) not in (4, 6) for n in names):
        return None
    for roles in _ROLES:
        slot = [roles.index(role) for role in (IMAGE, WEIGHTS, OUTPUT)]
        image, weights, output = (case.arrays[names[k]] for k in slot)
        found = windows(image, weights, output, [[term[k] for k in slot] for term in places])
        if found:
            kind, factors = _CONVOLUTIONS[roles[0]]
            down, along = found.rows, found.columns
            settings = {"stride": (down.stride, along.stride), "pad": (down.pad, along.pad),
                        "dilation": (down.dilation, along.dilation), "groups": found.groups,
                        "shared": len(weights) == 4}  # fmt: skip
            return ClosedForm(kind, tuple(names[slot[k]] for k in factors), tuple(settings.items()))
    return None


def _contraction(case: _Case, other: str, places: Sequence[tuple[Shape, ...]]) -> ClosedForm | None:
    shapes = case.shape, case.arrays[other], case.seed
    found = letters(shapes, places)
    if found is None:
        return None
    if len(set(found)) == 1 and len(set(shapes)) == 1:
        return ClosedForm("elementwise product", (other, case.adjoint))
    sides = [(other, found[1]), (case.adjoint, found[2])]
    if all(len(shape) == 2 for shape in shapes):
        for turned, (a, b) in product(product((False, True), repeat=2), (sides, sides[::-1])):
            left, right = (s[1][:: -1 if t else 1] for s, t in zip((a, b), turned, strict=True))
            if (left[0], right[1]) == found[0] and left[1] == right[0]:
                kind = "matrix product" if left[1] >= 0 else "outer product"
                return ClosedForm(kind, (a[0], b[0]), (("transposed", turned),))
    return ClosedForm("contraction", (other, case.adjoint),
                      (("letters", (found[1], found[2], found[0])),))  # fmt: skip


def _constant(case: _Case) -> ClosedForm | None:
    """Constant coefficients alone."""
    if any(term.rest for term in case.terms):
        return None
    pairs = {(term.place, term.adjoint): term.coefficient for term in case.terms}
    found = constant_form(case.shape, case.seed, pairs)
    return found and ClosedForm(found[0], (case.adjoint,), found[1])


def _winners(case: _Case) -> ClosedForm | None:
    """Each entry of the adjoint to the largest of its window."""
    windows_of: dict[Shape, list[tuple[Atom, int]]] = defaultdict(list)
    wanted = {place: index for index, (array, place) in case.leaves.items() if array == case.name}
    for term in case.terms:
        if term.coefficient != 1 or len(term.rest) != 1 or term.place not in wanted:
            return None
        windows_of[term.adjoint].append((term.rest[0], wanted[term.place]))
    if len(windows_of) != math.prod(case.seed):
        return None
    if not all(chosen_by_largest(case.graph, found) for found in windows_of.values()):
        return None
    return ClosedForm("winners", (case.adjoint,))


def _diagonal(case: _Case) -> ClosedForm | None:
    """Each entry is that of the adjoint, times what has no adjoint in it."""
    places = {term.place for term in case.terms}
    if case.shape != case.seed or len(places) != math.prod(case.shape):
        return None
    if any(term.place != term.adjoint for term in case.terms):
        return None
    return ClosedForm("diagonal", (case.adjoint,))


_FORMS: Final[Sequence[Callable[[_Case], ClosedForm | None]]] = (
    _constant, _products, _winners, _diagonal,
)  # fmt: skip
