"""What a preview looks like: every text of strangers escaped, no colour without words.

A cell shows the value that would be imported; where the file says something else,
that comes first; where the value would be refused, the reason stands beneath.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from ..model.outcome import OutcomeKind
from ..model.preview import Fault, Preview, Previewed, Sampling
from ..states.mapping_words import as_json
from .theme import Kind, badge

_ABSENT: Final = object()
_KINDS: Final[dict[OutcomeKind, Kind]] = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.FAILED: "danger",
}
_WORDS: Final = {
    OutcomeKind.CREATED: "would be created",
    OutcomeKind.UPDATED: "would be updated",
    OutcomeKind.UNCHANGED: "would stay as they are",
    OutcomeKind.FAILED: "would fail",
}


def preview_markup(preview: Preview, labels: Mapping[str, str]) -> str:
    """Return a table: a line a record, a column a target field.

    Args:
        preview: What an import would make of some records.
        labels: What people call fields of the file that have no name.
    """
    place = "Byte" if preview.extent.sampling is Sampling.BY_PLACE else "Record"
    names = list(preview.types)
    heads = "".join(_head(name, preview.sources.get(name), labels) for name in names)
    lines = "".join(_line(record, names, preview) for record in preview.records)
    return (
        f'<table style="--dmc-columns: {len(names)}">'
        f'<thead><tr><th scope="col">{place}</th>'
        f'<th scope="col">Expected</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def counts_text(preview: Preview) -> str:
    """Say how many of the records would come to what."""
    told = [
        f"{preview.counts[kind]:,} {words}"
        for kind, words in _WORDS.items()
        if preview.counts[kind]
    ]
    return f"Of these, {', '.join(told)}." if told else ""


def _head(name: str, source: str | None, labels: Mapping[str, str]) -> str:
    origin = ""
    if source is not None and source != name:
        origin = f"<small>from {escape(labels.get(source, source))}</small>"
    return f'<th scope="col">{escape(name)}{origin}</th>'


def _line(record: Previewed, names: Iterable[str], preview: Preview) -> str:
    label = badge(record.expected.value.capitalize(), _KINDS[record.expected])
    general = [fault for fault in record.faults if fault.target not in preview.types]
    cells = "".join(_cell(record, name, preview.sources.get(name)) for name in names)
    return (
        f'<tr><th scope="row">{record.number:,}</th>'
        f"<td>{label}{_problems(general)}</td>{cells}</tr>"
    )


def _cell(record: Previewed, name: str, source: str | None) -> str:
    faults = [fault for fault in record.faults if fault.target == name]
    read: Any = _ABSENT
    if source is not None and record.source is not None:
        read = record.source.get(source, _ABSENT)
    state = ' class="dmc-faulty"' if faults else ""
    values = _values(_text(read), _text(record.target.get(name, _ABSENT)))
    return f"<td{state}>{values}{_problems(faults)}</td>"


def _values(read: str, made: str) -> str:
    before = f'<span class="dmc-read">{escape(read)}</span>'
    if read and made and read != made:
        title = f"{read} becomes {made}"
        shown = f'{before} <span aria-label="becomes">→</span> {escape(made)}'
    else:
        title = made or read
        shown = escape(made) if made else before
    return f'<div title="{escape(title)}">{shown}</div>' if title else ""


def _problems(faults: Iterable[Fault]) -> str:
    return "".join(
        f'<div class="dmc-fault">Problem: {escape(fault.problem.message)}</div>'
        for fault in faults
    )


def _text(value: Any) -> str:
    return "" if value is _ABSENT else as_json(value)
