"""Vector functions: robots, cameras, fluids, and test problems of nonlinear equations."""

# ruff: noqa: N803  the letters are those of the sources

from __future__ import annotations

from typing import Any

from .numeric import mp, truth


@truth
def robot_arm(t1: Any, t2: Any, t3: Any, t4: Any, t5: Any, t6: Any) -> Any:
    # Denavit and Hartenberg: a product of six frames, each four numbers.
    half = mp.pi / 2
    frames = [
        (t1, 575, 175, half), (t2, 0, 890, 0), (t3, 0, 50, half),
        (t4, 1035, 0, -half), (t5, 0, 0, half), (t6, 185, 0, 0),
    ]  # fmt: skip
    pose = mp.eye(4)
    for theta, d, a, alpha in frames:
        c, s, ca, sa = mp.cos(theta), mp.sin(theta), mp.cos(alpha), mp.sin(alpha)
        pose *= mp.matrix(
            [[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]]
        )
    angles = [
        mp.atan2(pose[1, 2], pose[0, 2]),
        mp.acos(pose[2, 2]),
        mp.atan2(pose[2, 1], -pose[2, 0]),
    ]
    return [pose[0, 3], pose[1, 3], pose[2, 3], *angles]


@truth
def reprojection(
    r1: Any, r2: Any, r3: Any, t1: Any, t2: Any, t3: Any, f: Any, k1: Any, k2: Any,
    X: Any, Y: Any, Z: Any,
) -> Any:  # fmt: skip
    spin = mp.matrix([[0, -r3, r2], [r3, 0, -r1], [-r2, r1, 0]])
    x, y, z = mp.expm(spin, method="taylor") * mp.matrix([X, Y, Z]) + mp.matrix([t1, t2, t3])
    u, v = -x / z, -y / z
    square = u**2 + v**2
    scale = f * (1 + square * (k1 + square * k2))
    return [scale * u, scale * v]


@truth
def roe_flux(rl: Any, ml: Any, el: Any, rr: Any, mr: Any, er: Any) -> Any:
    # Half the sum of both fluxes less half |A| times the jump, A the flux's Jacobian at Roe's mean.
    g = mp.mpf(7) / 5

    def flux(rho: Any, m: Any, e: Any) -> Any:
        p = (g - 1) * (e - m**2 / rho / 2)
        return mp.matrix([m, m**2 / rho + p, m / rho * (e + p)])

    def enthalpy(rho: Any, m: Any, e: Any) -> Any:
        return g * e / rho - (g - 1) / 2 * (m / rho) ** 2

    left, right = mp.matrix([rl, ml, el]), mp.matrix([rr, mr, er])
    share = mp.sqrt(rl) / (mp.sqrt(rl) + mp.sqrt(rr))
    u = share * ml / rl + (1 - share) * mr / rr
    h = share * enthalpy(rl, ml, el) + (1 - share) * enthalpy(rr, mr, er)
    a = mp.sqrt((g - 1) * (h - u**2 / 2))
    vectors = mp.matrix([[1, 1, 1], [u - a, u, u + a], [h - u * a, u**2 / 2, h + u * a]])
    strengths = mp.lu_solve(vectors, right - left)
    waves = [abs(speed) * s for speed, s in zip((u - a, u, u + a), strengths, strict=True)]
    jump = vectors * mp.matrix(waves)
    return list((flux(rl, ml, el) + flux(rr, mr, er) - jump) / 2)


@truth
def propane_combustion(**v: Any) -> Any:
    x = [None, *v.values()]
    k5, k6, k7, k8, k9, k10 = (
        mp.mpf(k) for k in ("0.193", "2.597e-3", "3.448e-3", "1.799e-5", "2.155e-4", "3.846e-5")
    )
    density = mp.mpf(40) / x[11]
    root = mp.sqrt(density)
    return [
        x[1] + x[4] - 3,
        2 * (x[1] + x[10]) + x[2] + x[4] + x[7] + x[8] + x[9] - 10,
        2 * (x[2] + x[5]) + x[6] + x[7] - 8,
        2 * x[3] + x[9] - 40,
        k5 * x[2] * x[4] - x[1] * x[5],
        k6 * mp.sqrt(x[2]) * mp.sqrt(x[4]) - mp.sqrt(x[1]) * x[6] * root,
        k7 * mp.sqrt(x[1]) * mp.sqrt(x[2]) - mp.sqrt(x[4]) * x[7] * root,
        k8 * x[1] - x[4] * x[8] * density,
        k9 * x[1] * mp.sqrt(x[3]) - x[4] * x[9] * root,
        k10 * x[1] ** 2 - x[4] ** 2 * x[10] * density,
        x[11] - mp.fsum(x[1:11]),
    ]


@truth
def heart_dipole(a: Any, b: Any, c: Any, d: Any, t: Any, u: Any, v: Any, w: Any) -> Any:
    # Moments of two dipoles: with p = a + ic, q = b + id at t + iv and u + iw, the sums p zⁿ + q yⁿ.
    sums = [("0.485", "-0.0019"), ("-0.0581", "0.015"), ("0.105", "0.0406"), ("0.167", "-0.399")]
    p, q, z, y = mp.mpc(a, c), mp.mpc(b, d), mp.mpc(t, v), mp.mpc(u, w)
    result = []
    for n, (real, imaginary) in enumerate(sums):
        moment = p * z**n + q * y**n
        result += [moment.real - mp.mpf(real), moment.imag - mp.mpf(imaginary)]
    return result
