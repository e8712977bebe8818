"""What `dc.<name>` is, for type checkers; at run time names are loaded on first use."""

from typing import Any

from diffcompare.budget import Budget as Budget
from diffcompare.compare import compare as compare
from diffcompare.errors import DiffcompareError as DiffcompareError
from diffcompare.files import write_atomic as write_atomic
from diffcompare.graph.expand import expand as expand
from diffcompare.graph.graph import Graph as Graph
from diffcompare.graph.listing import from_listing as from_listing
from diffcompare.graph.listing import to_listing as to_listing
from diffcompare.graph.variable import Variable as Variable
from diffcompare.measure.accuracy import error_curve as error_curve
from diffcompare.measure.granularity import granularities as granularities
from diffcompare.measure.ledger import count as count
from diffcompare.measure.paths import chain_paths as chain_paths
from diffcompare.measure.swell import cases as cases
from diffcompare.measure.swell import swell as swell
from diffcompare.modes.differentiate import differentiate as differentiate
from diffcompare.modes.differentiate import differentiate_all as differentiate_all
from diffcompare.modes.second import hessian as hessian
from diffcompare.modes.second import hvp as hvp
from diffcompare.numbers.dual import Dual as Dual
from diffcompare.numbers.treesize import TreeSize as TreeSize
from diffcompare.numbers.treesize import derivative_tree_size as derivative_tree_size
from diffcompare.numbers.treesize import tree_sizes as tree_sizes
from diffcompare.parse.casefile import Case as Case
from diffcompare.parse.casefile import read_case as read_case
from diffcompare.parse.problem import read_gallery as read_gallery
from diffcompare.parse.problem import read_problem as read_problem
from diffcompare.parse.source import parse as parse
from diffcompare.parse.trace import trace as trace
from diffcompare.render.data import swell_json as swell_json
from diffcompare.render.dot import to_dot as to_dot
from diffcompare.render.plot import curve_text as curve_text
from diffcompare.render.plot import paths_text as paths_text
from diffcompare.render.table import gallery_line as gallery_line
from diffcompare.render.table import grains_text as grains_text
from diffcompare.render.table import swell_text as swell_text
from diffcompare.render.trace import trace_text as trace_text
from diffcompare.render.written import derive as derive
from diffcompare.report import Report as Report

PUBLIC: dict[str, str]

def __getattr__(name: str) -> Any: ...  # the functions of diffcompare.ops.names
