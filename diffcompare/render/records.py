"""What commands show, as JSON: results by the names of their attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from math import fsum
from typing import TYPE_CHECKING, Any

import numpy as np

from diffcompare.decide.granularity import GranularityChoice
from diffcompare.errors import DiffcompareError
from diffcompare.graph.graph import Graph
from diffcompare.measure.checkpoints import Checkpoints
from diffcompare.measure.granularity import Grain
from diffcompare.measure.parameters import Parameters
from diffcompare.measure.paths import ChainPath
from diffcompare.ops.cost import Cost
from diffcompare.render.data import as_json, grain_dict, listed
from diffcompare.render.trace import trace_outputs, trace_rows, traced
from diffcompare.render.written import Written, closed_text

if TYPE_CHECKING:
    from diffcompare.parse.casefile import Case
    from diffcompare.report import Report


def record(value: Any) -> Any:
    """A result as dicts, lists, numbers and texts; dataclasses and named tuples by their fields.

    Examples
    --------
    >>> record(ChainPath(("v0", "v1"), (2.0,), 2.0))
    {'nodes': ['v0', 'v1'], 'partials': [2.0], 'product': 2.0}
    """
    if isinstance(value, Cost):
        return value.to_dict()  # with its total
    if isinstance(value, np.ndarray | np.generic):
        return listed(value)
    if isinstance(value, Fraction):
        return str(value)
    if is_dataclass(value):
        return {field.name: record(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, Mapping):
        return {key: record(item) for key, item in value.items()}
    return [record(item) for item in value] if isinstance(value, tuple | list) else value


def trace_json(
    graph: Graph,
    point: Mapping[str, Any],
    mode: str,
    wrt: str | Sequence[str] | None = None,
    allow_nonfinite: bool = False,
) -> str:
    """Traces as JSON: a list with one for each output in reverse, else with that by one input.

    Each has its ``mode``, ``of`` or ``by`` what it is, and ``rows``, see `render.tracing.Row`.

    Examples
    --------
    >>> import diffcompare as dc, json
    >>> (trace,) = json.loads(trace_json(dc.parse("x*y"), {"x": 2, "y": 5}, "reverse"))
    >>> trace["of"], [row["number"] for row in trace["rows"]]
    ('v2', [1.0, 2.0, 5.0])
    """
    side = "of" if mode == "reverse" else "by"
    traces = [
        {
            "mode": mode,
            side: traced(graph, mode, wrt, output),
            "rows": record(trace_rows(graph, point, mode, wrt, output, allow_nonfinite)),
        }
        for output in trace_outputs(graph, mode)
    ]
    return as_json(traces)


def paths_json(found: Mapping[str, Sequence[ChainPath]]) -> str:
    """The paths from each input as JSON: by its name ``paths`` and the ``sum`` of their products.

    Examples
    --------
    >>> import diffcompare as dc, json
    >>> found = {"x": dc.chain_paths(dc.parse("x*x"), {"x": 3}, "x")}
    >>> json.loads(paths_json(found))["x"]["sum"]
    6.0
    """
    return as_json({
        name: {"paths": record(list(paths)), "sum": fsum(path.product for path in paths)}
        for name, paths in found.items()
    })  # fmt: skip


def curve_json(found: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Error curves as JSON: by input the steps ``h`` and the ``error`` at each.

    Examples
    --------
    >>> print(curve_json({"x": [(0.5, 0.25)]}).replace("\\n", ""))
    {  "x": {    "h": [      0.5    ],    "error": [      0.25    ]  }}
    """
    return as_json({
        name: {"h": [h for h, _ in curve], "error": [error for _, error in curve]}
        for name, curve in found.items()
    })  # fmt: skip


def derive_json(found: Mapping[str, Written]) -> str:
    """Written-out derivatives as JSON: by name ``closed``, ``entries`` and ``shared``.

    Of a closed form these are its ``formula``, ``kind``, ``factors`` and ``settings``.

    Examples
    --------
    >>> import diffcompare as dc, json
    >>> json.loads(derive_json(dc.derive(dc.parse("2*x", shapes={"x": (1,)}))))["x"]["entries"]
    {'x[0]': 'y_bar[0]*2'}
    """
    return as_json({name: _written(each) for name, each in found.items()})


def _written(each: Written) -> dict[str, Any]:
    form = each.closed
    closed = form and {
        "formula": closed_text(form),
        "kind": form.kind,
        "factors": list(form.factors),
        "settings": record(dict(form.settings)),
    }
    return {"closed": closed, "entries": dict(each.entries), "shared": dict(each.shared)}


def parameters_json(found: Parameters) -> str:
    """Parameter counts as JSON: ``numbers`` by input, and their ``total``.

    Examples
    --------
    >>> print(parameters_json(Parameters({"w": 2, "b": 1})).replace("\\n", ""))
    {  "numbers": {    "w": 2,    "b": 1  },  "total": 3}
    """
    return as_json({"numbers": dict(found.numbers), "total": found.total})


def grains_json(grains: Sequence[Grain], choice: GranularityChoice | None = None) -> str:
    """Granularities as JSON: ``levels`` as in a report, and the ``choice`` among them or None.

    Examples
    --------
    >>> import diffcompare as dc, json
    >>> told = json.loads(grains_json(dc.granularities(dc.parse("x*x"))))
    >>> [level["nodes"] for level in told["levels"]], told["choice"]
    ([1, 1, 1], None)
    """
    told = choice and {
        name: record(getattr(choice, name))
        for name in ("choice", "seconds", "layers", "difference")
    }
    return as_json({"levels": [grain_dict(grain) for grain in grains], "choice": told})


def checkpoints_json(rows: Sequence[Checkpoints], plain: int) -> str:
    """Stored states against operations as JSON: the ``rows``, and the memory of ``plain`` reverse.

    Parameters
    ----------
    rows : sequence of Checkpoints
    plain : int
        Peak bytes of reverse mode that stores all it needs.

    Examples
    --------
    >>> import diffcompare as dc, json
    >>> rows = dc.checkpoints(dc.iterate(dc.parse("sin(x)"), 10))
    >>> [row["again"] for row in json.loads(checkpoints_json(rows, 200))["rows"]]
    [45, 20, 14, 10, 9]
    """
    return as_json({"rows": record(list(rows)), "plain": plain})


def gallery_json(cases: Sequence[Case], reports: Sequence[Report]) -> str:
    """Worked examples as JSON: ``name``, ``title``, ``missed`` numbers and ``report`` of each.

    Examples
    --------
    >>> import diffcompare as dc
    >>> gallery_json([], [])
    '[]'
    """
    if len(cases) != len(reports):
        raise DiffcompareError("arity", "gallery_json", need="a report for each case",
                               got=f"{len(cases)} cases, {len(reports)} reports")  # fmt: skip
    return as_json([
        {
            "name": case.name,
            "title": case.title,
            "missed": case.missed(report.value, report["reverse"].jacobian),
            "report": report.to_dict(),
        }
        for case, report in zip(cases, reports, strict=True)
    ])  # fmt: skip
