"""Formulas in use: finance, physics, chemistry, biology, statistics."""

# ruff: noqa: N803  the letters are those of the sources

from __future__ import annotations

from typing import Any

from .numeric import mp, truth, truth_with_hessian


@truth_with_hessian
def black_scholes(S: Any, K: Any, r: Any, sigma: Any, T: Any) -> Any:
    # The discounted expectation of max(S_T - K, 0), S_T lognormal, in terms of the normal law.
    spread = sigma * mp.sqrt(T)
    forward = S * mp.exp(r * T)
    d = mp.log(forward / K) / spread
    law = mp.ncdf
    return mp.exp(-r * T) * (forward * law(d + spread / 2) - K * law(d - spread / 2))


@truth_with_hessian
def lennard_jones(r: Any, epsilon: Any, sigma: Any) -> Any:
    least = mp.root(2, 6) * sigma  # where the potential is -ε
    return epsilon * ((least / r) ** 12 - 2 * (least / r) ** 6)


@truth
def kepler(E: Any, e: Any, M: Any) -> Any:
    return E - M - e * mp.im(mp.expj(E))


@truth_with_hessian
def rosenbrock(x: Any, y: Any) -> Any:
    return (1 - 2 * x + x**2) + 100 * (y**2 - 2 * y * x**2 + x**4)


@truth
def helmholtz(x1: Any, x2: Any, x3: Any) -> Any:
    x, gas = [x1, x2, x3], mp.mpf("8.314") * 300
    b = [mp.mpf(t) for t in ("0.1", "0.2", "0.15")]
    a = [[mp.mpf(t) for t in row] for row in
         (("900", "300", "200"), ("300", "800", "100"), ("200", "100", "700"))]  # fmt: skip
    bx = mp.fdot(b, x)
    quadratic = mp.fdot(x, [mp.fdot(row, x) for row in a])
    root = mp.sqrt(2)
    mixing = mp.fsum([t * (mp.ln(t) - mp.ln(1 - bx)) for t in x])
    ratio = mp.ln(1 + (1 + root) * bx) - mp.ln(1 + (1 - root) * bx)
    return gas * mixing - quadratic / (2 * root * bx) * ratio


@truth
def van_der_waals(T: Any, V: Any, n: Any) -> Any:
    volume = V / n  # per mole; carbon dioxide, SI units
    return mp.mpf("8.314462618") * T / (volume - mp.mpf("4.267e-5")) - mp.mpf("0.3640") / volume**2


@truth
def michaelis_menten(S: Any, Vmax: Any, Km: Any) -> Any:
    return Vmax * (1 - Km / (Km + S))


@truth
def brusselator(x: Any, y: Any, a: Any, b: Any) -> Any:
    return [a - x * (b + 1 - x * y), x * (b - x * y)]


@truth
def lorenz_step(x: Any, y: Any, z: Any) -> Any:
    sigma, rho, beta, h = mp.mpf(10), mp.mpf(28), mp.mpf(8) / 3, mp.mpf("0.01")

    def slope(s: Any) -> Any:
        x, y, z = s
        return mp.matrix([sigma * (y - x), x * (rho - z) - y, x * y - beta * z])

    s = mp.matrix([x, y, z])
    k1 = slope(s)
    k2 = slope(s + k1 * h / 2)
    k3 = slope(s + k2 * h / 2)
    k4 = slope(s + k3 * h)
    return list(s + (k1 + 2 * k2 + 2 * k3 + k4) * h / 6)


@truth
def planck(wavelength: Any, T: Any) -> Any:
    h, c, k = mp.mpf("6.62607015e-34"), mp.mpf(299792458), mp.mpf("1.380649e-23")
    frequency = c / wavelength
    per_frequency = 2 * h * frequency**3 / c**2 / mp.expm1(h * frequency / (k * T))
    return per_frequency * c / wavelength**2


@truth
def haversine(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    def unit(lat: Any, lon: Any) -> list[Any]:
        return [mp.cos(lat) * mp.cos(lon), mp.cos(lat) * mp.sin(lon), mp.sin(lat)]

    return 6371 * mp.acos(mp.fdot(unit(lat1, lon1), unit(lat2, lon2)))


@truth
def hodgkin_huxley(V: Any, m: Any, h: Any, n: Any) -> Any:
    alpha_n = (10 - V) / 100 / mp.expm1((10 - V) / 10)
    alpha_m = (25 - V) / 10 / mp.expm1((25 - V) / 10)
    alpha_h = mp.mpf(7) / 100 * mp.exp(-V / 20)
    beta_n, beta_m = mp.exp(-V / 80) / 8, 4 * mp.exp(-V / 18)
    beta_h = 1 / (mp.exp((30 - V) / 10) + 1)
    current = (
        120 * m**3 * h * (V - 115) + 36 * n**4 * (V + 12) + mp.mpf(3) / 10 * (V - mp.mpf("10.6"))
    )
    return [
        10 - current,
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    ]


@truth
def log_beta(a: Any, b: Any) -> Any:
    return mp.log(mp.beta(a, b))


@truth
def gaussian_mixture(alpha1: Any, alpha2: Any, mu1: Any, mu2: Any, q1: Any, q2: Any) -> Any:
    weights = [1 / (1 + mp.exp(alpha2 - alpha1)), 1 / (1 + mp.exp(alpha1 - alpha2))]
    spreads = [mp.exp(-q1), mp.exp(-q2)]  # q is the logarithm of the precision's root
    total = mp.mpf(0)
    for number in ("-1.2", "0.3", "1.9", "2.4"):
        total += mp.log(mp.fsum([
            w * mp.npdf(mp.mpf(number), mu, s)
            for w, mu, s in zip(weights, [mu1, mu2], spreads, strict=True)
        ]))  # fmt: skip
    return total
