"""Options for reading CSV and Excel files, and the notes that a reader takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ..errors import InvalidPlan
from .coercion import (
    parse_optional_choice,
    require_flags,
    require_whole_number,
    set_texts,
)
from .encoding_names import canonical_encoding
from .representation import ValueDisplay

_LINE_BREAKS = frozenset("\r\n")


class ShortRows(StrEnum):
    """What happens to a row that has fewer values than there are columns."""

    REFUSE = "refuse"
    EMPTY = "empty"


class Escapes(StrEnum):
    """What happens to the apostrophes and quotes that exports add to values of CSV."""

    KEEP = "keep"
    UNDO = "undo"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadingOptions(ValueDisplay):
    """How to read a CSV or Excel file. JSON files need no options.

    Attributes:
        delimiter: One character, or several as in Liferay; empty: detected.
        enclosing_character: One character; empty: detected.
        encoding: Any text encoding that Python knows, by any of its names; empty:
            detected.
        sheet: The sheet of an Excel workbook; empty: the one that was shown when it
            was saved.
        headers: The first line names the columns. Without it they are named
            ``0``, ``1`` … as in Liferay.
        skip_lines: The number of lines or rows above the table, such as a title.
        short_rows: Refuse a CSV row with too few values, or fill it with empty values;
            None: refuse it.
        escapes: Keep every character of a CSV value, or remove the apostrophe before
            a formula and the second pair of quotes, which exports write; None: remove
            them in a zip that one of our exports wrote.
        as_liferay: Read a CSV file as Liferay's own import does: values that a short
            row lacks are absent, rows without values are records, white space around
            values is removed, and escapes are undone. Templates do not keep this.

    Raises:
        InvalidPlan: Options exclude each other, or the encoding is not known.
        UnknownChoice: A word is not one of the choices.
    """

    delimiter: str = ""
    enclosing_character: str = ""
    encoding: str = ""
    sheet: str = ""
    headers: bool = True
    skip_lines: int = 0
    short_rows: ShortRows | None = None
    escapes: Escapes | None = None
    as_liferay: bool = False

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            delimiter: str = ...,
            enclosing_character: str = ...,
            encoding: str = ...,
            sheet: str = ...,
            headers: bool = ...,
            skip_lines: int = ...,
            short_rows: ShortRows | str | None = ...,
            escapes: Escapes | str | None = ...,
            as_liferay: bool = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        set_texts(self, "delimiter", "enclosing_character", "encoding", "sheet")
        require_flags(self, "headers", "as_liferay")
        require_whole_number(self.skip_lines, "skip_lines")
        if self.skip_lines < 0:
            reason = f"The lines to skip are 0 or more, not {self.skip_lines}."
            raise InvalidPlan(reason)
        if len(self.enclosing_character) > 1:
            reason = (
                f"The enclosing character {self.enclosing_character!r} has "
                f"{len(self.enclosing_character)} characters. Give one."
            )
            raise InvalidPlan(reason)
        if _LINE_BREAKS & set(self.delimiter + self.enclosing_character):
            reason = "A line break can neither separate nor enclose values."
            raise InvalidPlan(reason)
        if self.enclosing_character and self.enclosing_character in self.delimiter:
            reason = (
                f"{self.enclosing_character!r} cannot both separate and enclose "
                "values. Choose another delimiter or enclosing character."
            )
            raise InvalidPlan(reason)
        if self.encoding:
            object.__setattr__(self, "encoding", canonical_encoding(self.encoding))
        short_rows = parse_optional_choice(
            ShortRows, self.short_rows, "choice for short rows"
        )
        escapes = parse_optional_choice(Escapes, self.escapes, "choice for escapes")
        object.__setattr__(self, "short_rows", short_rows)
        object.__setattr__(self, "escapes", escapes)

    def over(self, base: ReadingOptions) -> ReadingOptions:
        """Return these options, completed by those of *base*."""
        return ReadingOptions(
            delimiter=self.delimiter or base.delimiter,
            enclosing_character=self.enclosing_character or base.enclosing_character,
            encoding=self.encoding or base.encoding,
            sheet=self.sheet or base.sheet,
            headers=self.headers and base.headers,
            skip_lines=self.skip_lines or base.skip_lines,
            short_rows=self.short_rows or base.short_rows,
            escapes=self.escapes or base.escapes,
            as_liferay=self.as_liferay or base.as_liferay,
        )

    def column_label(self, name: str) -> str:
        """Return the name of a column for people; without headers a number from 1."""
        has_number = not self.headers and name.isascii() and name.isdecimal()
        return f"Column {int(name) + 1}" if has_number else name

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`reading_options_from_dict` reads."""
        return {
            "delimiter": self.delimiter,
            "enclosingCharacter": self.enclosing_character,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "containsHeaders": self.headers,
            "skipLines": self.skip_lines,
            "shortRows": self.short_rows,
            "escapes": self.escapes,
        }


