"""Changes as JSON text, for the mark of a batch and for the workspace."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_
from typing import Final

from .alike_changes import AlikeChanges
from .change import ItemChange, pack_changes


class ChangeDumper:
    """Writes the changes of a batch as JSON text that :func:`unpack_changes` reads.

    An installation keeps the changes of a batch with its mark, and the workspace keeps
    the same ones with its outcomes. Each record costs this, so the text of the last
    batch is not made twice.
    """

    def __init__(self) -> None:
        self._last: tuple[Sequence[ItemChange | None], bytes] = [], b"[]"

    def __call__(self, changes: Sequence[ItemChange | None]) -> bytes:
        """Return the changes of a batch's records, in their order, as JSON text."""
        if isinstance(changes, AlikeChanges):
            return changes.dump()
        last, text = self._last
        if not _are_same(last, changes):
            text = _dump(changes)
            self._last = changes, text
        return text


def _dump(changes: Sequence[ItemChange | None]) -> bytes:
    # `import dmc_widgets` is to cost next to nothing.
    import msgspec
    import orjson

    try:  # named tuples are lists for it
        return msgspec.json.encode(changes, enc_hook=str)
    except (TypeError, ValueError):
        return orjson.dumps(pack_changes(changes), default=str)


dump_changes: Final = ChangeDumper()


def _are_same(
    first: Sequence[ItemChange | None], second: Sequence[ItemChange | None]
) -> bool:
    """Return True for the very same values; equal ones, 1 and True, will not do."""
    return len(first) == len(second) and all(map(is_, first, second))
