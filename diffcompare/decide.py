"""Which mode to use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from diffcompare.measure.ledger import Ledger

_BY_EASE: Final = ("reverse", "forward", "symbolic")
"""Of equals the sweep is the easier one: no expression has to be derived first."""


def advise(ledgers: Mapping[str, Ledger]) -> str:
    """The mode whose Jacobian takes the fewest operations as one program, in a sentence.

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
    """
    if not ledgers:
        return "No mode was built."
    totals = {mode: ledgers[mode].specialised.total for mode in _BY_EASE if mode in ledgers}
    best = min(totals, key=lambda mode: totals[mode])
    rest = ", ".join(f"{mode} {total:,}" for mode, total in totals.items() if mode != best)
    others = f" ({rest})" if rest else ""
    return f"Use {best}: the Jacobian as one program takes {totals[best]:,} operations{others}."
