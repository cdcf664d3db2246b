"""The contents of attachments in tables, where a database has no folder beside it.

A content is named by its digest and stored in parts, so that neither side holds a large
one in memory. It is committed before the transaction that refers to it.
"""

from __future__ import annotations

import time
from binascii import b2a_base64
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or

from ....errors import Refused
from ....model.record import LargeText
from ....objects.fields.attachment import FileContent, Keep, Pieces

_PART_BYTES: Final = 192 * 1024
"""A multiple of three: parts of Base64 need no padding."""

metadata = MetaData()

content = Table(
    "content",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
)
"""*used* is when the content was last stored, in milliseconds: what is used again is
not pruned as an old one."""

content_part = Table(
    "content_part",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

Begin = Callable[[], AbstractContextManager[Connection]]
"""Gives a connection in a transaction, which the end of the block commits."""


class TableContents:
    """Implement :class:`~.dialect.Contents` with tables.

    Args:
        begin: Gives a connection in a transaction of its own, which sees what others
            have committed.
        installation: The installation's name for messages.
    """

    def __init__(self, begin: Begin, installation: str) -> None:
        self._begin = begin
        self.installation = installation

    @contextmanager
    def storing(self) -> Iterator[Keep]:
        """Give a function that takes contents; they are stored when the block ends."""
        with self._begin() as connection:
            yield partial(_store, connection)

    def text(self, content: FileContent) -> LargeText:
        """Return a content as Base64, which is read when it is used.

        Reading raises :class:`~dmc_widgets.errors.Refused` if the content is missing.
        """
        size = (content.size + 2) // 3 * 4
        return LargeText(size, "", partial(self._encoded, content))

    def prune(self, named: Collection[str], before_ms: int, *, dry_run: bool) -> int:
        """Remove the contents from before a time that no file names; count bytes."""
        with self._begin() as connection:
            rows = connection.execute(
                select(content.c.sha256, content.c.size).where(
                    content.c.used < before_ms
                )
            )
            unnamed = {sha256: size for sha256, size in rows if sha256 not in named}
            if not dry_run:
                for sha256 in unnamed:
                    for table in (content_part, content):
                        connection.execute(
                            delete(table).where(table.c.sha256 == sha256)
                        )
        return sum(unnamed.values())

    def rehearsed(self, connection: Connection) -> TableContents:
        """Return the contents with those of a rehearsal, in its transaction."""

        @contextmanager
        def begin() -> Iterator[Connection]:
            with connection.begin_nested():
                yield connection

        return TableContents(begin, self.installation)

    def discard(self) -> None:
        """Do nothing: the transaction of the rehearsal is rolled back."""

    def _encoded(self, wanted: FileContent) -> Iterator[bytes]:
        left, number = wanted.size, 0
        while left > 0:
            query = select(content_part.c.data).where(
                content_part.c.sha256 == wanted.sha256,
                content_part.c.number == number,
            )
            with self._begin() as connection:
                data = connection.execute(query).scalar()
            if data is None:
                reason = (
                    "The content of a file is missing in the database. Restore it "
                    "from a backup."
                )
                raise Refused(self.installation, reason)
            yield b2a_base64(data, newline=False)
            left, number = left - len(data), number + 1


def _store(connection: Connection, kept: FileContent, pieces: Pieces) -> None:
    now_ms = time.time_ns() // 1_000_000
    row = {"sha256": kept.sha256, "size": kept.size, "used": now_ms}
    new = insert_or(content).values(row).on_conflict_do_nothing()
    if connection.execute(new.returning(content.c.sha256)).first() is None:
        used = update(content).where(content.c.sha256 == kept.sha256)
        connection.execute(used.values(used=now_ms))
        return
    for number, data in enumerate(_parts(pieces())):
        part = {"sha256": kept.sha256, "number": number, "data": data}
        connection.execute(insert(content_part), part)


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield bytes in parts of one size; the last may be shorter."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) >= _PART_BYTES:
            yield bytes(waiting[:_PART_BYTES])
            del waiting[:_PART_BYTES]
    if waiting:
        yield bytes(waiting)
