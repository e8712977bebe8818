"""The input names that a caller gives, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from diffcompare.errors import DiffcompareError, shorten


def check_label(label: object) -> str:
    """A name fit for an input: text of printable characters.

    Examples
    --------
    >>> check_label("x₁")
    'x₁'
    """
    if not isinstance(label, str) or not label or not label.isprintable():
        raise DiffcompareError(
            "name", "an input name", need="text of printable characters", got=shorten(label)
        )
    return label


def read_inputs(inputs: Iterable[object]) -> tuple[str, ...]:
    """The names in order, each once; a string alone is one name."""
    names = (inputs,) if isinstance(inputs, str) else inputs
    if not isinstance(names, Iterable):
        raise DiffcompareError("type", "inputs", need="a sequence of names", got=shorten(inputs))
    checked: dict[str, None] = {}
    for name in names:
        if check_label(name) in checked:
            raise DiffcompareError(
                "name", "inputs", need="each name once", got=f"{shorten(name)} twice"
            )
        checked[check_label(name)] = None
    return tuple(checked)


def arranged(used: Sequence[str], inputs: Iterable[object] | None) -> tuple[str, ...]:
    """All inputs in the caller's order, unused ones too; those used, by name, if none is given.

    Raises
    ------
    DiffcompareError
        Of kind "name", where one that is used is not among those given.

    Examples
    --------
    >>> arranged(["b", "a"], None), arranged(["b", "a"], ["b", "c", "a"])
    (('a', 'b'), ('b', 'c', 'a'))
    """
    if inputs is None:
        return tuple(sorted(check_label(name) for name in used))
    names = read_inputs(inputs)
    known = set(names)
    for name in used:
        if name not in known:
            listed = ", ".join(names[:8]) or "none"
            raise DiffcompareError(
                "name", "inputs", need=f"every name that is used, also {shorten(name)}", got=listed
            )
    return names
