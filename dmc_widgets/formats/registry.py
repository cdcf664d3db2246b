"""The formats that there are: the built-in ones, and those of installed plug-ins.

A plug-in is an entry point in the group ``dmc_widgets.formats``. It refers to an object
with the attributes of :class:`~dmc_widgets.ports.Format`, or to a class without
arguments that makes one:

    [project.entry-points."dmc_widgets.formats"]
    YAML = "my_package.yaml_format:YamlFormat"

The name of the entry point is the name of the format. Plug-ins are loaded when the
formats are listed, or when a name or a file is not that of a built-in format. One that
fails to load is left out of lists, with a warning in the log; asking for it by name, or
for a file that no format recognises, raises an error that names it.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ..errors import FileUnreadable, NotSupported, UnknownName
from ..ports import FileSample, Format, RecognisedFile
from .csv.format import CsvFormat
from .excel.format import ExcelFormat
from .json.batch_engine_format import JsontFormat
from .json.format import JsonFormat
from .json.lines_format import JsonLinesFormat
from .parquet.format import ParquetFormat
from .recognition import describe_unknown_content

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "dmc_widgets.formats"
"""The group of entry points that plug-ins name."""

BUILT_IN: Final[tuple[Format, ...]] = (
    ParquetFormat(),
    ExcelFormat(),
    CsvFormat(),
    JsontFormat(),
    JsonFormat(),
    JsonLinesFormat(),
)
"""The built-in formats, in the order in which they are asked about a file."""

_METHODS: Final = ("recognise", "read", "write")

_log = logging.getLogger(__name__)


class FormatRegistry(Mapping[str, Format]):
    """Formats by name, in the order of their names.

    Args:
        built_in: The formats that are always there, in the order in which they are
            asked about a file.
        group: The group of entry points that plug-ins name.
    """

    def __init__(self, built_in: Sequence[Format], *, group: str = GROUP) -> None:
        self._built_in = {format_.info.name: format_ for format_ in built_in}
        self._group = group
        self._plug_ins: dict[str, Format] | None = None
        self._failures: dict[str, str] = {}

    def __getitem__(self, name: str) -> Format:
        format_ = self._built_in.get(name)
        return self._load_plug_ins()[name] if format_ is None else format_

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._built_in, *self._load_plug_ins()}))

    def __len__(self) -> int:
        return len(self._built_in) + len(self._load_plug_ins())

    def find(self, name: str) -> Format:
        """Return the format of that name, in capitals or not.

        Raises:
            UnknownName: The format is unknown; the error lists the known ones.
            NotSupported: It is a plug-in that failed to load.
        """
        upper = name.upper()
        if upper in self:
            return self[upper]
        if upper in self._failures:
            what = self._describe_failure(upper)
            raise NotSupported(what, "Repair or uninstall its package.")
        raise UnknownName(kind="format", name=name, known=tuple(self))

    def recognise(self, sample: FileSample) -> RecognisedFile:
        """Return the format of a file, and how to read it.

        A file whose name ends as those of a built-in format is read by one of these,
        whatever is installed. For any other name plug-ins are asked first, since they
        know their files better than the general rules of the built-in formats, which
        take any zip for a workbook, for example.

        Raises:
            FileUnreadable: No format recognises the file, or one refuses it.
            FileBroken: The file is malformed before its format is known.
        """
        formats = [*self._built_in.values()]
        suffixes = [suffix for format_ in formats for suffix in format_.info.suffixes]
        if not sample.has_suffix(*suffixes):
            formats = [*self._load_plug_ins().values(), *formats]
        for format_ in formats:
            recognised = format_.recognise(sample) if format_.info.can_read else None
            if recognised is not None:
                return recognised
        is_parquet = sample.has_suffix(*ParquetFormat.info.suffixes)
        met = describe_unknown_content(sample, "Parquet" if is_parquet else "JSON")
        raise FileUnreadable(sample.name, f"{met} {self.describe_readable()}")

    def describe_readable(self) -> str:
        """Return the sentences that say which files can be read."""
        infos = [format_.info for format_ in self.values()]
        files = ", ".join(info.files or info.name for info in infos if info.can_read)
        text = f"What can be read: {files}, or a zip that holds one of these."
        failures = map(self._describe_failure, self._failures)
        return " ".join([text, *failures])

    def readable_suffixes(self) -> tuple[str, ...]:
        """Return the endings of the names of files that can be read, as browsers do."""
        infos = (format_.info for format_ in self.values())
        suffixes = (
            suffix for info in infos if info.can_read for suffix in info.suffixes
        )
        return tuple(
            dict.fromkeys("." + suffix.rpartition(".")[2] for suffix in suffixes)
        )

    def writable_names(self) -> tuple[str, ...]:
        """Return the names of the formats that an export may choose."""
        return tuple(name for name, format_ in self.items() if format_.info.can_write)

    def _describe_failure(self, name: str) -> str:
        return f"The format plug-in {name!r} failed to load: {self._failures[name]}."

    def _load_plug_ins(self) -> dict[str, Format]:
        if self._plug_ins is None:
            self._plug_ins = {}
            for entry_point in _find_entry_points(self._group):
                self._load_plug_in(entry_point, self._plug_ins)
        return self._plug_ins

    def _load_plug_in(
        self, entry_point: EntryPoint, plug_ins: dict[str, Format]
    ) -> None:
        name = entry_point.name
        try:
            format_ = _load_format(entry_point, taken={*self._built_in, *plug_ins})
        except Exception as exc:  # noqa: BLE001 - a plug-in may raise anything
            reason = f"{type(exc).__name__}: {exc}"
            self._failures[name.upper()] = reason
            _log.warning("format plug-in %r failed to load: %s", name, reason)
        else:
            plug_ins[name] = format_


def _find_entry_points(group: str) -> Iterable[EntryPoint]:
    from importlib.metadata import entry_points  # costs as much as all formats do

    return entry_points(group=group)


def _load_format(entry_point: EntryPoint, *, taken: Collection[str]) -> Format:
    """Load a format and look whether it has what a format needs.

    Raises:
        Exception: Whatever the plug-in raises; a TypeError or a ValueError if the
            object is not a format, or has another name than its entry point.
    """
    loaded = entry_point.load()
    format_: Format = loaded() if isinstance(loaded, type) else loaded
    missing = [name for name in _METHODS if not callable(getattr(format_, name, None))]
    if missing or not hasattr(format_, "info"):
        msg = f"{entry_point.value} is not a format; it lacks {missing or 'info'}"
        raise TypeError(msg)
    if format_.info.name != entry_point.name or not entry_point.name.isupper():
        msg = f"its name, {format_.info.name!r}, must be {entry_point.name.upper()!r}"
        raise ValueError(msg)
    if entry_point.name in taken:
        msg = "there is another format of that name"
        raise ValueError(msg)
    return format_


FORMATS: Final = FormatRegistry(BUILT_IN)
"""All formats."""


def find_format(name: str) -> Format:
    """Return the format of that name; see :meth:`FormatRegistry.find`."""
    return FORMATS.find(name)
