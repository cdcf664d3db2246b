"""The editor of one field and mapping files, driven without a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.model.field_mapping import FieldMapping, OtherValues
from dmc_widgets.model.task import Counts, Task
from dmc_widgets.model.value_conversion import DateFormat
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.mapping.field_choices import (
    Conversion,
    DefaultKind,
    ValueOrigin,
)
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.field_editor import FieldEditor
from dmc_widgets.widgets.forms.import_form import ImportForm

BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"
CSV = (
    "frameNumber;Art;model;Gekauft\n"
    "ED-1;Rennrad;<b>K</b>;03.04.2024\n"
    "ED-2;city;K;04.04.2024\n"
    "ED-3;Rennrad;K;\n"
)


@pytest.fixture
def form(page: Dashboard, upload: Callable[[str, Any], None]) -> ImportForm:
    page.task_list.new.choose("import")
    opened: ImportForm = page.pages[DashboardPage.IMPORT]
    opened.inputs["entity"].value = BICYCLE
    upload("räder.csv", CSV.encode())
    state = opened.session.import_form
    for name, suggestion in state.suggestions.items():
        if suggestion.doubtful:  # labels in German
            state.connect(name, "")
    return opened


def edit(form: ImportForm, name: str) -> FieldEditor:
    """Press the button of a line, as the page tells it."""
    form.mapping.grid.simulate_message({"kind": "edit", "key": name})
    return form.mapping.editor


def line(form: ImportForm, name: str) -> dict[str, Any]:
    row: dict[str, Any] = next(
        row for row in form.mapping.grid.rows if row["key"] == name
    )
    return row


def in_view(editor: FieldEditor) -> list[str]:
    return [
        name
        for name, part in editor.inputs.parts.items()
        if part.layout.display is None
    ]


def test_cancelling_the_editor_changes_nothing(
    form: ImportForm,
) -> None:
    editor = edit(form, "model")
    assert editor.dialog.is_open
    assert editor.dialog.label == "How model is filled"
    assert (
        "<h2><bdi>model</bdi></h2><small>Model · Text · required" in editor.title.value
    )

    editor.inputs.inputs["origin"].value = ValueOrigin.NOTHING
    editor.dialog.simulate_message({"kind": "escape"})

    assert not editor.dialog.is_open
    assert line(form, "model")["source"] == "model"


def test_only_applicable_inputs_are_visible(form: ImportForm) -> None:
    editor = edit(form, "bought")
    assert in_view(editor) == ["origin"]

    inputs = editor.inputs.inputs
    inputs["origin"].value = ValueOrigin.CONSTANT
    assert in_view(editor) == ["origin", "constant"]

    inputs["origin"].value = ValueOrigin.SOURCE
    inputs["source"].value = "Gekauft"
    assert in_view(editor) == ["origin", "conversion", "missing", "empty"]

    inputs["conversion"].value = Conversion.DATE
    assert in_view(editor) == [
        "origin",
        "conversion",
        "date",
        "help",
        "missing",
        "empty",
    ]


def test_date_is_read_by_a_pattern_that_fits_the_file(form: ImportForm) -> None:
    editor = edit(form, "bought")
    inputs = editor.inputs.inputs
    inputs["origin"].value = ValueOrigin.SOURCE
    inputs["source"].value = "Gekauft"
    inputs["conversion"].value = Conversion.DATE

    assert inputs["known"].options[1] == ("dd.mm.yyyy (fits 2 of 2)", "%d.%m.%Y")
    assert inputs["pattern"].value == "%d.%m.%Y"
    assert "<code>&quot;2024-04-03&quot;</code>" in editor.preview.value

    inputs["pattern"].value = "%d.%m"
    assert editor.apply.disabled
    assert "It has to hold year, month and day" in editor.preview.value

    inputs["known"].value = "%d/%m/%Y"
    inputs["known"].value = "%d.%m.%Y"
    editor.apply.click()

    assert form.session.import_form.pairs["bought"] == FieldMapping(
        "Gekauft", "bought", format=DateFormat("%d.%m.%Y")
    )
    row = line(form, "bought")
    assert (row["summary"], row["preview"]) == ("date dd.mm.yyyy", '"2024-04-03"')


def test_invalid_expression_shows_its_error_once_at_the_input(
    form: ImportForm,
) -> None:
    editor = edit(form, "description")
    inputs = editor.inputs.inputs
    inputs["origin"].value = ValueOrigin.EXPRESSION
    inputs["expression"].value = "Art +"

    assert "column 6: something is missing here" in editor.inputs.problem.value
    assert "column 6" not in editor.preview.value
    assert "no preview while the expression" in editor.preview.value
    assert "dmc-invalid" in inputs["expression"]._dom_classes
    assert editor.apply.disabled

    inputs["expression"].value = 'Art + " " + model'
    assert editor.inputs.problem.value == ""
    assert "Rennrad &lt;b&gt;K&lt;/b&gt;" in editor.preview.value
    editor.apply.click()
    assert line(form, "description")["label"] == "expression"


def test_default_is_typed_beside_its_kind(form: ImportForm) -> None:
    editor = edit(form, "model")
    missing = editor.inputs.missing
    assert missing.value.disabled

    missing.kind.value = DefaultKind.VALUE
    assert not missing.value.disabled
    missing.value.value = "unknown"
    editor.apply.click()

    assert line(form, "model")["summary"] == "'unknown' if missing"


def test_restoring_the_default_maps_by_name(form: ImportForm) -> None:
    editor = edit(form, "model")
    editor.inputs.inputs["origin"].value = ValueOrigin.CONSTANT
    editor.inputs.constant.value.value = "x"
    editor.apply.click()
    assert line(form, "model")["label"] == "constant 'x'"

    edit(form, "model").default.click()
    editor.apply.click()

    assert line(form, "model")["source"] == "model"
    assert line(form, "model")["summary"] == ""


def test_import_with_a_value_table_succeeds(
    page: Dashboard, form: ImportForm, finish: Callable[[], Task]
) -> None:
    """What was said in the editor is what the task does."""
    editor = edit(form, "kind")
    inputs = editor.inputs.inputs
    inputs["origin"].value = ValueOrigin.SOURCE
    inputs["source"].value = "Art"
    inputs["conversion"].value = Conversion.TABLE
    inputs["other_values"].value = OtherValues.REFUSE
    table = editor.inputs.table
    assert [(row["source"], row["count"]) for row in table.rows] == [
        ("Rennrad", 2),
        ("city", 1),
    ]
    table.simulate_message({"kind": "map", "source": "Rennrad", "target": "road"})
    table.simulate_message({"kind": "map", "source": "city", "target": "city"})
    table.simulate_message({"kind": "add", "source": "Lastenrad"})
    assert table.rows[2]["source"] == "Lastenrad"
    assert editor.inputs.unmapped.value == "All 2 sampled values are mapped."
    editor.apply.click()
    assert line(form, "kind")["summary"] == "2 values mapped, others refused"

    form.review.click()
    page.pages[DashboardPage.PREVIEW].start.click()

    assert finish().counts == Counts(created=3)


def test_mapping_file_round_trips(page: Dashboard, form: ImportForm) -> None:
    """What does not suit this file is said, and the rest counts."""
    editor = edit(form, "description")
    editor.inputs.inputs["origin"].value = ValueOrigin.CONSTANT
    editor.inputs.constant.value.value = "import"
    editor.apply.click()
    name, chunks = form.mapping.files.save.open_file()
    text = b"".join(chunks).decode()

    assert name == "räder mapping.yaml"
    assert "  description:\n    constant: import\n" in text
    edit(form, "description").default.click()
    editor.apply.click()
    assert not line(form, "description")["filled"]

    form.mapping.files.opener.click()
    assert form.mapping.files.layout.display is None
    mapping = (
        "fields:\n  description: {constant: import}\n  price: Preis\n  model: model\n"
    )
    load(form, "mapping.yaml", mapping)

    assert line(form, "description")["label"] == "constant 'import'"
    assert form.mapping.files.layout.display == "none"
    assert "This file has no field &#x27;Preis&#x27;" in form.mapping.warning.value
    message = page.session.dashboard.message
    assert message is not None
    assert message.text == "The mapping of 3 fields was loaded from mapping.yaml."


def test_invalid_mapping_file_is_refused_at_the_control(form: ImportForm) -> None:
    """The mapping that was there stays."""
    form.mapping.files.opener.click()

    load(form, "bad.yaml", "fields:\n  model: {sorce: a}\n")

    assert form.mapping.files.upload.error.startswith(
        "bad.yaml: The field 'model' has a key 'sorce', which nothing reads."
    )
    assert form.mapping.files.layout.display is None
    assert line(form, "model")["source"] == "model"


def load(form: ImportForm, name: str, text: str) -> None:
    form.mapping.files.upload.simulate_upload(name, text.encode())
