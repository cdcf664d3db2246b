"""What an import would take out of the file, before it starts.

What a preview looks like: every text of strangers escaped, no colour without words.

A cell shows the value that would be imported; where the file says something else,
that comes first; where the value would be refused, the reason stands beneath.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

import ipywidgets as ipw

from ...model.outcome import OutcomeKind
from ...model.preview import FieldProblem, Preview, PreviewedRecord, SamplingMethod
from ...states.dashboard_session import DashboardSession, preview_import, start_import
from ...states.dashboard_state import DashboardPage
from ...states.mapping.mapping_text import format_json
from ..parts.elements import ChoiceField, button, button_bar, card, choice_field, html
from ..parts.guard import Guard
from ..theme import Kind, render_alert, render_badge

_ABSENT: Final = object()
_OUTCOME_KINDS: Final[dict[OutcomeKind, Kind]] = {
    OutcomeKind.CREATED: "success",
    OutcomeKind.UPDATED: "info",
    OutcomeKind.UNCHANGED: "secondary",
    OutcomeKind.FAILED: "danger",
}
_OUTCOME_TEXTS: Final = {
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
    place = (
        "Byte" if preview.extent.sampling is SamplingMethod.BY_POSITION else "Record"
    )
    names = list(preview.types)
    heads = "".join(
        _render_head(name, preview.sources.get(name), labels) for name in names
    )
    lines = "".join(
        _render_record(record, names, preview) for record in preview.records
    )
    return (
        f'<table style="--dmc-columns: {len(names)}">'
        f'<thead><tr><th scope="col">{place}</th>'
        f'<th scope="col">Expected</th>{heads}</tr></thead>'
        f"<tbody>{lines}</tbody></table>"
    )


def format_counts(preview: Preview) -> str:
    """Say how many of the records would come to what."""
    told = [
        f"{preview.counts[kind]:,} {words}"
        for kind, words in _OUTCOME_TEXTS.items()
        if preview.counts[kind]
    ]
    return f"Of these, {', '.join(told)}." if told else ""


def _render_head(name: str, source: str | None, labels: Mapping[str, str]) -> str:
    origin = ""
    if source is not None and source != name:
        origin = f"<small>from {escape(labels.get(source, source))}</small>"
    return f'<th scope="col">{escape(name)}{origin}</th>'


def _render_record(
    record: PreviewedRecord, names: Iterable[str], preview: Preview
) -> str:
    label = render_badge(
        record.expected.value.capitalize(), _OUTCOME_KINDS[record.expected]
    )
    general = [fault for fault in record.faults if fault.target not in preview.types]
    cells = "".join(
        _render_cell(record, name, preview.sources.get(name)) for name in names
    )
    return (
        f'<tr><th scope="row">{record.number:,}</th>'
        f"<td>{label}{_render_problems(general)}</td>{cells}</tr>"
    )


def _render_cell(record: PreviewedRecord, name: str, source: str | None) -> str:
    faults = [fault for fault in record.faults if fault.target == name]
    read: Any = _ABSENT
    if source is not None and record.source is not None:
        read = record.source.get(source, _ABSENT)
    state = ' class="dmc-faulty"' if faults else ""
    values = _render_values(
        _format_value(read), _format_value(record.target.get(name, _ABSENT))
    )
    return f"<td{state}>{values}{_render_problems(faults)}</td>"


def _render_values(read: str, made: str) -> str:
    before = f'<span class="dmc-read">{escape(read)}</span>'
    if read and made and read != made:
        title = f"{read} becomes {made}"
        shown = f'{before} <span aria-label="becomes">→</span> {escape(made)}'
    else:
        title = made or read
        shown = escape(made) if made else before
    return f'<div title="{escape(title)}">{shown}</div>' if title else ""


def _render_problems(faults: Iterable[FieldProblem]) -> str:
    return "".join(
        f'<div class="dmc-fault">Problem: {escape(fault.problem.message)}</div>'
        for fault in faults
    )


def _format_value(value: Any) -> str:
    return "" if value is _ABSENT else format_json(value)


_FIRST_RECORDS, _SPREAD_RECORDS = "The first records", "Records from all over the file"


class PreviewPanel(ipw.VBox):
    """Some records, field by field: as they are read, and as they would be written."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.choices, self.limit = html(""), html("", "dmc-help")
        self.warnings = html("")
        self.sample: ChoiceField = choice_field(
            "Show", [(_FIRST_RECORDS, False), (_SPREAD_RECORDS, True)]
        )
        self.frame = html("", "dmc-frame", "dmc-preview")
        self.cancel = button("Cancel")
        self.start = button("Start Import", "primary")
        self.cancel.on_click(guard.on_click(self._leave))
        self.start.on_click(guard.on_click(start_import, session))
        self.sample.observe(lambda _: guard.carry_out(self._show), "value")
        bar = button_bar(self.cancel, self.start)
        shown = card(
            "Preview",
            self.choices,
            self.warnings,
            self.sample,
            self.limit,
            self.frame,
        )
        super().__init__([shown, bar])

    def fill(self) -> None:
        """Make the preview, and bring it into view.

        Raises:
            InvalidPlan: The form is not complete.
            DmcError: The installation does not answer, or the file is gone.
        """
        self._show()
        self._session.dashboard.page = DashboardPage.PREVIEW

    def _show(self) -> None:
        preview = preview_import(self._session, sample=self.sample.value)
        self.choices.value = _render_choices(self._session)
        self.warnings.value = "".join(
            render_alert(warning, "warning") for warning in preview.warnings
        )
        self.limit.value = escape(format_limits(preview))
        self.frame.value = preview_markup(
            preview, self._session.import_form.source_labels
        )

    def _leave(self) -> None:
        self._session.dashboard.page = DashboardPage.IMPORT


def format_limits(preview: Preview) -> str:
    """Say which records are shown, what would become of them, and what is not told."""
    parts = [preview.sentence, format_counts(preview)]
    if not preview.extent.complete:
        parts.append("The import takes all records.")
    parts += preview.notes
    parts.append("Long values are cut here, not in the import.")
    return " ".join(filter(None, parts))


def _render_choices(session: DashboardSession) -> str:
    form = session.import_form
    label = form.entity_type.label if form.entity_type else form.entity
    parts = [form.import_strategy.label]
    if form.import_strategy != "INSERT":
        parts.append(form.update_strategy.label)
    parts.append("Stop on Error" if form.stop_on_error else "Continue on Error")
    target = escape(f"{label} in {session.dashboard.installation}")
    return f"<p><strong>{target}</strong><br>{escape(' · '.join(parts))}</p>"
