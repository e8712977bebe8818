"""The truth about the gallery's cases, computed in mpmath apart from the project.

``python -m gallery_truth NAME`` in the folder `tests` prints the `[expect]` tables of a case.
"""

from .lecture import trace  # noqa: F401  importing a module enters its truths
from .numeric import TRUTH, Truth
from .published import PUBLISHED, half_a_digit
from .science import kepler  # noqa: F401
from .systems import roe_flux  # noqa: F401
from .traps import logistic_slope

__all__ = ["PUBLISHED", "TRUTH", "Truth", "half_a_digit", "logistic_slope"]
