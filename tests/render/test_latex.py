"""LaTeX: formulas as mathematics, and documents that compile."""

import dataclasses
import re
import shutil
import subprocess
import tempfile

import pytest

import diffcompare as dc
from diffcompare.ops.linalg import matmul
from diffcompare.ops.moves import Transpose
from diffcompare.ops.op import OPS
from diffcompare.render.latex import graph_latex, report_latex
from diffcompare.render.tex import symbol, text

SCALAR = [op for op in OPS.values() if op.elementwise]
COMPILER = shutil.which("pdflatex") or shutil.which("tectonic")
COMMANDS = """
frac sqrt ln log sin cos tan arcsin arccos arctan sinh cosh tanh exp max min Gamma sigma psi pi left
right lfloor rfloor lceil rceil operatorname mathrm text begin end cdot bmod le ge ne pm infty partial
times ldots alpha beta theta lambda Omega mu hat acute ddot dot bar check breve grave tilde textbackslash
textasciitilde textasciicircum paragraph mbox hline langle rangle
"""


def well_formed(source):
    """Balanced, ASCII, of known commands only: what can be said without a compiler."""
    assert source.isascii()
    bare = re.sub(r"\\[\\{}$&#%_]", "", source)
    assert set(re.findall(r"\\([A-Za-z]+)", bare)) <= set(COMMANDS.split())
    depth = 0
    for c in bare:
        depth += (c == "{") - (c == "}")
        assert depth >= 0
    assert depth == 0
    assert bare.count(r"\left") == bare.count(r"\right")
    assert bare.count("$") % 2 == 0
    assert "%" not in bare
    assert "#" not in bare
    stack = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+)\}", source):
        if kind == "begin":
            stack.append(name)
        else:
            assert stack.pop() == name
    assert stack == []


@pytest.mark.parametrize(
    ("formula", "expected"),
    [("x1/(x2 + 1)", r"\frac{x_{1}}{x_{2} + 1}"), ("x**2", "x^{2}"), ("(-x)**2", r"\left(-x\right)^{2}"),
     ("x**(3/2)", "x^{3/2}"), ("x**-1", "x^{-1}"), ("log(x)", r"\ln\left(x\right)"), ("x**y", "x^{y}"),
     ("a - (b - c)", r"a - \left(b - c\right)"), ("a*(b + c)", r"a \cdot \left(b + c\right)"),
     ("a + b*c", r"a + b \cdot c"), ("sin(x)**2", r"\sin\left(x\right)^{2}"), ("-x + y", "-x + y"),
     ("-(x + y)", r"-\left(x + y\right)"), ("x - -y", r"x - \left(-y\right)"), ("sqrt(x)", r"\sqrt{x}"),
     ("abs(x)", r"\left|x\right|"), ("(x/y)**2", r"\left(\frac{x}{y}\right)^{2}"), ("pi*x", r"\pi \cdot x"),
     ("x <= y", r"x \le y"), ("1e-9*x", r"10^{-9} \cdot x"), ("2.5e-30*x", r"2.5 \cdot 10^{-30} \cdot x"),
     ("polygamma(1, x)", r"\psi^{(1)}\left(x\right)"), ("x % y", r"x \bmod y"), ("(x**2)**3", r"\left(x^{2}\right)^{3}"),
     ("where(x > 0, x, 0)", r"\begin{cases} x & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}"),
     ("(-x)**y", r"\left(-x\right)^{y}"), ("(a**b)**c", r"\left(a^{b}\right)^{c}"),
     ("alpha*β_1", r"\alpha \cdot \beta_{1}")],
)  # fmt: skip
def test_mathematics(formula, expected):
    assert graph_latex(dc.parse(formula)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("x", "x"), ("x1", "x_{1}"), ("x_12", "x_{12}"), ("theta", r"\theta"), ("lambda2", r"\lambda_{2}"),
     ("λ", r"\lambda"), ("speed", r"\mathrm{speed}"), ("x_dot", r"x_{\mathrm{dot}}"), ("é", r"\acute{e}"),
     ("v_max_1", r"v_{\mathrm{max\_1}}"), ("_", r"\_"), ("a_", r"\mathrm{a\_}"), ("Ω", r"\Omega")],
)  # fmt: skip
def test_names(name, expected):
    assert symbol(name) == expected


def test_text_is_no_command():
    for c in map(chr, [*range(32, 127), 0xE9, 0x4E2D, 0x2202, 0x1F600, 0]):
        well_formed(text(c) + text(f"a{c}b"))
    assert text(r"\input{x}") == r"\textbackslash{}input\{x\}"


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
def test_every_op(op, named):
    graph = named(*"abcd"[: op.arity[1] or 3], build=op)
    well_formed(graph_latex(graph))
    for mode in ("forward", "reverse"):
        derivative = dc.differentiate(graph, mode).jacobian_graph
        for index in derivative.outputs:
            well_formed(graph_latex(derivative, index))


def test_matrices():
    graph = dc.Graph.empty()
    a, x = dc.Variable.input(graph, "A", (2, 3)), dc.Variable.input(graph, "x", (2, 1))
    graph.outputs = (matmul(Transpose((1, 0))(a), x + x).index,)
    assert graph_latex(graph) == r"A^{\top} \, \left(x + x\right)"


def test_a_long_formula_has_lines():
    lines = ["l1 = x", *(f"l{k} = 4*l{k - 1}*(1 - l{k - 1})" for k in range(2, 30))]
    source = graph_latex(dc.parse("\n".join(lines)))
    well_formed(source)
    assert source.startswith("\\begin{aligned}\nv_{")
    assert source.count(r"\\") == 27


@pytest.mark.parametrize(
    "case", ["lecture", "edges", "outputs", "swelling", "constant", "names", "arrays"]
)
def test_reports(reports, case):
    source = report_latex(reports[case])
    well_formed(source)
    for table in re.findall(r"\\begin\{tabular\}\{(\w+)\}(.*?)\\end", source, re.DOTALL):
        counts = {len(re.findall(r"(?<!\\)&", line)) for line in table[1].strip().splitlines()}
        assert counts == {len(table[0]) - 1}
    compiled(source)


def test_reports_of_strange_names(reports, nasty):
    names = tuple(nasty.inputs)
    evil = "\\input{/etc/passwd} %$#&~^_"
    report = dataclasses.replace(reports["lecture"], wrt=names[:2], outputs=(evil,), advice=evil)
    source = report_latex(report)
    well_formed(source)
    well_formed(graph_latex(nasty))
    assert "\\input" not in source
    compiled(source)


def test_the_lecture(reports):
    source = report_latex(reports["lecture"])
    assert r"y = \ln\left(x_{1}\right) + x_{1} \cdot x_{2} - \sin\left(x_{2}\right)" in source
    assert r"\frac{\partial y}{\partial x_{1}} &= x_{2} + \frac{1}{x_{1}}" in source


def compiled(source):
    """Where a compiler is installed, the document compiles."""
    if COMPILER is None:
        return
    document = (
        "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n"
        + source
        + "\n\\end{document}"
    )
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [COMPILER, "-halt-on-error"], input=document, text=True, capture_output=True, cwd=folder,
            check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
