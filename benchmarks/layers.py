"""Kernels of layers against other NumPy formulations and PyTorch, part by part.

    python -m benchmarks.layers [--threads 2] [--rounds 9]

All that stand in a row must agree before anything is timed, to 1e-12 of the largest entry, or 1e-5 in
float32. Times are medians of interleaved rounds, in one process with as many threads for NumPy as for
PyTorch. "whole columns" are the products with all taps of a window that textbooks give, "taps" are
products of each tap with no columns at all, "Winograd" is F(2×2, 3×3). "kept columns" has ours lie in
memory before the time begins, as if the forward pass had left them there at no cost.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
import torch
from torch.nn import functional, grad

from benchmarks.timing import interleaved, keep_to_cores, medians, per_call, pinned
from benchmarks.winograd import winograd
from diffcompare.ops.layers import contract
from diffcompare.ops.layers.kernels import pooling
from diffcompare.ops.layers.kernels.blas import each
from diffcompare.ops.layers.kernels.columns import Columns
from diffcompare.ops.layers.windows import Windows
from diffcompare.ops.op import Shape
from diffcompare.run.reuse import keep_memory

SLICE: Final = 0.02
"""Seconds that one measurement takes about."""
Calls = dict[str, Callable[[], Any]]
Convolution = tuple[str, Shape, Shape, int, int, Any]
# fmt: off
CONVOLUTIONS: Final[tuple[Convolution, ...]] = (
    ("N16 C64 56×56 K64 3×3",          (16, 64, 56, 56), (64, 64, 3, 3),  1, 1, np.float64),
    ("N16 C64 56×56 K64 3×3, float32", (16, 64, 56, 56), (64, 64, 3, 3),  1, 1, np.float32),
    ("N8 C16 64×64 K32 3×3",           (8, 16, 64, 64),  (32, 16, 3, 3),  1, 1, np.float64),
    ("N8 C16 64×64 K32 3×3, stride 2", (8, 16, 64, 64),  (32, 16, 3, 3),  2, 1, np.float64),
    ("LeNet, first: N16 C1 32×32 K6",  (16, 1, 32, 32),  (6, 1, 5, 5),    1, 0, np.float64),
    ("LeNet, second: N16 C6 14×14",    (16, 6, 14, 14),  (16, 6, 5, 5),   1, 0, np.float64),
)
POOLINGS: Final = (("2×2", (2, 2), (2, 2)), ("3×3/2", (3, 3), (2, 2)))
# fmt: on


def whole_columns(windows: Windows, x: Any, w: Any, shape: Shape) -> Any:
    """y from matrices that hold every window whole."""
    columns = windows.view(x).reshape(len(x), w[0].size, -1)
    return np.matmul(w.reshape(len(w), -1), columns).reshape(shape)


def weights_of_whole_columns(windows: Windows, x: Any, y: Any, shape: Shape) -> Any:
    """w̄ likewise."""
    columns = windows.view(x).reshape(len(x), np.prod(shape[1:]), -1)
    return np.matmul(y.reshape(*y.shape[:2], -1), columns.mT).sum(axis=0).reshape(shape)


def images_of_whole_columns(windows: Windows, y: Any, w: Any, shape: Shape) -> Any:
    """x̄ likewise."""
    columns = np.matmul(w.reshape(len(w), -1).T, y.reshape(*y.shape[:2], -1))
    kept = len(y), shape[1], *windows.kernel, *y.shape[2:]
    return windows.gather(columns.reshape(kept), shape[2:])


def taps(windows: Windows, x: Any, w: Any, shape: Shape) -> Any:
    """y as the sum of what each tap gives."""
    y = np.zeros(shape, dtype=x.dtype)
    for tap, at, pixels in windows.taps(x.shape[2:]):
        met = x[(..., *pixels)]
        found = np.matmul(w[(..., *tap)], met.reshape(*met.shape[:2], -1))
        y[(..., *at)] += found.reshape(*shape[:2], *met.shape[2:])
    return y


def kept_columns(windows: Windows, x: Any, y: Any, shape: Shape) -> Callable[[], Any]:
    """w̄ from columns that are there: what it saves at most to keep those of the forward pass."""
    (filters, channels, high, wide), width = shape, y.shape[3]
    columns = Columns(windows, x, 1, y.shape[2:], filters)
    kept = [(block, list(columns.reader()(*block))) for block in columns.blocks]

    def work(kept: Any) -> Any:
        w = np.zeros((high, channels * wide, filters), x.dtype)
        for (images, rows), matrices in kept:
            outputs = y[images, :, rows].reshape(-1, filters, (rows.stop - rows.start) * width)
            for tap, matrix in enumerate(matrices):
                w[tap] += np.matmul(matrix[:, 0], outputs.mT).sum(axis=0)
        return w

    def call() -> Any:
        w = sum(each(work, kept)).reshape(high, channels, wide, filters)
        return w.transpose(3, 1, 0, 2)

    return call


def convolution(row: Convolution) -> Iterator[tuple[str, Calls]]:
    """y, x̄ and w̄, each in every formulation."""
    _, image, weights, stride, pad, kind = row
    rng = np.random.default_rng(0)
    windows = Windows(weights[2:], (stride, stride), (pad,) * 4)
    shape = image[0], weights[0], *windows.output("conv2d", image[2:])
    x, w, y = (rng.standard_normal(s).astype(kind) for s in (image, weights, shape))
    a, b, c = map(torch.from_numpy, (x, w, y))
    calls = {
        "ours": partial(contract.to_output, windows, x, w, 1, shape),
        "whole columns": partial(whole_columns, windows, x, w, shape),
        "taps": partial(taps, windows, x, w, shape),
        "PyTorch": partial(functional.conv2d, a, b, None, stride, pad),
    }
    if windows == Windows((3, 3), pad=(pad,) * 4):
        calls["Winograd"] = partial(winograd, x, w, pad, shape)
    yield "y", calls
    yield (
        "x̄",
        {
            "ours": partial(contract.to_image, windows, y, w, 1, image),
            "whole columns": partial(images_of_whole_columns, windows, y, w, image),
            "PyTorch": partial(grad.conv2d_input, image, b, c, stride, pad),
        },
    )
    yield (
        "w̄",
        {
            "ours": partial(contract.to_weights, windows, x, y, 1, weights),
            "whole columns": partial(weights_of_whole_columns, windows, x, y, weights),
            "kept columns": kept_columns(windows, x, y, weights),
            "PyTorch": partial(grad.conv2d_weight, a, weights, c, stride, pad),
        },
    )


def max_pooling(window: Any, stride: Any) -> Iterator[tuple[str, Calls]]:
    """y and x̄ together, as they are used."""
    rng = np.random.default_rng(0)
    x, windows = rng.standard_normal((16, 32, 64, 64)), Windows(window, stride)
    held = rng.standard_normal((*x.shape[:2], *windows.output("max_pool2d", x.shape[2:])))
    a, c = torch.tensor(x, requires_grad=True), torch.tensor(held)

    def ours() -> Any:
        index, _ = pooling.pooled(windows, x)
        return pooling.routed(windows, held, index, x.shape)

    def torch_s() -> Any:
        y = functional.max_pool2d(a, window, stride)
        return torch.autograd.grad(y, a, c)[0]

    yield "y, x̄", {"ours": ours, "PyTorch": torch_s}


def agree(calls: Calls) -> None:
    """Refuse to time what differs."""
    expected = np.asarray(calls["PyTorch"]())
    bound = (1e-12 if expected.dtype == np.float64 else 1e-5) * np.abs(expected).max()
    for name, call in calls.items():
        if not np.abs(np.asarray(call()) - expected).max() <= bound:
            raise SystemExit(f"{name} differs")


def _once(call: Callable[[], Any]) -> list[float]:
    return [per_call(call, SLICE)]


def line(part: str, calls: Calls, rounds: int) -> str:
    """Milliseconds of each, and ours over PyTorch's."""
    agree(calls)
    times = interleaved({name: partial(_once, call) for name, call in calls.items()}, rounds)
    ms = {name: 1e3 * medians(found)[0] for name, found in times.items()}
    told = ", ".join(f"{name} {took:.3g} ms" for name, took in ms.items())
    return f"  {part}: {told}; ours {ms['ours'] / ms['PyTorch']:.2f}× PyTorch"


def main() -> None:
    """Print all rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    if os.environ.get("BENCHMARK_THREADS") != str(options.threads):  # read when libraries load
        command = [sys.executable, "-m", "benchmarks.layers", *sys.argv[1:]]
        os.execve(sys.executable, command, pinned(options.threads))
    keep_to_cores()
    torch.set_num_threads(options.threads)
    keep_memory()  # as compiled programs do
    for row in CONVOLUTIONS:
        print(f"conv2d {row[0]}")
        for part, calls in convolution(row):
            print(line(part, calls, options.rounds), flush=True)
    for name, window, stride in POOLINGS:
        print(f"max-pool {name}, N16 C32 64×64")
        for part, calls in max_pooling(window, stride):
            print(line(part, calls, options.rounds), flush=True)


if __name__ == "__main__":
    main()
