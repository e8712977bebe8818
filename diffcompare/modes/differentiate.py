"""One entry to all modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from diffcompare.budget import Budget
from diffcompare.errors import DiffcompareError, shorten
from diffcompare.graph.graph import Graph
from diffcompare.graph.point import read_wrt
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.differences import differences
from diffcompare.modes.forward import tangent_graph
from diffcompare.modes.reverse import adjoint_graph
from diffcompare.modes.symbolic import symbolic

Mode = Callable[[Graph, tuple[str, ...], Budget], Derivative]

MODES: Final[dict[str, Mode]] = {
    "symbolic": symbolic,
    "forward": lambda graph, wrt, budget: tangent_graph(graph, wrt),
    "reverse": lambda graph, wrt, budget: adjoint_graph(graph, wrt),
    "forward differences": lambda graph, wrt, budget: differences(graph, wrt, "forward"),
    "central differences": lambda graph, wrt, budget: differences(graph, wrt, "central"),
    "complex step": lambda graph, wrt, budget: differences(graph, wrt, "complex"),
}
EXACT: Final = ("symbolic", "forward", "reverse")
"""The modes whose results are derivatives to rounding."""


def differentiate(
    graph: Graph,
    mode: str,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008  a frozen value
) -> Derivative:
    """Differentiate a graph.

    Parameters
    ----------
    graph : Graph
        From `parse`, or the `jacobian_graph` of a Derivative: derivatives can be differentiated.
    mode : str
        "symbolic", "forward", "reverse", "forward differences", "central differences" or
        "complex step"; "differences" is short for the central ones.
    wrt : str or sequence of str, optional
        The inputs to differentiate by, all of them by default.
    budget : Budget, optional

    Returns
    -------
    Derivative
        Its graph, its passes, and `.at(point)` for the numbers.

    Raises
    ------
    DiffcompareError
        Of kind "limit" where the mode is over the budget.

    Examples
    --------
    >>> import diffcompare as dc
    >>> graph = dc.parse("log(x1) + x1*x2 - sin(x2)")
    >>> dc.differentiate(graph, "reverse").at({"x1": 2, "x2": 5})["x1"]
    5.5
    """
    name = "central differences" if mode == "differences" else mode
    if name not in MODES:
        raise DiffcompareError("name", "mode", need=f"one of {', '.join(MODES)}", got=shorten(mode))
    return MODES[name](graph, read_wrt(graph, wrt), budget)


def differentiate_all(
    graph: Graph,
    wrt: str | Sequence[str] | None = None,
    budget: Budget = Budget(),  # noqa: B008
) -> tuple[dict[str, Derivative], dict[str, str]]:
    """The derivative of every exact mode, and the reasons of those that were declined.

    Examples
    --------
    >>> import diffcompare as dc
    >>> built, declined = differentiate_all(dc.parse("x*y"), budget=dc.Budget(symbolic_tree=1))
    >>> list(built), list(declined)
    (['forward', 'reverse'], ['symbolic'])
    """
    built: dict[str, Derivative] = {}
    declined: dict[str, str] = {}
    for mode in EXACT:
        try:
            built[mode] = differentiate(graph, mode, wrt, budget)
        except DiffcompareError as error:
            if error.kind != "limit":
                raise
            declined[mode] = error.message
    return built, declined
