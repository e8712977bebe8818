"""Sums over windows that overlap, with no part added up twice.

Sources that the same targets meet are added up once, and targets that meet the same sources are one
sum. Turned round, the same holds of the adjoint: its sources are the targets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from diffcompare.ops.arithmetic import total
from diffcompare.ops.op import Shape

Group = tuple[int, ...]


class Links(NamedTuple):
    """Which sources the targets along an axis meet; those that meet nothing are left out.

    Attributes
    ----------
    sources : tuple of tuple of int
        Groups that the same targets meet.
    targets : tuple of tuple of int
        Groups that meet the same sources.
    pairs : tuple of tuple of int
        For each group of targets the numbers of its groups of sources.
    """

    sources: tuple[Group, ...]
    targets: tuple[Group, ...]
    pairs: tuple[Group, ...]

    @classmethod
    def of(cls, met: Sequence[Iterable[int]]) -> Links:
        """From the sources that each target meets.

        Examples
        --------
        >>> Links.of([[0, 1], [0, 1, 2]])
        Links(sources=((0, 1), (2,)), targets=((0,), (1,)), pairs=((0,), (0, 1)))
        """
        meeting: dict[int, list[int]] = {}
        for target, sources in enumerate(met):
            for source in sources:
                meeting.setdefault(source, []).append(target)
        groups = _alike((source, tuple(meeting[source])) for source in sorted(meeting))
        number = {source: k for k, group in enumerate(groups) for source in group}
        found = [tuple(dict.fromkeys(number[source] for source in sources)) for sources in met]
        targets = _alike((target, pair) for target, pair in enumerate(found) if pair)
        return cls(groups, targets, tuple(found[group[0]] for group in targets))

    @property
    def turned(self) -> Links:
        """With sources and targets in each other's place."""
        back: list[list[int]] = [[] for _ in self.sources]
        for target, pair in enumerate(self.pairs):
            for source in pair:
                back[source].append(target)
        return Links(self.targets, self.sources, tuple(map(tuple, back)))

    @property
    def met(self) -> list[int]:
        """For each group of targets how many sources it meets."""
        return [sum(len(self.sources[k]) for k in pair) for pair in self.pairs]


def _alike(keyed: Iterable[tuple[int, Group]]) -> tuple[Group, ...]:
    """Numbers of the same key together, in the order in which each key comes first."""
    groups: dict[Group, list[int]] = {}
    for item, key in keyed:
        groups.setdefault(key, []).append(item)
    return tuple(map(tuple, groups.values()))


def additions(*axes: Links) -> int:
    """How many additions the sums over windows take that are products of those along axes.

    Examples
    --------
    >>> additions(Links.of([[0, 1], [0, 1, 2]]))
    2
    """
    entries, parts, terms, sums = (
        math.prod(map(count, axes))
        for count in (_members, lambda a: len(a.sources), _terms, lambda a: len(a.targets))
    )
    return entries - parts + terms - sums


def sum_nodes(*axes: Links) -> int:
    """How many sums of two terms or more those are, each a node.

    Examples
    --------
    >>> sum_nodes(Links.of([[0, 1], [0, 1, 2]]))
    2
    """
    parts = [list(map(len, axis.sources)) for axis in axes]
    targets = [list(map(len, axis.pairs)) for axis in axes]
    return sum(
        math.prod(map(len, groups)) - math.prod(sizes.count(1) for sizes in groups)
        for groups in (parts, targets)
    )


def _members(axis: Links) -> int:
    return sum(map(len, axis.sources))


def _terms(axis: Links) -> int:
    return sum(map(len, axis.pairs))


def parts(entries: Any, *axes: Links) -> Any:
    """An object array of numbers added up by groups of sources."""
    return _each([axis.sources for axis in axes], entries)


def sums(added: Any, shape: Shape, *axes: Links) -> Any:
    """An object array of what each target meets, from `parts`; 0 where that is nothing."""
    found = _each([axis.pairs for axis in axes], added)
    result = np.zeros(shape, dtype=object)
    for place in np.ndindex(found.shape):
        for target in product(*(axis.targets[k] for axis, k in zip(axes, place, strict=True))):
            result[target] = found[place]
    return result


def _each(groups: Sequence[tuple[Group, ...]], entries: Any) -> Any:
    """For each choice of a group along every axis the sum of the entries there."""
    result = np.empty([len(along) for along in groups], dtype=object)
    for place in np.ndindex(result.shape):
        chosen = product(*(along[k] for along, k in zip(groups, place, strict=True)))
        result[place] = total(entries[at] for at in chosen)
    return result
