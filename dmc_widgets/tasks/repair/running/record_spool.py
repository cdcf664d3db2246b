"""Records in a temporary file, because very many of them may have failed."""

from __future__ import annotations

import pickle
from typing import Generic, TypeVar

from ....storage.sqlite import open_temporary

_Record = TypeVar("_Record")


class RecordSpool(Generic[_Record]):
    """Records by their numbers, in a file that is gone once it is closed.

    Large texts are files already: a record with one stays in memory.
    """

    def __init__(self) -> None:
        self._large: dict[int, _Record] = {}
        self._connection = open_temporary()
        self._connection.execute(
            "CREATE TABLE record (number INTEGER PRIMARY KEY, content BLOB)"
        )

    def put(self, number: int, record: _Record) -> None:
        """Keep a record."""
        try:
            content = pickle.dumps(record, pickle.HIGHEST_PROTOCOL)
        except (TypeError, AttributeError, pickle.PicklingError):
            self._large[number] = record
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO record VALUES (?, ?)", [number, content]
        )

    def get(self, number: int) -> _Record:
        """Return a record that is kept."""
        if number in self._large:
            return self._large[number]
        query = "SELECT content FROM record WHERE number = ?"
        (content,) = self._connection.execute(query, [number]).fetchone()
        record: _Record = pickle.loads(content)  # noqa: S301 - see put
        return record

    def close(self) -> None:
        """Remove the file."""
        self._connection.close()
