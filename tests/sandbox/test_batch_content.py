"""CSV of import tasks is read as Liferay's batch engine reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.sandbox.batch.content import open_records, pack_zip


def read(folder: Path, data: bytes) -> list[Any]:
    (folder / "in.csv").write_bytes(data)
    pack_zip(folder / "in.csv", folder / "content.zip", "in.csv")
    with open_records(folder / "content.zip", "CSV", {}) as records:
        return list(records)


@pytest.mark.parametrize(
    ("data", "records"),
    [
        pytest.param(b"a,b,c\n1\n", [{"a": "1"}], id="short-row"),
        pytest.param(
            b"a,b.c,b.d\n1,x\n", [{"a": "1", "b": {"c": "x"}}], id="short-in-an-object"
        ),
        pytest.param(b"a,b\n,\n", [{"a": None, "b": None}], id="row-without-values"),
        pytest.param(b"a,b\n 1 ,  \n", [{"a": "1", "b": None}], id="white-space"),
        pytest.param(b'a\n"""x, y"""\n', [{"a": "x, y"}], id="quoted-twice"),
        pytest.param(b"a\n'=1\n", [{"a": "=1"}], id="guarded"),
        pytest.param("a\nß\n".encode(), [{"a": "ß"}], id="utf-8"),
    ],
)
def test_csv_is_read_as_by_liferay(
    tmp_path: Path, data: bytes, records: list[Any]
) -> None:
    """Values that a short row lacks are absent, so that an update keeps them."""
    assert read(tmp_path, data) == records


def test_csv_is_read_as_utf_8_only(tmp_path: Path) -> None:
    (record,) = read(tmp_path, "a\nGröße\n".encode("cp1252"))

    assert isinstance(record, UnreadableRecord)
