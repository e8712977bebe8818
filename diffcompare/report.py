"""The report: a frozen record of one comparison. No arithmetic here; `render` formats it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from diffcompare.decide.option import Decision
from diffcompare.errors import UnknownNameError, shorten
from diffcompare.graph.edges import Flag
from diffcompare.graph.graph import Graph
from diffcompare.measure.agreement import Agreement
from diffcompare.measure.granularity import Grain
from diffcompare.measure.ledger import Ledger
from diffcompare.measure.sample import Sample
from diffcompare.measure.swell import Swell
from diffcompare.modes.derivative import Derivative
from diffcompare.modes.jacobian import Blocks, Jacobian
from diffcompare.render.data import report_dict, report_json
from diffcompare.render.html import report_html, report_page
from diffcompare.render.latex import report_latex
from diffcompare.render.table import report_markdown, report_text
from diffcompare.render.trace import trace_text


@dataclass(frozen=True, eq=False)
class Leg:
    """What one mode gave, or why it gave nothing.

    Attributes
    ----------
    mode : str
    passes : int or None
        Derivative sweeps (for differences: evaluations of f) that the Jacobian takes; 0 symbolic.
    derivative : Derivative or None
    jacobian : Jacobian or None
    ledger : Ledger or None
        Operations: of f, shared by all passes, per pass, in all, and specialised to the seeds.
    error : float or None
        Largest relative error of an entry against the truth in high precision.
    seconds_once, seconds_point : float or None
        To derive, and to evaluate value and Jacobian at a point.
    memory : int or None
        Peak bytes of value and Jacobian, predicted.
    scratch : int
        Bytes that a layer takes at most while it works, beside these.
    sample : Sample or None
        The directions run where all passes would be over the budget; `jacobian` then is None.
    expressions : dict of str to str
        ∂output/∂input as a formula, where it is short.
    declined : str or None
        Why the leg was not run.
    notes : tuple of str
    """

    mode: str
    passes: int | None = None
    derivative: Derivative | None = field(default=None, repr=False)
    jacobian: Jacobian | None = None
    ledger: Ledger | None = None
    error: float | None = None
    seconds_once: float | None = None
    seconds_point: float | None = None
    memory: int | None = None
    scratch: int = 0
    sample: Sample | None = field(default=None, repr=False)
    expressions: dict[str, str] = field(default_factory=dict)
    declined: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """One graph, differentiated in every mode, side by side.

    Attributes
    ----------
    source : str
        The source as text.
    graph : Graph
    point : dict of str to float or ndarray
    wrt : tuple of str
    outputs : tuple of str
        A name for each output.
    value : tuple of float
        The numbers of all outputs, arrays flattened in row-major order.
    legs : dict of str to Leg
        By mode, in the order asked for.
    agreement : Agreement
    swell : Swell
    flags : tuple of Flag
        The nodes at which the point sits on an edge, or where a nan or inf was born.
    advice : str
        Which way to use, in one sentence.
    decision : Decision or None
        All ways side by side, in operations.
    memory : int
        Peak bytes of f alone, predicted.
    grains : tuple of Grain
        Costs as layers, as array operations and as numbers; none where no edge carries an array.
    dtype : {"float64", "float32"}
        What all was computed in.
    notes : tuple of str
        What arrays of the point were converted.
    """

    source: str
    graph: Graph
    point: dict[str, Any]
    wrt: tuple[str, ...]
    outputs: tuple[str, ...]
    value: tuple[float, ...]
    legs: dict[str, Leg]
    agreement: Agreement
    swell: Swell
    flags: tuple[Flag, ...] = ()
    advice: str = ""
    decision: Decision | None = field(default=None, repr=False)
    memory: int = 0
    grains: tuple[Grain, ...] = ()
    dtype: str = "float64"
    notes: tuple[str, ...] = ()

    def __getitem__(self, mode: str) -> Leg:
        if mode not in self.legs:
            raise UnknownNameError("input", "the report", need=f"one of {', '.join(self.legs)}",
                                   got=shorten(mode))  # fmt: skip
        return self.legs[mode]

    def __str__(self) -> str:
        return report_text(self)

    def __repr__(self) -> str:
        run = ", ".join(mode for mode, leg in self.legs.items() if not leg.declined)
        compared = [pair.entry is not None for pair in self.agreement.pairs]
        verdict = " agree" if self.agreement.ok else " disagree"
        if not any(compared):
            verdict = ", nothing to compare"
        elif not all(compared):
            verdict = f"; {sum(compared)} of {len(compared)} pairs compared,{verdict}"
        rows, columns = Blocks(self.graph, self.wrt).shape
        return f"Report({rows:,} by {columns:,}: {run}{verdict})"

    def to_dict(self) -> dict[str, Any]:
        """The report as plain numbers, texts, lists and dicts."""
        return report_dict(self)

    def to_json(self) -> str:
        """The report as JSON; nan and the infinities are the texts "nan", "inf", "-inf"."""
        return report_json(self)

    def to_markdown(self) -> str:
        """The report as Markdown tables."""
        return report_markdown(self)

    def to_latex(self) -> str:
        """The report as LaTeX."""
        return report_latex(self)

    def to_html(self, page: bool = False) -> str:
        """The report as an HTML fragment that needs nothing else, or as a whole page."""
        return (report_page if page else report_html)(self)

    _repr_html_ = to_html

    def trace(self, mode: str = "reverse", wrt: str | None = None, output: int = 0) -> str:
        """The trace table of a mode: node, formula, value, rule, derivative.

        Forward and symbolic by one input, the first by default; in reverse of one output.
        """
        names = self.wrt if wrt is None else wrt
        return trace_text(self.graph, self.point, mode, names, output, allow_nonfinite=True)
