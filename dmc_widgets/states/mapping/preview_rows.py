"""The preview of an import as rows of plain values, for the grid that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ...languages import format_number
from ...languages import gettext as _
from ...model.outcome import OutcomeKind
from ...model.preview import Preview, PreviewedRecord, SamplingMethod
from ...model.value_conversion import value_table_key
from ..model_words import translate_word
from .mapping_text import format_json
from .mending import ValueEditor

_CODE: Final = "externalReferenceCode"
_ABSENT: Final = object()
_LONG: Final = 120
_TONES: Final = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.FAILED: "danger",
}


def preview_place(preview: Preview) -> str:
    """Return what the number of a record is: its number, or a place in the file."""
    by_position = preview.extent.sampling is SamplingMethod.BY_POSITION
    return "Byte" if by_position else _("Record")


def preview_columns(
    preview: Preview,
    labels: Mapping[str, str],
    titles: Mapping[str, str],
    editors: Mapping[str, ValueEditor] = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Return the columns of the grid: the fields that are filled.

    Args:
        preview: The preview of some records.
        labels: Labels of the source fields that have no name in the file.
        titles: Labels of the target fields, where they say more than the names.
        editors: How values are mended, by the names of the fields.
    """
    columns = []
    for name in preview.types:
        source = preview.sources.get(name)
        is_other = source is not None and source != name
        origin = labels.get(source, source) if source and is_other else ""
        editor = editors.get(name, ValueEditor())
        columns.append(
            {
                "name": name,
                "title": titles.get(name, ""),
                "source": origin,
                "editor": editor.kind,
                "choices": [list(choice) for choice in editor.choices],
            }
        )
    return columns


def preview_rows(
    preview: Preview, mendable: Iterable[str] = ()
) -> list[dict[str, Any]]:
    """Return the rows of the grid.

    A row has the texts *place*, *code*, *kind*, *word* and *tone*, the list *problems*
    of the record as a whole, and *cells*: a text, or a dictionary with *text*,
    *before*, *problem* and, for a value that may be mended, *value*.

    Args:
        preview: The preview of some records.
        mendable: The fields whose values may be replaced.
    """
    names, may_mend = list(preview.types), set(mendable)
    sources = [preview.sources.get(name) for name in names]
    return [
        _build_row(record, list(zip(names, sources, strict=True)), may_mend)
        for record in preview.records
    ]


def count_kinds(preview: Preview) -> dict[str, int]:
    """Return the number of previewed records by expected outcome."""
    return dict(Counter(record.expected.value for record in preview.records))


def _build_row(
    record: PreviewedRecord,
    columns: list[tuple[str, str | None]],
    mendable: set[str],
) -> dict[str, Any]:
    by_field: dict[str, list[str]] = {}
    known = {name for name, _ in columns}
    for fault in record.faults:
        key = fault.target if fault.target in known else ""
        by_field.setdefault(key, []).append(fault.problem.message)
    read, made = record.source or {}, record.target
    cells: list[str | dict[str, str]] = []
    for name, source in columns:
        before = read.get(source, _ABSENT) if source is not None else _ABSENT
        after = made.get(name, _ABSENT)
        problems = by_field.get(name) if by_field else None
        if problems:
            cells.append(_build_problem(before, problems, may_mend=name in mendable))
        elif after is before or before is _ABSENT:
            cells.append(_format(after))
        else:
            cells.append(_build_cell(_format(before), _format(after)))
    code = made.get(_CODE, read.get(_CODE, ""))
    return {
        "place": format_number(record.number),
        "code": code if isinstance(code, str) else _format(code),
        "kind": record.expected.value,
        "word": translate_word(record.expected).capitalize(),
        "tone": _TONES.get(record.expected, "secondary"),
        "problems": by_field.get("", []),
        "cells": cells,
    }


def _build_cell(before: str, after: str) -> str | dict[str, str]:
    if before and after and before != after:
        return {"text": after, "before": before}
    return after or {"text": "", "before": before} if before or after else ""


def _build_problem(
    before: object, problems: list[str], *, may_mend: bool
) -> dict[str, str]:
    shown = _format(before)
    cell = {"text": "", "before": shown, "problem": " ".join(problems)}
    key = value_table_key(before) if may_mend else None
    if key is not None:
        cell["value"] = key
    return cell


def _format(value: Any) -> str:
    """Return a value as people write it: texts without quotes, at most 120 long."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else f"{value[:_LONG]}…"
    return "" if value is _ABSENT else format_json(value)
