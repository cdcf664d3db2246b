"""Merged cells of a sheet: where one value stands for several cells.

A file holds the value in the first cell only, and the others are empty. Below each
other in one column, the value plainly belongs to every row. Side by side it is a
title or a column name for several columns, and its meaning for each is unknown: such
cells are named in a warning, and stay as they are in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell as row and column, both counted from 0."""

_MAX_NAMED = 5


class MergedCells:
    """The merged cells of a sheet, taken row by row from the top.

    Args:
        ranges: All of them.
        header: The number, from 1, of the row that names the columns, or of the row
            before the first record. What stands above is passed over.
    """

    def __init__(self, ranges: Sequence[Range], *, header: int = 0) -> None:
        below = [cell_range for cell_range in ranges if cell_range[1][0] + 1 >= header]
        self._filled = [
            cell_range
            for cell_range in below
            if cell_range[0][0] + 1 > header and _is_single_column(cell_range)
        ]
        self._ignored = [
            cell_range for cell_range in below if cell_range not in self._filled
        ]
        self._starting: dict[int, list[Range]] = {}
        for cells in self._filled:
            self._starting.setdefault(cells[0][0] + 1, []).append(cells)
        self._open: dict[int, tuple[int, Any, str]] = {}

    def __bool__(self) -> bool:
        return bool(self._filled)

    def warnings(self) -> list[str]:
        """Return what a person should know of merged cells, in sentences."""
        warnings = []
        if self._filled:
            warnings.append(
                "Merged cells give their value to each of their rows: "
                f"{_format_ranges(self._filled)}."
            )
        if self._ignored:
            warnings.append(
                "Merged cells span several columns, and only the first cell of each "
                f"has a value: {_format_ranges(self._ignored)}."
            )
        return warnings

    def fill(self, number: int, cells: list[Any], marks: str, fault: str) -> str:
        """Put the values of merged cells into the row with that *number*.

        A row that holds nothing else stays empty.

        Args:
            number: The number of the row, from 1; the rows come in order.
            cells: The cells of the row; changed in place.
            marks: The places in the row without a value that could be read.
            fault: Why the row cannot be read; empty if it can.

        Returns:
            *fault*, or that of the first cell where a merged one has none.
        """
        is_empty = cells.count(None) == len(cells)
        for column, (last, value, missing) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif not is_empty:
                cells[column] = value if cells[column] is None else cells[column]
                fault = fault or missing
        for (row, column), (last, _) in self._starting.get(number, ()):
            place = f"{column_letters(column)}{row + 1}"
            is_missing = any(mark[1:] == place for mark in marks.split())
            value = cells[column] if column < len(cells) else None
            if value is not None or is_missing:
                self._open[column] = (last + 1, value, fault if is_missing else "")
        return fault


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: ``A``, ``AA``."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _is_single_column(cells: Range) -> bool:
    return cells[0][1] == cells[1][1]


def _format_ranges(ranges: Sequence[Range]) -> str:
    names = ", ".join(
        ":".join(f"{column_letters(column)}{row + 1}" for row, column in cell_range)
        for cell_range in ranges[:_MAX_NAMED]
    )
    more = len(ranges) - _MAX_NAMED
    return f"{names} and {more:,} more" if more > 0 else names
