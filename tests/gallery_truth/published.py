"""Numbers in print, by case: (input, or None for the value) and the digits as published."""

from __future__ import annotations

from typing import Final

PUBLISHED: Final[dict[str, dict[str | None, str | list[str]]]] = {
    "trace": {None: "11.652071455223084", "x1": "5.5", "x2": "1.7163378145367738"},
    "logistic_02": {"x": "2.4"},
    "logistic_03": {"x": "-2.688"},
    "logistic_04": {"x": "9.0660864"},
    "logistic_05": {"x": "15.302555848409088"},
    "logistic_10": {"x": "-246.07692890735666"},
    "logistic_20": {"x": "593458.74065050473"},
    "logistic_30": {"x": "379828163.22534311"},
    "cross_entropy": {None: "1.04", "s2": "0.631"},
    "softmax_log_loss": {
        "x1": "0.03205860328", "x2": "0.08714431874", "x3": "-0.76311718191", "x4": "0.64391425989",
    },
    "tanh_tails": {
        "x1": ["1.3409506830258969e-3", "0", "0", "0"],
        "x2": ["0", "2.4576547405332701e-5", "0", "0"],
        "x3": ["0", "0", "2.7657600427722565e-12", "0"],
        "x4": ["0", "0", "0", "1.6993417021166356e-17"],
    },
    "lrn": {
        "x1": "0.52101895503980623", "x2": "0.90805303778238235", "x3": "1.0636000941169688",
        "x4": "0.88852688479606772", "x5": "1.2040573089153688", "x6": "1.6684965186612588",
    },
    "kink_max_of_three": {"x": "1"},
    "kink_max_difference": {"x": "1"},
    "kink_softplus": {"x": "0.5"},
    "rosenbrock": {None: "24.2"},
}  # fmt: skip


def half_a_digit(digits: str) -> float:
    """How far a number may be from its printed digits; a float64 is a digit worse than long ones."""
    mantissa, _, exponent = digits.partition("e")
    places = len(mantissa.partition(".")[2])
    return max(0.5 * 10.0 ** (int(exponent or 0) - places), 4e-16 * abs(float(digits)))
