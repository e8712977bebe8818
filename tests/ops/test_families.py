"""Every op on arrays, adjoints included, has a sample here, and every linear one its dual pair."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from diffcompare.ops import assemble, indexed, labels, linalg, moves, parts, reduce, within
from diffcompare.ops.layers import (
    average,
    channels,
    conv,
    dense,
    gram,
    local,
    loss,
    pool,
    routing,
    rows,
    softmax,
)
from diffcompare.ops.linearity import Linear
from diffcompare.ops.op import FAMILIES
from tests.ops.layers import checks
from tests.ops.layers.checks import Case, case, random

IMAGE = (2, 3, 5, 4)
LABELS = np.array([[3.0, 0.0, 2.0], [1.0, 1.0, 3.0]])
WINDOWS = (3, 2), (2, 1), (1, 0, 0, 1)
"""Window, stride and padding."""
CHOSEN = pool.MaxPoolIndex(*WINDOWS).value(random(IMAGE, 0)).astype(float)
POOLED = CHOSEN.shape

SAMPLES: list[Case] = [
    case(moves.Broadcast((2, 3, 4)), (3, 1)),
    case(moves.SumTo((3, 1)), (2, 3, 4)),
    case(moves.Reshape((4, 3)), (2, 6)),
    case(moves.Transpose((2, 0, 1)), (2, 3, 4)),
    case(parts.Slice((0, 1), (2, 6), (1, 2)), (2, 7)),
    case(parts.Place((5, 9), (1, 1), (1, 2)), (2, 3)),
    case(parts.Pick((1, 2)), (2, 3)),
    case(parts.Put((2, 3), (1, 2)), ()),
    case(parts.Stack((2, 2)), (), (), (), ()),
    case(indexed.Gather(1, (2, 0, 0, 3)), (2, 4, 3)),
    case(indexed.ScatterAdd(1, (2, 0, 0, 3), 5), (2, 4, 3)),
    case(indexed.Concat(1), (2, 4, 3), (2, 1, 3)),
    case(labels.TakeLabel(1), x=[random((2, 4, 3), 1), LABELS], wrt=[0]),
    case(labels.PutLabel(1, 4), x=[random((2, 3), 1), LABELS], wrt=[0]),
    case(linalg.MatMul(), (2, 4), (4, 3)),
    case(reduce.MaxOver((0, 2)), (2, 4, 3)),
    case(average.AvgPool2d(*WINDOWS, False), IMAGE),
    case(average.AvgPoolSpread(IMAGE, *WINDOWS, False), POOLED),
    case(routing.PoolSelect(*WINDOWS), x=[random(IMAGE, 1), CHOSEN], wrt=[0]),
    case(routing.PoolRoute(IMAGE, *WINDOWS), x=[random(POOLED, 1), CHOSEN], wrt=[0]),
    case(rows.Im2Row(*WINDOWS), IMAGE),
    case(rows.Row2Im(IMAGE, *WINDOWS), (16, 18)),
    case(conv.Conv2d(*WINDOWS[1:], (1, 2), 2), (1, 4, 5, 6), (6, 2, 3, 2)),
    case(
        assemble.Assemble((3, 4), ((0, 1), (1, 0), (2, 2)), ((1, 2), (1, 1), (1, 1))),
        (3, 2),
        (2, 2),
        (),
    ),
    case(
        within.AddWithin((3,), (0, 2)),
        x=[random((2, 3), 1), random((2, 3), 2) * [1, 0, 1]],
        wrt=[0],
    ),
    case(conv.Conv2dInput((5, 6), *WINDOWS[1:], (1, 2), 2), (1, 6, 2, 5), (6, 2, 3, 2)),
    case(conv.Conv2dWeight((3, 2), *WINDOWS[1:], (1, 2), 2), (1, 4, 5, 6), (1, 6, 2, 5)),
    case(local.LocallyConnected2d(*WINDOWS[1:]), (2, 1, 5, 4), (3, 1, 3, 2, 2, 4)),
    case(local.LocallyConnected2dInput((5, 4), *WINDOWS[1:]), (2, 3, 2, 4), (3, 1, 3, 2, 2, 4)),
    case(local.LocallyConnected2dWeight((3, 2), *WINDOWS[1:]), (2, 1, 5, 4), (2, 3, 2, 4)),
    case(gram.Gram(), (2, 3, 4)),
    case(gram.GramMixed(24), (2, 3, 4), (2, 3, 4)),
    case(gram.GramBack(), (2, 3, 3), (2, 3, 4)),
    case(dense.Dense(), (2, 5), (3, 5), (3,)),
    case(softmax.Softmax(1), (2, 4, 3)),
    case(softmax.LogSumExp(1), (2, 4, 3)),
    case(loss.SoftmaxLogLoss(1), x=[random((2, 4, 3), 1), LABELS], wrt=[0]),
    case(channels.ChannelSum(1, 2), (2, 5, 3, 1)),
    case(channels.LRNSquares(1, 2), (2, 5, 3, 1)),
]
CHECKS: tuple[Callable[[Case], None], ...] = (
    checks.check_shape,
    checks.check_value,
    checks.check_forward,
    checks.check_reverse,
    checks.check_second,
    checks.check_dual,
    checks.check_duality,
    checks.check_differences,
    checks.check_wanted,
)


def test_every_family_has_a_sample() -> None:
    """But for the position of a largest pixel, which has no derivative."""
    on_arrays = {name for name, family in FAMILIES.items() if not family.elementwise}
    assert {case.op.name for case in SAMPLES} == on_arrays - {"max_pool_index"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("case", SAMPLES, ids=str)
def test_family(case: Case, check: Callable[[Case], None]) -> None:
    check(case)


def test_every_linear_op_has_its_adjoint_among_the_families() -> None:
    """The two matrices are each other's transpose, exactly; the dual of the dual is the op itself."""
    linear = {name for name, family in FAMILIES.items() if issubclass(family, Linear)}
    sampled = [case for case in SAMPLES if isinstance(case.op, Linear)]
    assert {case.op.name for case in sampled} == linear
    for sample in sampled:
        checks.check_transposed(sample)
        assert sample.op.adjoint(sample.shapes[0]).name in linear
