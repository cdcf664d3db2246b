"""Zips as they go out: whole, or not at all."""

from __future__ import annotations

import io
import os
import resource
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import DiskFull, NotSupported, Unreachable, WorkspaceUnusable
from dmc_widgets.formats import FORMATS
from dmc_widgets.formats.source import open_source
from dmc_widgets.formats.zip_writer import write_archive
from dmc_widgets.model.entity_type import OBJECT_DEFINITION, EntityType
from dmc_widgets.ports import ExportHeader


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS.keys())
def test_archive_holds_the_one_entry_export(
    tmp_path: Path, header: ExportHeader, format_: Any
) -> None:
    """What is compressed itself is not compressed again."""
    path = tmp_path / "plums.zip"
    items = [{"externalReferenceCode": "P-1"}, {"externalReferenceCode": "P-2"}]
    is_packed = format_.info.name == "PARQUET"

    assert write_archive(path, format_, iter(items), header) == 2

    assert list(tmp_path.iterdir()) == [path]
    plain = io.BytesIO()
    format_.write(items, plain, header)
    with zipfile.ZipFile(path) as archive:
        (entry,) = archive.infolist()
        assert entry.filename == f"export.{format_.info.extension}"
        method = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        assert entry.compress_type == method
        assert stat.S_IMODE(entry.external_attr >> 16) == 0o644
        assert archive.read(entry) == plain.getvalue()


@pytest.mark.parametrize("format_", ["JSON", "JSONL", "JSONT"])
def test_exported_file_can_be_imported(
    tmp_path: Path, header: ExportHeader, format_: str
) -> None:
    path = tmp_path / "plums.zip"
    items = [{"code": f"P-{number}", "note": None} for number in range(5000)]
    write_archive(path, FORMATS[format_], items, header)

    with open_source(path) as source:
        assert source.name == f"export.{FORMATS[format_].info.extension}"
        assert source.format.info is FORMATS[format_].info
        assert list(source.records()) == items


def test_same_items_make_the_same_bytes(tmp_path: Path, header: ExportHeader) -> None:
    for name in ("a.zip", "b.zip"):
        write_archive(tmp_path / name, FORMATS["JSON"], [{"a": 1}], header)

    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_entry_may_pass_the_limit_of_plain_zips(
    tmp_path: Path, header: ExportHeader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 GiB, lowered here; zipfile refuses to pass it unless told beforehand."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    path = tmp_path / "plums.zip"
    items = [{"a": "x" * 2000}]

    write_archive(path, FORMATS["JSON"], items, header)

    with open_source(path) as source:
        assert list(source.records()) == items


def test_error_while_exporting_leaves_nothing_behind(
    tmp_path: Path, header: ExportHeader
) -> None:
    """And a file that was there before is as it was."""
    path = tmp_path / "plums.zip"
    path.write_bytes(b"yesterday's")

    def items() -> Iterator[dict[str, Any]]:
        yield {"a": 1}
        raise Unreachable(installation="Pets", reason="The connection broke.")

    with pytest.raises(Unreachable):
        write_archive(path, FORMATS["JSONL"], items(), header)

    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"yesterday's"


def test_definitions_as_csv_leave_nothing_behind(tmp_path: Path) -> None:
    header = ExportHeader(
        entity_type=EntityType(name="X", label="X", class_name=OBJECT_DEFINITION),
        fields=(),
    )

    with pytest.raises(NotSupported):
        write_archive(tmp_path / "x.zip", FORMATS["CSV"], [{"a": 1}], header)

    assert list(tmp_path.iterdir()) == []


def test_full_disk_is_named_and_nothing_stays(
    tmp_path: Path, header: ExportHeader
) -> None:
    """The system is asked to refuse files of more than 64 KiB."""
    path = tmp_path / "plums.zip"
    items = ({"a": os.urandom(500).hex()} for _ in range(2000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**16, hard))
    try:
        with pytest.raises(DiskFull) as caught:
            write_archive(path, FORMATS["JSONL"], items, header)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(tmp_path.iterdir()) == []
    assert str(caught.value) == (
        f"{path}: There is no room for the file. Free some space and try again."
    )


@pytest.mark.parametrize(
    ("folder", "why"),
    [("missing", "No such file or directory"), ("file", "Not a directory")],
)
def test_folder_that_cannot_be_written_is_named(
    tmp_path: Path, header: ExportHeader, folder: str, why: str
) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / folder / "plums.zip"

    with pytest.raises(WorkspaceUnusable) as caught:
        write_archive(path, FORMATS["JSONL"], [], header)

    assert str(caught.value) == f"{path}: The file cannot be written: {why}."
