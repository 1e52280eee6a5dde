"""Random numbers by name: every column of every table draws from a stream of its own.

One stream shared by all would let a new column, another division or a second year reshuffle everything behind it.
Here the name of a stream (seed, division, block, table, year, column) is hashed into its seed, so what is not named
differently stays the same. Streams are numpy's; they may change with a numpy version that says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Draws:
    """A place in the tree of streams.

    >>> draws = Draws(1).at("530102", "complaints")
    >>> (
    ...     bool(draws.of("day").random() == draws.of("day").random()),
    ...     bool(draws.of("day").random() == draws.of("hour").random()),
    ... )
    (True, False)
    """

    seed: int
    path: tuple[str | int, ...] = ()

    def at(self, *names: str | int) -> Draws:
        """The place below this one."""
        return Draws(self.seed, (*self.path, *names))

    def of(self, *names: str | int) -> np.random.Generator:
        """The stream of that name, from its beginning."""
        name = "/".join(map(str, (self.seed, *self.path, *names)))
        digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
        return np.random.Generator(np.random.PCG64(int.from_bytes(digest)))
