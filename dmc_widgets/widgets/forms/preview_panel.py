"""The preview of an import: some records as they are read and as they would be written.

A cell shows the value that would be imported. If the file has another value, that comes
first; if the value would be refused, the reason is below it. Texts that are not ours
are escaped, and colours always come with words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

import ipywidgets as ipw

from ...model.outcome import OutcomeKind
from ...model.preview import FieldProblem, Preview, PreviewedRecord, SamplingMethod
from ...states.actions.imports import preview_import, start_import
from ...states.dashboard_session import DashboardSession
from ...states.dashboard_state import DashboardPage
from ...states.mapping.mapping_text import format_json
from ...states.paths.import_path import FORM_STEPS
from ...states.task_list_state import StatusKind
from ..parts.form_inputs import (
    ChoiceField,
    button,
    call_on_change,
    card,
    choice_field,
    form_title,
    html,
)
from ..parts.guard import Guard
from ..theme import render_alert, render_badge
from .steps.path_parts import build_footer, build_stepper

_ABSENT: Final = object()
_OUTCOME_KINDS: Final[dict[OutcomeKind, StatusKind]] = {
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
_FIRST_RECORDS, _SPREAD_RECORDS = "The first records", "Records from all over the file"


class PreviewPanel(ipw.VBox):
    """Shows the preview of the import, and starts the import."""

    def __init__(self, session: DashboardSession, guard: Guard) -> None:
        self._session = session
        self.choices, self.limit = html(""), html("", "dmc-help")
        self.warnings = html("")
        self.sample: ChoiceField = choice_field(
            "Show", [(_FIRST_RECORDS, False), (_SPREAD_RECORDS, True)]
        )
        self.frame = html("", "dmc-frame", "dmc-preview")
        self.stepper = build_stepper(
            session.import_path, guard, "Steps of the Import", self._open_step, _ignore
        )
        self.cancel = button("Back")
        self.dry_run = button("Dry Run")
        self.start = button("Start Import", "primary")
        self.cancel.on_click(guard.on_click(self._close))
        self.dry_run.on_click(guard.on_click(self._start_dry_run))
        self.start.on_click(guard.on_click(start_import, session))
        call_on_change(self.sample, "value", guard.on_change(self._show_preview))
        bar = build_footer(self.cancel, self.dry_run, self.start)
        preview = card(
            "Preview",
            self.choices,
            self.warnings,
            self.sample,
            self.limit,
            self.frame,
        )
        super().__init__([form_title("Import"), self.stepper, preview, bar])

    def load(self) -> None:
        """Load the preview, and bring the panel into view.

        Raises:
            InvalidPlan: The form is not complete.
            DmcError: The installation does not answer, or the file is gone.
        """
        self._show_preview()
        self._session.dashboard.page = DashboardPage.PREVIEW

    def focus(self) -> None:
        """Focus the step in view, from where Tab leads into it."""
        self.stepper.focus()

    def _open_step(self, key: str) -> None:
        if key in FORM_STEPS:
            self._session.import_path.open_step(key)
            self._close()

    def _show_preview(self) -> None:
        preview = preview_import(self._session, sample=self.sample.value)
        self.choices.value = _render_choices(self._session)
        self.warnings.value = "".join(
            render_alert(warning, "warning") for warning in preview.warnings
        )
        self.limit.value = escape(format_limits(preview))
        self.frame.value = render_preview(
            preview, self._session.import_form.source_labels
        )

    def _start_dry_run(self) -> None:
        start_import(self._session, dry_run=True)

    def _close(self) -> None:
        self._session.dashboard.page = DashboardPage.IMPORT


def _ignore(_blocker: object) -> None:
    """Lead nowhere: the preview is shown only once nothing is missing."""


def format_limits(preview: Preview) -> str:
    """Format which records are shown, their outcomes, and the limits of the preview."""
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
    if form.lazy_references:
        parts.append("Lazy References")
    target = escape(f"{label} in {session.dashboard.installation}")
    return f"<p><strong>{target}</strong><br>{escape(' · '.join(parts))}</p>"


def render_preview(preview: Preview, labels: Mapping[str, str]) -> str:
    """Render a table with a row for each record and a column for each target field.

    Args:
        preview: The preview of some records.
        labels: Labels of the source fields that have no name in the file.
    """
    place = (
        "Byte" if preview.extent.sampling is SamplingMethod.BY_POSITION else "Record"
    )
    names = list(preview.types)
    heads = "".join(
        _render_head(name, preview.sources.get(name), labels) for name in names
    )
    rows = "".join(_render_record(record, names, preview) for record in preview.records)
    return (
        f'<table style="--dmc-columns: {len(names)}">'
        f'<thead><tr><th scope="col">{place}</th>'
        f'<th scope="col">Expected</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def format_counts(preview: Preview) -> str:
    """Format the number of previewed records by expected outcome."""
    counts = [
        f"{preview.counts[kind]:,} {words}"
        for kind, words in _OUTCOME_TEXTS.items()
        if preview.counts[kind]
    ]
    return f"Of these, {', '.join(counts)}." if counts else ""


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
    general = [
        problem for problem in record.faults if problem.target not in preview.types
    ]
    cells = "".join(
        _render_cell(record, name, preview.sources.get(name)) for name in names
    )
    return (
        f'<tr><th scope="row">{record.number:,}</th>'
        f"<td>{label}{_render_problems(general)}</td>{cells}</tr>"
    )


def _render_cell(record: PreviewedRecord, name: str, source: str | None) -> str:
    problems = [problem for problem in record.faults if problem.target == name]
    source_value: Any = _ABSENT
    if source is not None and record.source is not None:
        source_value = record.source.get(source, _ABSENT)
    state = ' class="dmc-faulty"' if problems else ""
    values = _render_values(
        _format_value(source_value), _format_value(record.target.get(name, _ABSENT))
    )
    return f"<td{state}>{values}{_render_problems(problems)}</td>"


def _render_values(source: str, target: str) -> str:
    before = f'<span class="dmc-read">{escape(source)}</span>'
    if source and target and source != target:
        title = f"{source} becomes {target}"
        content = f'{before} <span aria-label="becomes">→</span> {escape(target)}'
    else:
        title = target or source
        content = escape(target) if target else before
    return f'<div title="{escape(title)}">{content}</div>' if title else ""


def _render_problems(problems: Iterable[FieldProblem]) -> str:
    return "".join(
        f'<div class="dmc-fault">Problem: {escape(problem.problem.message)}</div>'
        for problem in problems
    )


def _format_value(value: Any) -> str:
    return "" if value is _ABSENT else format_json(value)
