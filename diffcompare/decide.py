"""Which mode to use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from diffcompare.measure.ledger import Ledger

_BY_EASE: Final = ("reverse", "forward", "symbolic")
"""Of equals a sweep is the easier one: no expression has to be derived first."""


def advise(ledgers: Mapping[str, Ledger]) -> str:
    """The mode whose Jacobian takes the fewest operations as one program, in a sentence.

    Of sweeps that tie, the one that takes fewer pass by pass. Where a mode is not one program, all
    are compared with f and pass by pass.

    Parameters
    ----------
    ledgers : mapping
        By mode, those that were built.

    Examples
    --------
    >>> from diffcompare.ops.op import Cost
    >>> six, nine = (Ledger(*[Cost(mul=n)] * 6) for n in (6, 9))
    >>> advise({"forward": nine, "reverse": six})
    'Use reverse: the Jacobian as one program takes 6 operations (forward 9).'
    >>> many = Ledger(*[Cost(mul=n) for n in (1, 2, 3, 12, 6, 7)])
    >>> advise({"forward": six, "reverse": many})
    'Use forward: the Jacobian as one program takes 6 operations (reverse 6); by passes, f included: reverse 12, forward 6.'
    """
    if not ledgers:
        return "No mode was built."
    books = {mode: ledgers[mode] for mode in _BY_EASE if mode in ledgers}
    written = {mode: book.specialised for mode, book in books.items() if book.specialised}
    if len(written) < len(books):  # arrays, or too many passes: like is compared with like
        written = {mode: book.total for mode, book in books.items()}
        what = "f and its Jacobian take"
    else:
        what = "the Jacobian as one program takes"
    totals = {mode: cost.total for mode, cost in written.items()}
    swept = {mode: book.total.total for mode, book in books.items() if mode != "symbolic"}
    best = min(totals, key=lambda mode: (totals[mode], mode == "symbolic", swept.get(mode, 0)))
    rest = ", ".join(f"{mode} {total:,}" for mode, total in totals.items() if mode != best)
    others = f" ({rest})" if rest else ""
    unit = "operation" if totals[best] == 1 else "operations"
    tied = [mode for mode in swept if totals[mode] == totals[best]]
    passes = ""
    if best in swept and len({swept[mode] for mode in tied}) > 1:
        passes = "; by passes, f included: " + ", ".join(f"{mode} {swept[mode]:,}" for mode in tied)
    return f"Use {best}: {what} {totals[best]:,} {unit}{others}{passes}."
