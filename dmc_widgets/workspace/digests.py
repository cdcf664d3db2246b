"""The digests of what tasks sent: one for each record that was written.

The digests of a batch are one row beside its outcomes, written in the same transaction.
A verification compares them with what the target holds, so it need not read the file a
second time. Records of one batch mostly have the same fields, so the names are stored
once.

A digest is of the values that were sent, or of the whole entry as the target stored it;
see :mod:`dmc_widgets.model.entry_digests`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import orjson

from ..storage.database import Transaction
from .database import WorkspaceDatabase

_SIZE: Final = 16
_NOTHING: Final = b"\0" * _SIZE


class RecordDigest(NamedTuple):
    """A digest of the values that were sent for one record.

    Attributes:
        site: The key of the site that the item went to; empty for none.
        names: The names of the values, in the order in which the digest took them.
        digest: The digest of the values, or of the entry.
        of_entry: It is the digest of the whole entry as it was stored.
    """

    site: str
    names: tuple[str, ...]
    digest: bytes
    of_entry: bool = False


class BatchDigests(NamedTuple):
    """The digests of a batch whose records have one site and the same values.

    Attributes:
        site: The key of the site that the items went to; empty for none.
        names: The names of the values of each.
        digests: The digests of the records, one after the other.
        of_entries: They are digests of whole entries as they were stored.
    """

    site: str
    names: tuple[str, ...]
    digests: bytes
    of_entries: bool


class DigestStore:
    """The digests of all tasks of a workspace; outcomes are added with them."""

    def __init__(self, database: WorkspaceDatabase) -> None:
        self._database = database

    def find(self, task_id: int, first_index: int) -> list[RecordDigest | None]:
        """Return the digests of the batch that begins with a record, one a record.

        None stands for a record that was not written, and the list is empty if no
        digests were made of the batch.
        """
        row = self._database.row(
            "SELECT layout, digests FROM digest WHERE task_id = ? AND first_index = ?",
            [task_id, first_index],
        )
        return [] if row is None else _unpack(row["layout"], row["digests"])

    def find_batch(
        self, task_id: int, first_index: int, number: int
    ) -> BatchDigests | None:
        """Return the digests of a batch at once, where its records are alike.

        None if they are not, if some of them were not written, or if there are not
        *number* of them.
        """
        row = self._database.row(
            "SELECT layout, digests FROM digest WHERE task_id = ? AND first_index = ?",
            [task_id, first_index],
        )
        if row is None:
            return None
        kinds, numbers = orjson.loads(row["layout"])
        if len(kinds) != 1 or len(numbers) != number or min(numbers) < 0:
            return None
        site, names, *of_entries = kinds[0]
        return BatchDigests(site, tuple(names), row["digests"], any(of_entries))


def list_digests(
    digests: Sequence[RecordDigest | None] | BatchDigests,
) -> Sequence[RecordDigest | None]:
    """Return the digests of a batch one by one."""
    if not isinstance(digests, BatchDigests):
        return digests
    return _unpack(*_pack_alike(digests))


def pack_digests(
    digests: Sequence[RecordDigest | None] | BatchDigests,
) -> tuple[str, bytes] | None:
    """Return the digests of a batch as they are stored; None if there are none."""
    if isinstance(digests, BatchDigests):
        return _pack_alike(digests)
    return _pack(digests) if any(digests) else None


def add_digests(
    connection: Transaction,
    task_id: int,
    first_index: int,
    packed: tuple[str, bytes] | None,
) -> None:
    """Store the digests of a batch in the transaction that adds its outcomes."""
    if packed is not None:
        connection.execute(
            "INSERT OR REPLACE INTO digest VALUES (?, ?, ?, ?)",
            [task_id, first_index, *packed],
        )


def replace_digests(
    connection: Transaction,
    task_id: int,
    first_index: int,
    number: int,
    replaced: Mapping[int, RecordDigest | None],
) -> None:
    """Store digests of single records of a batch in place of those that they had.

    Args:
        connection: The connection of the transaction.
        task_id: The task.
        first_index: The number of the batch's first record.
        number: The number of records in the batch.
        replaced: The digests by the places of their records in the batch, from 0.
    """
    row = connection.execute(
        "SELECT layout, digests FROM digest WHERE task_id = ? AND first_index = ?",
        [task_id, first_index],
    ).fetchone()
    nothing: list[RecordDigest | None] = [None] * number
    digests = nothing if row is None else _unpack(row["layout"], row["digests"])
    for place, digest in replaced.items():
        digests[place] = digest
    add_digests(connection, task_id, first_index, pack_digests(digests))


def _pack(digests: Sequence[RecordDigest | None]) -> tuple[str, bytes]:
    """Return the kinds of records with the kind of each, and the digests."""
    kinds: dict[tuple[str, tuple[str, ...], bool], int] = {}
    numbers = [
        -1 if record is None else kinds.setdefault(_kind(record), len(kinds))
        for record in digests
    ]
    layout = orjson.dumps([list(kinds), numbers]).decode()
    return layout, b"".join(
        _NOTHING if record is None else record.digest for record in digests
    )


def _pack_alike(batch: BatchDigests) -> tuple[str, bytes]:
    site, names, digests, of_entries = batch
    numbers = [0] * (len(digests) // _SIZE)
    layout = orjson.dumps([[[site, names, of_entries]], numbers]).decode()
    return layout, digests


def _kind(record: RecordDigest) -> tuple[str, tuple[str, ...], bool]:
    return record.site, record.names, record.of_entry


def _unpack(layout: str, digests: bytes) -> list[RecordDigest | None]:
    listed, numbers = orjson.loads(layout)
    kinds = [
        (str(site), tuple(map(str, names)), any(of_entry))
        for site, names, *of_entry in listed
    ]
    return [
        None
        if number < 0
        else RecordDigest(
            kinds[number][0],
            kinds[number][1],
            digests[place * _SIZE : (place + 1) * _SIZE],
            kinds[number][2],
        )
        for place, number in enumerate(numbers)
    ]
