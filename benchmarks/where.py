"""The machine, the day and the versions that figures belong to."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.comparison import Effort, Row
from benchmarks.peers import OURS, SYSTEMS, installed_version


def machine(threads: int, effort: Effort) -> dict[str, str]:
    """By name, as text."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "threads": str(threads),
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "measured": f"medians of {effort.rounds} rounds of {effort.seconds:g} s each",
    }


def versions(rows: Sequence[Row]) -> str:
    """Of the systems that took part, as each said itself."""
    found = {}
    for row in rows:
        for name, figures in row.figures.items():
            if name not in OURS and figures.version:
                found[SYSTEMS[name].package] = figures.version
    for name in ("numpy", "llvmlite"):
        if version := installed_version(name):
            found[name] = version
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
