"""Linearised graphs in which each operation written is a vertex of its own: nothing is shared.

So the published counts are taken: what a formula computes twice is eliminated twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from diffcompare.modes.elimination.linearised import Linearised
from tests.modes.elimination.pieces import built


class Written:
    """A number of a tape on which operations write themselves down."""

    def __init__(self, tape: list[list[int]], *args: object) -> None:
        self.tape, self.index = tape, len(tape)
        tape.append([arg.index for arg in args if isinstance(arg, Written)])

    def apply(self, *others: object) -> Written:
        return Written(self.tape, self, *others)

    def __neg__(self) -> Written:
        return self.apply()

    __add__ = __sub__ = __mul__ = __truediv__ = __pow__ = apply
    __radd__ = __rsub__ = __rmul__ = __rtruediv__ = apply


def call(x: Written, *others: Written) -> Written:
    """Any function."""
    return x.apply(*others)


def unshared(function: Callable[..., Sequence[Written]], inputs: int) -> Linearised:
    """The graph of a function; every operation has to lead to an output."""
    tape: list[list[int]] = []
    results = {y.index for y in function(*[Written(tape) for _ in range(inputs)])}
    edges = {(arg, index) for index, args in enumerate(tape) for arg in args}
    needed = {tail for tail, _ in edges}
    inner = [i for i in range(inputs, len(tape)) if i in needed]
    return built(len(tape), edges, inner, results.intersection(inner))


def lighthouse(nu: Any, gamma: Any, omega: Any, t: Any) -> list[Any]:
    """A. Griewank, A. Walther, Evaluating Derivatives, 2nd edition, SIAM, 2008, chapter 2."""
    y = nu * call(omega * t) / (gamma - call(omega * t))
    return [y, gamma * y]


def propane(*x: Any) -> list[Any]:
    """MINPACK-2's propane combustion with all equilibrium constants 1; 11 inputs."""
    x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 = x
    root = call(40 / x11)
    return [
        x1 + x4 - 3,
        2 * x1 + x2 + x4 + x7 + x8 + x9 + 2 * x10 - 10,
        2 * x2 + 2 * x5 + x6 + x7 - 8,
        2 * x3 + x9 - 40,
        x2 * x4 - x1 * x5,
        call(x2 * x4) - call(x1) * root * x6,
        call(x1 * x2) - call(x4) * x7 * root,
        x1 - x4 * x8 * 40 / x11,
        x1 * call(x3) - x4 * x9 * root,
        x1**2 - x4**2 * x10 * 40 / x11,
        x11 - x1 - x2 - x3 - x4 - x5 - x6 - x7 - x8 - x9 - x10,
    ]


def robot_arm(t1: Any, t2: Any, t3: Any, t4: Any, t5: Any, t6: Any) -> list[Any]:
    """Forward kinematics of six joints: position and Euler angles, each formula written out."""
    c1, c2, c4, c5, c6 = map(call, (t1, t2, t4, t5, t6))
    c23 = call(t2) * call(t3) - call(t2) * call(t3)
    s1, s2, s4, s5, s6 = map(call, (t1, t2, t4, t5, t6))
    s23 = call(t2) * call(t3) + call(t2) * call(t3)

    def along(a: Any, b: Any) -> Any:
        return s5 * (a * c23 * c4 + b * s4) + a * s23 * c5

    def reach(a: Any) -> Any:
        return a * (175 + 890 * c2 + 50 * c23 + 1035 * s23)

    def up() -> Any:
        return s23 * c4 * s5 - c23 * c5

    ax, ay, az = along(c1, s1), along(s1, c1), up()
    nz = c6 * (c23 * s5 + s23 * c4 * c5) - s23 * s4 * s6
    oz = -s6 * (c23 * s5 + s23 * c4 * c5) - s23 * s4 * c6
    angles = [call(ay, ax), call(call(1 - az**2), az), call(oz, -nz)]
    px = 185 * along(c1, s1) + reach(c1)
    py = 185 * along(s1, c1) + reach(s1)
    pz = 890 * s2 + 575 + 50 * s23 - 1035 * c23 + 185 * up()
    return [px, py, pz, *angles]