ROUNDED_NUMBERS_NOTE = (
    "The sheet has whole numbers of more than 15 digits. Excel keeps only the first "
    "15, so the others may be wrong; codes and keys are safe in cells of text."
)


class Visibility(StrEnum):
    """Whether Excel shows a sheet."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very hidden"  # Excel offers no way to show it, only its macros


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: Its name.
        visibility: Whether Excel shows it.
        is_default: The sheet is read where none is chosen: it was active when the
            workbook was saved.
    """

    name: str
    visibility: Visibility = Visibility.VISIBLE
    is_default: bool = False

    @property
    def label(self) -> str:
        """The name, and a remark where the sheet is hidden."""
        return self.name + self._remark

    @property
    def quoted_label(self) -> str:
        """The label with the name in quotes, for a sentence."""
        return repr(self.name) + self._remark

    @property
    def _remark(self) -> str:
        is_visible = self.visibility is Visibility.VISIBLE
        return "" if is_visible else f" ({self.visibility})"


@dataclass(slots=True)
class ReadingReport:
    """Notes that a reader takes while it reads a file.

    Attributes:
        warnings: Sentences that a person should read before the import starts.
        skipped_rows: The number of rows without any value, which were skipped.
        rounded_numbers: The number of numbers with more digits than Excel keeps.
        position: How many bytes of the file the records so far take, where reading goes
            to and fro in it; None where the bytes that were read tell.
        stated_records: The number of records in the file, where the file states it.
    """

    warnings: list[str] = field(default_factory=list)
    skipped_rows: int = 0
    rounded_numbers: int = 0
    position: int | None = None
    stated_records: int | None = None

    def begin(self) -> None:
        """Begin to count anew, since the file is read from its beginning."""
        self.skipped_rows = self.rounded_numbers = 0
        self.position = None

    def warn(self, sentence: str) -> None:
        """Add a warning unless it is there already."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def notes(self, row_name: str) -> tuple[str, ...]:
        """Return sentences about what was counted, once all records are read.

        Args:
            row_name: The name of a row in this format: ``line`` or ``row``.
        """
        notes = []
        if self.skipped_rows == 1:
            notes.append(f"1 {row_name} without any value was skipped.")
        elif self.skipped_rows:
            count = f"{self.skipped_rows:,} {row_name}s"
            notes.append(f"{count} without any value were skipped.")
        if self.rounded_numbers:
            notes.append(ROUNDED_NUMBERS_NOTE)
        return tuple(notes)


DETECT_ALL = ReadingOptions()
"""Everything is detected, and the first line names the columns."""


def reading_options_from_dict(data: dict[str, Any]) -> ReadingOptions:
    """Build the options that *as_dict* wrote; missing ones are detected."""
    return ReadingOptions(
        delimiter=data.get("delimiter", ""),
        enclosing_character=data.get("enclosingCharacter", ""),
        encoding=data.get("encoding", ""),
        sheet=data.get("sheet", ""),
        headers=data.get("containsHeaders", True),
        skip_lines=data.get("skipLines", 0),
        short_rows=data.get("shortRows"),
        escapes=data.get("escapes"),
    )
