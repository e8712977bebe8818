"""Blocks shared among the processors: each once, in order, and BLAS as it was before."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from diffcompare import threads
from diffcompare.ops.layers import contract
from diffcompare.ops.layers.kernels import blas
from diffcompare.ops.layers.windows import Windows


@pytest.mark.parametrize("count", [1, 2, 5])
def test_each_block_once_in_order(count: int) -> None:
    found = blas.each(list, range(count))
    assert [block for run in found for block in run] == list(range(count))


def test_threads_of_the_library_are_given_back() -> None:
    library = blas._openblas()
    if library is None:
        pytest.skip("NumPy has another library")
    before, seen = library.read(), []

    def work(blocks: Sequence[int]) -> None:
        seen.append(library.read())
        if blocks[0] == 0:
            blas.each(lambda inner: None, [1, 2])  # one within another
            seen.append(library.read())
            raise ZeroDivisionError

    def call(_: int) -> None:
        with pytest.raises(ZeroDivisionError):
            blas.each(work, [0, 1])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(call, range(20)))
    assert (library.read(), set(seen)) == (before, {1})


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_bits_do_not_depend_on_the_number_of_threads(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, windows = np.random.default_rng(0), Windows((3, 3), (1, 2), (1, 1, 1, 1))
    image, weights = (9, 16, 40, 40), (24, 16, 3, 3)
    shape = (9, 24, *windows.output("conv2d", image[2:]))
    x, w, y = (rng.standard_normal(s).astype(kind) for s in (image, weights, shape))
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(threads, "processors", lambda count=count: count)
        results = (
            contract.to_output(windows, x, w, 1, shape),
            contract.to_image(windows, y, w, 1, image),
            contract.to_weights(windows, x, y, 1, weights),
        )
        found.append([result.tobytes() for result in results])
    assert found[0] == found[1] == found[2]
