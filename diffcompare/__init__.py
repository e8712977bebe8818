"""One formula or network, differentiated three ways, with what each way costs side by side."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

# name: where it lives. Loaded on first use, so that the command line starts at once.
PUBLIC = {
    "Budget": "budget",
    "Case": "parse.casefile",
    "DiffcompareError": "errors",
    "Dual": "numbers.dual",
    "Graph": "graph.graph",
    "Report": "report",
    "TreeSize": "numbers.treesize",
    "Variable": "graph.variable",
    "cases": "measure.swell",
    "chain_paths": "measure.paths",
    "compare": "compare",
    "count": "measure.ledger",
    "curve_text": "render.plot",
    "derivative_tree_size": "numbers.treesize",
    "derive": "render.written",
    "differentiate": "modes.differentiate",
    "differentiate_all": "modes.differentiate",
    "error_curve": "measure.accuracy",
    "expand": "graph.expand",
    "from_listing": "graph.listing",
    "gallery_line": "render.table",
    "grains_text": "render.table",
    "granularities": "measure.granularity",
    "hessian": "modes.second",
    "hvp": "modes.second",
    "parse": "parse.source",
    "paths_text": "render.plot",
    "read_case": "parse.casefile",
    "read_gallery": "parse.problem",
    "read_problem": "parse.problem",
    "swell": "measure.swell",
    "swell_json": "render.data",
    "swell_text": "render.table",
    "to_dot": "render.dot",
    "to_listing": "graph.listing",
    "trace": "parse.trace",
    "trace_text": "render.trace",
    "tree_sizes": "numbers.treesize",
    "write_atomic": "files",
}
# Every function a formula may call is public too, from `ops`: dc.sin, dc.where, dc.conv2d, …


class _Package(ModuleType):
    """Keeps `dc.compare` the function: importing the submodule of that name would replace it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in PUBLIC:
            found = getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)
        elif name == "ops":
            found = import_module(f"{__name__}.ops")
        else:
            names = import_module(f"{__name__}.ops.names")
            if name not in names.FUNCTIONS:
                raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
            found = names.called(name)
        self.__dict__[name] = found
        return found

    def __dir__(self) -> list[str]:
        return sorted({*PUBLIC, *super().__dir__()})


sys.modules[__name__].__class__ = _Package
