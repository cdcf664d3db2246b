"""How a file of lines and cells is to be read, where it does not say so itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..errors import InvalidPlan
from .encoding_names import canonical_encoding

_LINE_BREAKS = frozenset("\r\n")


class ShortRows(StrEnum):
    """What becomes of a row that has fewer values than there are columns."""

    REFUSE = "refuse"
    EMPTY = "empty"


class Escapes(StrEnum):
    """What becomes of the apostrophes and quotes that exports add to values of CSV."""

    KEEP = "keep"
    UNDO = "undo"


def _parse_choice(kind: type[StrEnum], word: str | None) -> StrEnum | None:
    """Return the choice that is called *word*; None where nothing is chosen."""
    if not word:
        return None
    try:
        return kind(word)
    except ValueError as exc:
        known = " or ".join(repr(each.value) for each in kind)
        reason = f"{word!r} is not a choice here. Choose {known}."
        raise InvalidPlan(reason) from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """What a person said about a CSV or Excel file. JSON files need nothing of it.

    Attributes:
        delimiter: One character, or several as in Liferay; empty: detected.
        enclosing_character: One character; empty: detected.
        encoding: Any text encoding that Python knows, by any of its names; empty:
            detected.
        sheet: Of an Excel workbook; empty: the one that was shown when it was saved.
        headers: The first line names the columns. Without it they are named
            ``0``, ``1`` … as in Liferay.
        skip_lines: How many lines or rows stand above the table, such as a title.
        short_rows: Whether a CSV row with too few values fails, or has empty values in
            their place; None: it fails.
        escapes: Whether every character of a CSV value stays, or the apostrophe before
            a formula and the second pair of quotes go, which exports write; None: they
            go from a zip that one of our exports wrote.
        as_liferay: A CSV file is read as Liferay's own import does: values that a short
            row lacks are absent, rows without values are records, white space around
            values goes, and escapes are undone. No template keeps this.
    """

    delimiter: str = ""
    enclosing_character: str = ""
    encoding: str = ""
    sheet: str = ""
    headers: bool = True
    skip_lines: int = 0
    short_rows: ShortRows | str | None = None
    escapes: Escapes | str | None = None
    as_liferay: bool = False

    def __post_init__(self) -> None:
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
        for name, kind in (("short_rows", ShortRows), ("escapes", Escapes)):
            object.__setattr__(self, name, _parse_choice(kind, getattr(self, name)))

    def over(self, base: ReadingOptions) -> ReadingOptions:
        """Return these options, and those of *base* where these leave them open."""
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
        """Return what people call a column; without headers they count from 1."""
        has_number = not self.headers and name.isascii() and name.isdecimal()
        return f"Column {int(name) + 1}" if has_number else name

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`reading_options_from_dict` reads back."""
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
    """Whether a sheet is shown to those who open the workbook."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very hidden"  # Excel offers no way to show it, only its macros


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook.

    Attributes:
        name: Its name.
        visibility: Whether it is shown.
        is_default: It is read where no sheet is chosen: the one that was shown when the
            workbook was saved.
    """

    name: str
    visibility: Visibility = Visibility.VISIBLE
    is_default: bool = False

    @property
    def label(self) -> str:
        """The name, and that the sheet is hidden."""
        return self.name + self._remark

    @property
    def quoted_label(self) -> str:
        """The label for a sentence, with the name in quotes."""
        return repr(self.name) + self._remark

    @property
    def _remark(self) -> str:
        is_visible = self.visibility is Visibility.VISIBLE
        return "" if is_visible else f" ({self.visibility})"


@dataclass(slots=True)
class ReadingReport:
    """What a reader notices in a file besides its records. A reader adds to it.

    Attributes:
        warnings: What a person should know before the import starts, in sentences.
        skipped_rows: How many rows without any value were passed over.
        rounded_numbers: How many numbers of a sheet have more digits than Excel keeps.
    """

    warnings: list[str] = field(default_factory=list)
    skipped_rows: int = 0
    rounded_numbers: int = 0

    def warn(self, sentence: str) -> None:
        """Add a warning unless it is there already."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def notes(self, row_name: str) -> tuple[str, ...]:
        """Return what is known once all records were read, in sentences.

        Args:
            row_name: What a row is called in this format: ``line`` or ``row``.
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
    """Build the options that *as_dict* wrote down; what is absent is detected."""
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
