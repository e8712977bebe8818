"""One formula or network, differentiated three ways, with what each way costs side by side."""

from __future__ import annotations

import sys
from importlib import import_module
from types import FunctionType, ModuleType
from typing import Any

# name: where it lives. Loaded on first use, so that the command line starts at once.
PUBLIC = {
    "Budget": "budget",
    "Calibration": "decide.calibration",
    "Case": "parse.casefile",
    "Coloring": "modes.sparsity.coloring",
    "DiffcompareError": "errors",
    "Dual": "numbers.dual",
    "Elimination": "modes.elimination.eliminate",
    "Graph": "graph.graph",
    "Pattern": "modes.sparsity.pattern",
    "Program": "run.program",
    "Report": "report",
    "TreeSize": "numbers.treesize",
    "Variable": "graph.variable",
    "calibrate": "decide.calibration",
    "calibration": "decide.calibration",
    "cases": "measure.swell",
    "chain_paths": "measure.paths",
    "checkpoint": "modes.checkpointing.checkpointed",
    "checkpoints": "measure.checkpoints",
    "checkpoints_json": "render.records",
    "checkpoints_text": "render.table",
    "choice_text": "render.table",
    "choose_granularity": "decide.granularity",
    "coloring": "modes.sparsity.coloring",
    "colorings": "render.sparsity",
    "compare": "compare",
    "compile": "run.program",
    "compile_jacobian": "run.jacobian",
    "compile_sparse_jacobian": "run.jacobian",
    "compress": "modes.sparsity.compressed",
    "compress_hessian": "modes.sparsity.compressed",
    "compressed_cost": "measure.compressed",
    "count": "measure.ledger",
    "curve_json": "render.records",
    "curve_text": "render.plot",
    "decide": "decide.decision",
    "decision_json": "render.decision",
    "decision_text": "render.table",
    "derivative_tree_size": "numbers.treesize",
    "derive": "render.written",
    "derive_json": "render.records",
    "differentiate": "modes.differentiate",
    "differentiate_all": "modes.differentiate",
    "eliminate": "modes.elimination.eliminate",
    "elimination_dot": "render.elimination",
    "elimination_json": "render.elimination",
    "elimination_text": "render.elimination",
    "equivalence": "measure.equivalence",
    "equivalence_text": "render.depths",
    "error_curve": "measure.accuracy",
    "expand": "graph.expand",
    "from_listing": "graph.listing",
    "gallery_json": "render.records",
    "gallery_line": "render.table",
    "grains_json": "render.records",
    "grains_text": "render.table",
    "granularities": "measure.granularity",
    "hessian": "modes.second",
    "hessian_sparsity": "modes.sparsity.pattern",
    "hvp": "modes.second",
    "hvp_graph": "modes.second",
    "iterate": "graph.iterate",
    "jacobian": "modes.full",
    "linearise": "modes.elimination.linearise",
    "local_jacobians": "measure.local",
    "local_json": "render.local",
    "local_text": "render.local",
    "matrix_text": "render.local",
    "memory": "measure.memory",
    "parameters": "measure.parameters",
    "parameters_json": "render.records",
    "parameters_text": "render.local",
    "parse": "parse.source",
    "paths_json": "render.records",
    "paths_text": "render.plot",
    "read_case": "parse.casefile",
    "read_edge_list": "modes.elimination.edge_list",
    "read_gallery": "parse.problem",
    "read_problem": "parse.problem",
    "recognise": "measure.closed_form",
    "sparse_hessian": "modes.sparsity.compressed",
    "sparse_jacobian": "modes.sparsity.compressed",
    "sparsity": "modes.sparsity.pattern",
    "sparsity_json": "render.sparsity",
    "sparsity_text": "render.sparsity",
    "swell": "measure.swell",
    "swell_curve": "measure.depths",
    "swell_curve_json": "render.depths",
    "swell_curve_text": "render.depths",
    "swell_json": "render.data",
    "swell_text": "render.table",
    "to_dot": "render.dot",
    "to_listing": "graph.listing",
    "trace": "parse.trace",
    "trace_json": "render.records",
    "trace_outputs": "render.trace",
    "trace_text": "render.trace",
    "tree_sizes": "numbers.treesize",
    "write_atomic": "files",
}
# Every function a formula may call is public too, from `ops`: dc.sin, dc.where, dc.conv2d, …

_CHECKED: dict[str, Any] = {}
"""Functions that check their arguments; not in the package's dictionary, where each would be
taken for one that is defined here."""


class _Package(ModuleType):
    """Keeps `dc.compare` the function: importing the submodule of that name would replace it."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in _CHECKED:
            return _CHECKED[name]
        if name in PUBLIC:
            found = getattr(import_module(f"{__name__}.{PUBLIC[name]}"), name)
            if isinstance(found, FunctionType):
                checked = import_module(f"{__name__}.arguments").checked
                return _CHECKED.setdefault(name, checked(found, __name__))
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
