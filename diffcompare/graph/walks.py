"""Which node needs which: walks of the flat sequences, each node and argument seen once."""

from __future__ import annotations

from collections.abc import Iterable

Args = tuple[int, ...]


class Walks:
    """Of a graph whose node i has the arguments `args[i]`, all before it."""

    args: list[Args]

    def live(self, outputs: Iterable[int]) -> list[bool]:
        """For each node, whether one of the given nodes depends on it."""
        alive = [False] * len(self.args)
        for index in outputs:
            alive[index] = True
        index = len(alive)
        for args in reversed(self.args):
            index -= 1
            if args and alive[index]:
                for arg in args:
                    alive[arg] = True
        return alive

    def depends_on(self, sources: Iterable[int]) -> list[bool]:
        """For each node, whether it depends on one of the given nodes."""
        active = [False] * len(self.args)
        for index in sources:
            active[index] = True
        for index, args in enumerate(self.args):
            for arg in args:
                if active[arg]:
                    active[index] = True
                    break
        return active

    def levels(self, outputs: Iterable[int]) -> list[int]:
        """What the given nodes need, ordered by longest path from the inputs, then as built."""
        alive = self.live(outputs)
        levels: list[list[int]] = [[]]
        level = [0] * len(self.args)
        for index, args in enumerate(self.args):
            if alive[index]:
                if args:
                    here = level[index] = 1 + max([level[a] for a in args])
                    if here == len(levels):
                        levels.append([])
                    levels[here].append(index)
                else:
                    levels[0].append(index)
        return [index for row in levels for index in row]
