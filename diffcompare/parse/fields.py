"""Readers of the fields of a file: each takes a value from outside and returns it checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np

from diffcompare.errors import shorten
from diffcompare.parse.toml import Key, TomlFile

Reader = Callable[[TomlFile, Any, Key], Any]


def text(file: TomlFile, value: Any, key: Key) -> str:
    """Text."""
    if not isinstance(value, str):
        file.refuse(key, "text", shorten(value))
    return value


def texts(file: TomlFile, value: Any, key: Key) -> tuple[str, ...]:
    """An array of texts, not empty."""
    if not isinstance(value, list) or not value:
        file.refuse(key, "an array of texts", shorten(value))
    return tuple([text(file, item, key) for item in value])


def text_or_texts(file: TomlFile, value: Any, key: Key) -> tuple[str, ...]:
    """Text, or an array of texts."""
    return (value,) if isinstance(value, str) else texts(file, value, key)


def names(file: TomlFile, value: Any, key: Key) -> tuple[str, ...]:
    """An array of texts, each once."""
    found = texts(file, value, key)
    if len(set(found)) < len(found):
        file.refuse(key, "each name once", shorten(list(found)))
    return found


def flag(file: TomlFile, value: Any, key: Key) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        file.refuse(key, "true or false", shorten(value))
    return value


def number(file: TomlFile, value: Any, key: Key) -> float:
    """A number; nan and inf count."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        file.refuse(key, "a number", shorten(value))
    try:
        return float(value)
    except OverflowError:
        file.refuse(key, "the range of float64", shorten(value))


def finite(file: TomlFile, value: Any, key: Key) -> float:
    """A finite number."""
    found = number(file, value, key)
    if not isfinite(found):
        file.refuse(key, "a finite number", str(found))
    return found


def positive(file: TomlFile, value: Any, key: Key) -> float:
    """A finite number above zero."""
    found = finite(file, value, key)
    if found <= 0:
        file.refuse(key, "a positive number", str(found))
    return found


def count(file: TomlFile, value: Any, key: Key) -> int:
    """A whole number from zero."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        file.refuse(key, "a whole number", shorten(value))
    return value


def numbers(file: TomlFile, value: Any, key: Key) -> Any:
    """A number, or an array of them, of any depth; nan and inf count."""
    if not isinstance(value, list):
        return number(file, value, key)
    return tuple([numbers(file, item, key) for item in value])  # a file's nesting is bounded


def finite_array(file: TomlFile, value: Any, key: Key) -> Any:
    """A finite number, or nested arrays of them."""
    if not isinstance(value, list):
        return finite(file, value, key)
    rows = [finite_array(file, item, key) for item in value]  # a file's nesting is bounded
    if len({np.shape(row) for row in rows}) != 1:
        file.refuse(key, "an array whose rows are of one length, not empty", shorten(value))
    return rows


def shape(file: TomlFile, value: Any, key: Key) -> tuple[int, ...]:
    """The sizes of an array: whole numbers above zero."""
    if not isinstance(value, list) or not value or any(type(n) is not int or n < 1 for n in value):
        file.refuse(key, "an array of whole sizes above 0", shorten(value))
    return tuple(value)


def square(file: TomlFile, value: Any, key: Key) -> tuple[tuple[float, ...], ...]:
    """A square matrix, an array of its rows."""
    rows: list[Any] = value if isinstance(value, list) else [value]
    if any(not isinstance(row, list) or len(row) != len(rows) for row in rows):
        file.refuse(key, "an array of rows, as many as each has numbers", shorten(value))
    return tuple([tuple([number(file, item, key) for item in row]) for row in rows])


def one_of(*allowed: str) -> Reader:
    """A reader of one of a few words."""

    def read(file: TomlFile, value: Any, key: Key) -> Any:
        if value not in allowed:
            file.refuse(key, f"one of {', '.join(allowed)}", shorten(value))
        return value

    return read


def table_of(reader: Reader) -> Reader:
    """A reader of a table of any names with values of one kind."""

    def read(file: TomlFile, value: Any, key: Key) -> dict[str, Any]:
        if not isinstance(value, dict):
            file.refuse(key, "a table", shorten(value))
        return {name: reader(file, item, (*key, name)) for name, item in value.items()}

    return read


def table(readers: Mapping[str, Reader]) -> Reader:
    """A reader of a table of known keys, each of which may be missing."""

    def check(file: TomlFile, value: Any, key: Key) -> Any:
        name = key[-1]
        if name not in readers:
            close = get_close_matches(name, readers, 1)
            hint = f"did you mean {close[0]}?" if close else ""
            file.refuse(key, f"to be one of {', '.join(readers)}", shorten(name), hint)
        return readers[name](file, value, key)

    return table_of(check)
