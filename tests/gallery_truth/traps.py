"""Published numbers: the logistic map, accuracy traps, kinks, second order."""

from __future__ import annotations

from math import inf, nan
from typing import Any

from .numeric import TRUTH, differentiated, mp, stated, truth, truth_with_hessian

DEPTHS = (2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 30)


def _logistic(n: int) -> Any:
    def closed_form(x: Any) -> Any:
        return mp.sin(2 ** (n - 1) * mp.asin(mp.sqrt(x))) ** 2

    return lambda point: differentiated(closed_form, point)


for _n in DEPTHS:
    TRUTH[f"logistic_{_n:02}"] = _logistic(_n)


def logistic_slope(n: int, x: float) -> float:
    """The derivative of the logistic map's nth iterate in closed form, θ = asin √x."""
    theta = mp.asin(mp.sqrt(mp.mpf(repr(x))))
    return float(2 ** (n - 1) * mp.sin(2**n * theta) / mp.sin(2 * theta))


@truth
def speelpenning(**x: Any) -> Any:
    return mp.fprod(x.values())


@truth
def lighthouse(nu: Any, gamma: Any, omega: Any, t: Any) -> Any:
    sine, cosine = mp.sin(omega * t), mp.cos(omega * t)
    y1 = nu * sine / (gamma * cosine - sine)
    return [y1, gamma * y1]


@truth
def tanh_tails(x1: Any, x2: Any, x3: Any, x4: Any) -> Any:
    return [1 - 2 / (mp.exp(2 * x) + 1) for x in (x1, x2, x3, x4)]


@truth
def cancellation(x: Any) -> Any:
    return +x


@truth_with_hessian
def hessian_product(x: Any, y: Any, z: Any) -> Any:
    return (x * y * z) ** 2


@truth_with_hessian
def hessian_vector(x: Any, y: Any) -> Any:
    return (x * y) ** 2


@truth_with_hessian
def sinc_series(x: Any) -> Any:
    return mp.sinc(x)


@truth
def lrn(**v: Any) -> Any:
    x = list(v.values())
    total = mp.mpf(0)
    for k, number in enumerate(x):
        window = x[max(k - 2, 0) : k + 3]
        scale = 2 + mp.fsum([t**2 for t in window]) / 10000
        total += (k + 1) * number / mp.root(scale, 4) ** 3
    return total


@truth
def arrowhead(**v: Any) -> Any:
    x = list(v.values())
    return [mp.norm(x) ** 2] + [x[0] * t for t in x[1:]]


@truth
def broyden_tridiagonal(**v: Any) -> Any:
    x = [0, *v.values(), 0]
    return [(3 - 2 * x[i]) * x[i] - x[i - 1] - 2 * x[i + 1] + 1 for i in range(1, len(x) - 1)]


# At kinks the convention decides: relu′(0) = 0, |x|′(0) = 0, ties of max and min split evenly, a
# branch not taken does not count. Where the function is smooth all the same, its note says so.
stated("kink_max_of_three", 0.0, {"x": 1.0})
stated("kink_relu_difference", 0.0, {"x": 0.0})
stated("kink_max_difference", 0.0, {"x": 1.0})
stated("kink_softplus", float(mp.ln(2)), {"x": 0.5})
stated("kink_clip", 1.0, {"x": 0.5})
stated("kink_sqrt_of_square", 0.0, {"x": nan})
stated("kink_sinc_piecewise", 1.0, {"x": 0.0}, [[0.0]])
stated("pole_sqrt", 0.0, {"x": inf})
stated("power_of_negative", -8.0, {"x": 12.0, "y": nan})
