"""Files written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from diffcompare.errors import DiffcompareError


def write_atomic(path: str | Path, text: str) -> None:
    """Write a text file by way of a temporary one beside it.

    Raises
    ------
    DiffcompareError
        Of kind "input" where the file cannot be written; what was there stays.
    """
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DiffcompareError("input", f"file {str(path)[:80]!r}", need="to be writable",
                               got=reason) from None  # fmt: skip
