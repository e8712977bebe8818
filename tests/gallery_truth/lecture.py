"""The lecture's examples: graphs, passes, swell, small networks."""

from __future__ import annotations

from typing import Any

from .numeric import mp, stated, truth


@truth
def trace(x1: Any, x2: Any) -> Any:
    return mp.ln(x1) + x1 * x2 - mp.sin(x2)


@truth
def many_paths(x: Any) -> Any:
    return x * mp.sin(x) * mp.exp(-x) + x**2


@truth
def passes_many_inputs(**x: Any) -> Any:
    return mp.log(mp.fsum([mp.exp(v) for v in x.values()]))


@truth
def passes_many_outputs(x: Any) -> Any:
    return [mp.cos(k * mp.acos(x)) for k in range(1, 13)]  # Chebyshev's T_k


@truth
def swell_deep(x: Any) -> Any:
    for _ in range(8):
        x = x * mp.sin(x)
    return x


@truth
def swell_piecewise(x: Any) -> Any:
    for _ in range(3):
        x = 2 * x - 1 if x >= 1 else x**2 if x >= 0 else x / 2
    return x


def _sigmoid(a: Any) -> Any:
    return (1 + mp.tanh(a / 2)) / 2


def _affine(w: list[list[Any]], x: list[Any], b: list[Any]) -> list[Any]:
    return [mp.fdot(row, x) + c for row, c in zip(w, b, strict=True)]


def _matrix(values: dict[str, Any], name: str, rows: int, columns: int) -> list[list[Any]]:
    return [[values[f"{name}{i}{j}"] for j in range(1, columns + 1)] for i in range(1, rows + 1)]


def _vector(values: dict[str, Any], name: str, size: int) -> list[Any]:
    return [values[f"{name}{i}"] for i in range(1, size + 1)]


@truth
def sigmoid_layer(**v: Any) -> Any:
    a = _affine(_matrix(v, "w", 2, 3), _vector(v, "x", 3), _vector(v, "b", 2))
    return [_sigmoid(z) for z in a]


@truth
def cross_entropy(s1: Any, s2: Any, s3: Any) -> Any:
    return mp.log(1 + mp.exp(s1 - s3) + mp.exp(s2 - s3))


@truth
def softmax_log_loss(x1: Any, x2: Any, x3: Any, x4: Any) -> Any:
    return mp.log(1 + mp.exp(x1 - x3) + mp.exp(x2 - x3) + mp.exp(x4 - x3))


@truth
def two_layer_net(**v: Any) -> Any:
    hidden = _affine(_matrix(v, "u", 4, 3), _vector(v, "x", 3), _vector(v, "b", 4))
    out = _affine(_matrix(v, "w", 2, 4), [_sigmoid(a) for a in hidden], _vector(v, "c", 2))
    return [_sigmoid(a) for a in out]


@truth
def two_layer_linear(**v: Any) -> Any:
    u, w = mp.matrix(_matrix(v, "u", 4, 3)), mp.matrix(_matrix(v, "w", 2, 4))
    x, b, c = (mp.matrix(_vector(v, name, n)) for name, n in (("x", 3), ("b", 4), ("c", 2)))
    return list((w * u) * x + (w * b + c))  # one linear layer


@truth
def convolution(**v: Any) -> Any:
    x, w, y = _matrix(v, "x", 3, 3), _matrix(v, "w", 2, 2), [[1, 0], [-1, 2]]
    cells = [(i, j) for i in range(2) for j in range(2)]
    out = {(i, j): sum(x[i + k][j + m] * w[k][m] for k, m in cells) for i, j in cells}
    return mp.fsum([(y[i][j] - out[i, j]) ** 2 for i, j in cells])


# w = b = 0: the identity on h ≥ 0. The inner relu sits on its kink, where its derivative is 0.
stated("residual_block", 0.75,
       {"h": 1.0, "w1": 0.0, "b1": 0.0, "w2": 0.0, "b2": 1.0})  # fmt: skip
