"""Find the hashes that occur more than once among very many.

Memory does not grow with their number, and the time for one of them does not either: in
memory are as many as one part has, the others wait in a temporary file of eight bytes
each, and are distributed to parts by their value in one pass.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import IO, Final

PART_SIZE: Final = 65_536
"""How many hashes are in memory, and how many a part has on average."""

_RUN_SIZE: Final = 512
"""How many hashes of a part are written at a time."""

_ITEM_BYTES: Final = 8


class RepeatedHashes:
    """Signed hashes of 64 bits, in the order in which they were added."""

    def __init__(self) -> None:
        self._kept = array("q")
        self._file: IO[bytes] | None = None
        self._number_in_file = 0

    def __len__(self) -> int:
        """Return how many were added."""
        return self._number_in_file + len(self._kept)

    def extend(self, hashes: Iterable[int]) -> None:
        """Add hashes."""
        self._kept.extend(hashes)
        if len(self._kept) >= PART_SIZE:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open
                weakref.finalize(self, self._file.close)
            self._file.seek(0, os.SEEK_END)
            self._file.write(self._kept.tobytes())
            self._number_in_file += len(self._kept)
            self._kept = array("q")

    def blocks(self) -> Iterator[array[int]]:
        """Yield all hashes, some at a time."""
        if self._file is not None:
            self._file.flush()
            self._file.seek(0)
            left = self._number_in_file
            while left:
                block = _read(self._file, min(left, PART_SIZE))
                left -= len(block)
                yield block
        yield self._kept

    def find(self, limit: int) -> set[int]:
        """Return those that occur more than once.

        No further ones are looked for once there are more than *limit*.
        """
        repeated: set[int] = set()
        for part in self._parts():
            if len({*part}) < len(part):
                values = sorted(part)
                repeated.update(one for one, two in pairwise(values) if one == two)
            if len(repeated) > limit:
                break
        return repeated

    def _parts(self) -> Iterator[array[int]]:
        """Yield the hashes so that equal ones are together."""
        number = len(self) // PART_SIZE + 1
        if self._file is None:
            yield self._kept
            return
        with tempfile.TemporaryFile() as file:
            runs = self._distribute(number, file)
            for part in runs:
                values = array("q")
                for start, size in part:
                    file.seek(start)
                    values.extend(_read(file, size))
                yield values

    def _distribute(self, number: int, file: IO[bytes]) -> list[list[tuple[int, int]]]:
        """Write each hash into a run of its part; return where the runs are."""
        runs: list[list[tuple[int, int]]] = [[] for _ in range(number)]
        open_runs = [array("q") for _ in range(number)]
        for block in self.blocks():
            for value in block:
                run = open_runs[value % number]
                run.append(value)
                if len(run) == _RUN_SIZE:
                    runs[value % number].append(_write(file, run))
                    del run[:]
        for part, run in zip(runs, open_runs, strict=True):
            part.append(_write(file, run))
        return runs


def _write(file: IO[bytes], run: array[int]) -> tuple[int, int]:
    start = file.tell()
    file.write(run.tobytes())
    return start, len(run)


def _read(file: IO[bytes], size: int) -> array[int]:
    values = array("q")
    values.frombytes(file.read(size * _ITEM_BYTES))
    return values
