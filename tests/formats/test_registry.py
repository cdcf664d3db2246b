"""Formats of plug-ins: found, asked before the built-in ones, and named when broken."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

import pytest

from dmc_widgets.errors import FileUnreadable, NotSupported
from dmc_widgets.formats import FORMATS, registry
from dmc_widgets.formats.registry import BUILT_IN, FormatRegistry
from dmc_widgets.formats.source import open_source
from dmc_widgets.formats.zip_writer import write_archive
from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.model.reading_options import (
    DETECT_ALL,
    ReadingOptions,
    ReadingReport,
)
from dmc_widgets.model.record import Record, UnreadableRecord
from dmc_widgets.ports import (
    ExportHeader,
    FileSample,
    FormatInfo,
    Item,
    RecognisedFile,
)


class LinesFormat:
    """Lines of ``code=P-1``, in files named ``.lines``; it inherits nothing."""

    info = FormatInfo(
        name="LINES",
        extension="lines",
        suffixes=(".lines",),
        files="lines of codes in a file named .lines",
        is_table=True,
    )

    def recognise(self, sample: FileSample) -> RecognisedFile | None:
        """Recognise a file by its name."""
        if not sample.has_suffix(*self.info.suffixes):
            return None
        return RecognisedFile(self, sample.options)

    def read(
        self,
        stream: BinaryIO,
        *,
        source: str,
        options: ReadingOptions = DETECT_ALL,
        report: ReadingReport | None = None,
    ) -> Iterator[Record | UnreadableRecord]:
        """Yield a record a line."""
        del source, options, report
        for line in stream:
            name, _, value = line.decode().rstrip().partition("=")
            yield {name: value}

    def write(
        self, items: Iterable[Item], stream: BinaryIO, header: ExportHeader
    ) -> int:
        """Write a line an item."""
        del header
        lines = [f"code={item['code']}\n".encode() for item in items]
        stream.writelines(lines)
        return len(lines)


class NoFormat:
    """A class that lacks what a format has."""

    info: ClassVar[Any] = LinesFormat.info


@pytest.fixture
def plug_ins(monkeypatch: pytest.MonkeyPatch) -> FormatRegistry:
    """Install one plug-in that works and three that do not."""
    module = "tests.formats.test_registry"
    found = [
        EntryPoint("LINES", f"{module}:LinesFormat", registry.GROUP),
        EntryPoint("GONE", "no_such_module:Format", registry.GROUP),
        EntryPoint("EMPTY", f"{module}:NoFormat", registry.GROUP),
        EntryPoint("CSV", f"{module}:LinesFormat", registry.GROUP),
    ]
    monkeypatch.setattr(registry, "_find_entry_points", lambda _: found)
    formats = FormatRegistry(BUILT_IN)
    monkeypatch.setattr("dmc_widgets.formats.source.FORMATS", formats)
    return formats


def test_plug_in_is_listed_between_the_built_in_formats(
    plug_ins: FormatRegistry,
) -> None:
    names = "CSV JSON JSONL JSONT LINES PARQUET XLSX"
    assert list(plug_ins) == names.split()
    assert len(plug_ins) == 7
    assert plug_ins.find("lines").info is LinesFormat.info
    assert ".lines" in plug_ins.readable_suffixes()
    assert "LINES" in plug_ins.writable_names()


@pytest.mark.usefixtures("plug_ins")
def test_plug_in_reads_what_it_wrote_from_a_zip(tmp_path: Path) -> None:
    """The file in the zip has the extension of the format, which recognises it."""
    kind = EntityType(class_name="Plum", name="Plum", label="Plum")
    header = ExportHeader(entity_type=kind, fields=(Field(name="code"),))
    path = tmp_path / "plums.zip"
    items = [{"code": "P-1"}, {"code": "P-2"}]

    assert write_archive(path, LinesFormat(), items, header) == 2

    with open_source(path) as source:
        assert source.format.info.name == "LINES"
        assert source.name == "export.lines"
        assert list(source.records()) == items


def test_broken_plug_in_is_named_in_the_error_and_in_the_log(
    plug_ins: FormatRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(NotSupported) as caught,
    ):
        plug_ins.find("gone")

    reason = "ModuleNotFoundError: No module named 'no_such_module'"
    assert str(caught.value) == (
        f"The format plug-in 'GONE' failed to load: {reason}. "
        "Repair or uninstall its package."
    )
    assert f"format plug-in 'GONE' failed to load: {reason}" in caplog.messages


def test_unrecognised_file_names_broken_plug_ins(
    plug_ins: FormatRegistry, tmp_path: Path
) -> None:
    """A plug-in that failed to load may be the one that reads the file."""
    path = tmp_path / "plums.gone"
    path.write_bytes(b"plums")

    with pytest.raises(FileUnreadable) as caught:
        open_source(path)

    assert "This is not JSON; it begins with 'plums'." in caught.value.reason
    assert "lines of codes in a file named .lines" in caught.value.reason
    assert "The format plug-in 'GONE' failed to load: Module" in caught.value.reason
    assert plug_ins["CSV"] is FORMATS["CSV"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("EMPTY", "is not a format; it lacks ['recognise', 'read', 'write']"),
        ("GONE", "No module named 'no_such_module'"),
    ],
)
def test_reason_of_a_broken_plug_in_says_what_is_wrong(
    plug_ins: FormatRegistry, name: str, reason: str
) -> None:
    with pytest.raises(NotSupported) as caught:
        plug_ins.find(name)

    assert reason in str(caught.value)


def test_built_in_format_is_found_without_loading_plug_ins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading the entry points of an environment would slow the start of a task."""
    monkeypatch.setattr(registry, "_find_entry_points", pytest.fail)

    assert FormatRegistry(BUILT_IN).find("jsonl").info.name == "JSONL"


@pytest.mark.parametrize(
    ("unsupported", "can_hold"),
    [
        (frozenset(), True),
        (frozenset({"CSV"}), True),
        (frozenset({"CSV", "XLSX"}), False),
        (frozenset({"LINES"}), False),
    ],
)
def test_table_cannot_hold_what_no_built_in_table_can(
    unsupported: frozenset[str], can_hold: bool
) -> None:
    field = Field(name="permissions", unsupported_formats=unsupported)

    assert LinesFormat.info.can_hold(field) is can_hold
