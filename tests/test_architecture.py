"""Data flows one way: imports go from low to high, and nothing runs code from text."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import diffcompare

PACKAGE = Path(__file__).resolve().parents[1] / "diffcompare"
LAYERS = [
    {"errors"}, {"arguments", "budget", "collector", "files", "threads"}, {"ops"}, {"graph"}, {"parse", "numbers"}, {"modes"}, {"run"}, {"measure"},
    {"decide"}, {"render"}, {"report"}, {"compare"}, {"commands"}, {"__main__"},
]  # fmt: skip
FILES = sorted(PACKAGE.rglob("*.py"))


def layer(name: str) -> int:
    return next(level for level, names in enumerate(LAYERS) if name in names)


def imported(path: Path) -> list[str]:
    """Modules of the package that a file imports when it is loaded."""
    names = []
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("diffcompare"):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.startswith("diffcompare.")]
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if here == "__init__":
        assert imported(path) == []
        return
    for name in imported(path):
        there = name.split(".")[1]
        if there != here:
            assert layer(there) < layer(here), f"{path} imports {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_runs_text_as_code(path: Path) -> None:
    banned = {"eval", "exec", "sympify", "parse_expr", "lambdify", "compile", "__import__"}
    if path == PACKAGE / "run" / "backends.py":  # what it runs, it wrote itself
        banned -= {"exec"}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in banned


def test_public_names_resolve_and_submodules_do_not_shadow_them() -> None:
    code = (
        "import diffcompare.compare, diffcompare as dc\n"
        "assert callable(dc.compare) and callable(dc.sin) and callable(dc.trace)\n"
        "assert [getattr(dc, name) for name in dc.PUBLIC]\n"
        "assert not hasattr(dc, 'nonsense')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_type_checkers_see_the_public_names() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text())
    told = {
        alias.asname: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.module != "typing"
        for alias in node.names
    }
    assert told == {name: f"diffcompare.{home}" for name, home in diffcompare.PUBLIC.items()}


def test_help_loads_none_of_the_core_packages() -> None:
    code = (
        "import sys, diffcompare.__main__\n"
        "try: diffcompare.__main__.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'sympy', 'numpy', 'networkx'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
