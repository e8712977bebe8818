"""Commands that draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import diffcompare as dc
from diffcompare.commands.command import (
    Command,
    Options,
    Parser,
    add_shown,
    add_source,
    read,
    show,
    whole,
    write,
)


def _add_dot(command: Parser) -> None:
    add_source(command)
    command.add_argument("--mode", help="draw the derivative's graph: forward, reverse, symbolic")
    command.add_argument("--depth", type=whole, default=0, metavar="N",
                         help="0 layers as boxes, 1 opened to array operations, 2 to numbers")  # fmt: skip
    command.add_argument("--collapse", metavar="NAMES", help="what stays folded: conv2d,v3")
    command.add_argument("-o", "--output", metavar="FILE", help="write to a file")


def _dot(options: Options) -> int:
    problem = read(options)
    graph = problem.graph
    drawn = dc.differentiate(graph, options.mode, problem.wrt) if options.mode else graph
    folded = options.collapse.split(",") if options.collapse else ()
    text = dc.to_dot(drawn, point=problem.point or None, depth=options.depth, collapse=folded)
    write(text, options.output)
    return 0


def _paths(options: Options) -> int:
    problem = read(options)
    found = {
        name: dc.chain_paths(problem.graph, problem.point, name)
        for name in problem.wrt or problem.graph.inputs
    }
    show(options, _paths_text, dc.paths_json, found)
    return 0


def _paths_text(found: Mapping[str, Any]) -> str:
    return "\n".join(f"Paths from {name}\n{dc.paths_text(paths)}" for name, paths in found.items())


def _add_curve(command: Parser) -> None:
    add_shown(command)
    command.add_argument("--scheme", default="central", help="forward, central or complex")


def _curve(options: Options) -> int:
    problem = read(options)
    found = {
        name: dc.error_curve(problem.graph, problem.point, name, options.scheme)
        for name in problem.wrt or problem.graph.inputs
    }

    def text(found: Mapping[str, Any]) -> str:
        title = f"Relative error of {options.scheme} differences by"
        return "\n".join(
            f"{title} {name}, against the step h\n{dc.curve_text(curve)}"
            for name, curve in found.items()
        )

    show(options, text, dc.curve_json, found)
    return 0


COMMANDS = (
    Command("dot", _dot, "the graph, or a derivative's graph, in Graphviz's DOT", _add_dot),
    Command("paths", _paths, "the chain rule path by path, each with its product", add_shown),
    Command("curve", _curve, "the error of differences against their step", _add_curve),
)
