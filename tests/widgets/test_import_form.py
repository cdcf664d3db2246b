"""The import form, driven as a person would drive it, without a browser."""

from __future__ import annotations

import gzip
import io
import json
import os
import time
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.model.mapping import FieldMapping
from dmc_widgets.model.merge_choices import MergeChoices
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.reading_options import Escapes, ReadingOptions, ShortRows
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Counts, Task, TaskStatus
from dmc_widgets.states.actions.imports import change_import
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.import_form import ImportForm
from dmc_widgets.widgets.task_panels.repair import RepairPanel

BICYCLE = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Bicycle"
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
CUSTOMER = {
    "externalReferenceCode": "CUSTOMER",
    "label": {"en_US": "Customer"},
    "name": "Customer",
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Text",
            "label": {"en_US": "VAT Number"},
            "name": "vatNumber",
        }
    ],
    "pluralLabel": {"en_US": "Customers"},
    "scope": "company",
    "status": {"code": 0},
}
FOLDER = "com.liferay.object.admin.rest.dto.v1_0.ObjectFolder"

Upload = Callable[[str, Any], None]


@pytest.fixture
def form(page: Dashboard) -> ImportForm:
    page.task_list.new.choose("import")
    opened: ImportForm = page.pages[DashboardPage.IMPORT]
    return opened


def message_text(page: Dashboard) -> str:
    message = page.session.dashboard.message
    return message.text if message else ""


def lines(form: ImportForm) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = form.mapping.grid.rows
    return rows


def cells(form: ImportForm, name: str, *what: str) -> tuple[Any, ...]:
    """What the line of the field *name* shows."""
    line = next(line for line in lines(form) if line["key"] == name)
    return tuple(line[each] for each in what)


def choose(form: ImportForm, name: str, source: str) -> None:
    """Choose in the list of a line, as the page tells it."""
    content = {"kind": "choose", "key": name, "source": source}
    form.mapping.grid.simulate_message(content)


def bicycle(number: int, **others: Any) -> dict[str, Any]:
    return {
        "externalReferenceCode": f"FORM-{number}",
        "frameNumber": f"F-{number}",
        "kind": {"key": "road"},
        "model": f"Model {number}",
        **others,
    }


def test_preview_shows_the_notes_of_the_import(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    """The same words stay with the task as a note."""
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(1, colour="<b>red</b>", **{"<i>": 1})])
    form.review.click()

    warnings = page.pages[DashboardPage.PREVIEW].warnings.value
    warning = "C_Bicycle has no fields of these names, so they are left out: "
    assert f"{warning}&lt;i&gt;, colour." in warnings
    assert 'role="status"' in warnings


def test_start_import_pressed_twice_starts_one_task_and_shows_no_error(
    page: Dashboard, form: ImportForm, upload: Upload, finish: Callable[[], Task]
) -> None:
    before = len(page.session.center.tasks.list())
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(7_001)])
    form.review.click()
    start = page.pages[DashboardPage.PREVIEW].start
    start.click()
    start.click()

    assert message_text(page) == ""
    assert page.session.dashboard.page is DashboardPage.IMPORTING
    assert len(page.session.center.tasks.list()) == before + 1
    assert finish().status is TaskStatus.COMPLETED


def test_file_without_records_is_refused_with_the_text_of_the_run(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.csv", b"frameNumber,kind,model\n")
    form.review.click()

    assert message_text(page).startswith(
        "bicycles.csv holds no record: its only line with a value was taken for the "
        "names of the columns, 'frameNumber', 'kind', 'model'. "
    )


def test_next_names_the_first_missing_choice(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    """Liferay's three texts, in Liferay's order."""
    form.review.click()
    assert message_text(page) == (
        "Please upload a file and select the required columns before continuing."
    )

    form.inputs["entity"].value = BICYCLE
    form.review.click()
    assert message_text(page) == "Please upload a file."

    upload("bicycles.json", [{"title": "Kranich"}])
    assert page.session.dashboard.message is None  # what was asked for is done
    led: list[Any] = []
    form.mapping.grid.send = lambda content, *_: led.append(content)
    form.review.click()
    assert message_text(page) == (
        "You must map at least one field and all required fields before continuing. "
        "Nothing fills: 'frameNumber', 'kind', 'model'."
    )
    assert led == [{"kind": "focus", "key": "frameNumber"}]
    invalid = [row["key"] for row in form.mapping.grid.rows if row["missing"]]
    assert invalid == ["frameNumber", "kind", "model"]


def test_file_fills_name_sources_and_previews(form: ImportForm, upload: Upload) -> None:
    """Equal names are mapped; texts of the file are data, never markup."""
    form.inputs["entity"].value = BICYCLE
    assert form.mapping.grid.sources == []

    upload("march bicycles.json", [bicycle(1, model="<b>Kranich</b>", cost=7)])

    assert form.inputs["name"].value == "march bicycles"
    assert cells(form, "model", "source", "preview") == ("model", '"<b>Kranich</b>"')
    assert cells(form, "price", "source") == ("",)
    choose(form, "price", "cost")
    assert cells(form, "price", "source", "preview") == ("cost", "7")
    assert form.upload.state == "done"


def test_suggestion_is_shown_with_its_reason(form: ImportForm, upload: Upload) -> None:
    """In words, and the doubtful ones ask to be checked; the same name says nothing."""
    form.inputs["entity"].value = BICYCLE
    upload("a.json", [{"frame_numbr": "F-1", "MODEL": "Kranich", "kind": None}])

    suggestions = {
        line["key"]: (line["reason"], line["doubtful"]) for line in lines(form)
    }
    assert suggestions["frameNumber"] == (
        "90 % similar to the name, please check",
        True,
    )
    assert suggestions["model"] == ("same name but for case and punctuation", False)
    assert suggestions["kind"] == ("", False)
    assert form.mapping.grid.summary == (
        "3 of 19 fields are filled. 1 suggestion asks to be checked."
    )

    choose(form, "frameNumber", "")
    assert cells(form, "frameNumber", "reason", "doubtful") == ("", False)


def test_earlier_mapping_is_suggested_again(
    form: ImportForm, upload: Upload, center: Center
) -> None:
    mappings = center._workspace.mappings
    earlier = mappings.recall(BICYCLE)  # of the imports of other tests
    mappings.remember(BICYCLE, [FieldMapping("Bauart", "kind")])
    form.inputs["entity"].value = BICYCLE
    upload("a.json", [{"Bauart": "road"}])

    assert cells(form, "kind", "source", "reason") == ("Bauart", "used before")

    form.mapping.grid.simulate_message({"kind": "forget", "key": "kind"})

    assert cells(form, "kind", "source", "remembered") == ("", False)
    assert mappings.recall(BICYCLE) == earlier


def test_all_columns_are_listed_with_values_and_what_they_fill(
    form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = BICYCLE
    records = [bicycle(n, note=f"Note {n}", more=None) for n in range(1, 6)]
    upload("a.json", records)

    columns = {column["name"]: column for column in form.mapping.grid.columns}
    assert set(columns) == {*records[0]}
    assert columns["model"]["targets"] == ["model"]
    assert columns["note"] == {
        "name": "note",
        "label": "note",
        "samples": ["Note 1", "Note 2", "Note 3"],
        "targets": [],
    }
    assert columns["more"]["samples"] == []

    choose(form, "description", "note")
    unused = [x["name"] for x in form.mapping.grid.columns if not x["targets"]]
    assert unused == ["more"]


def test_strategies_have_liferays_labels(form: ImportForm) -> None:
    """UPDATE is a word of both, with another label in each."""
    assert [label for label, _ in form.inputs["import_strategy"].options] == [
        "Only Add New Records",
        "Only Update Records",
        "Add or Update Records",
    ]
    assert [label for label, _ in form.inputs["update_strategy"].options] == [
        "Update Changed Record Fields",
        "Overwrite Records",
        "Merge Records",
    ]


def test_update_strategy_is_disabled_for_insert(form: ImportForm) -> None:
    assert form.inputs["import_strategy"].value is ImportStrategy.UPSERT
    assert form.inputs["update_strategy"].value is UpdateStrategy.UPDATE
    assert not form.inputs["update_strategy"].disabled

    form.inputs["import_strategy"].value = ImportStrategy.INSERT

    assert form.inputs["update_strategy"].disabled


def test_package_is_tried_and_imported_with_all_its_files(
    page: Dashboard, form: ImportForm, upload: Upload, tmp_path: Path
) -> None:
    """It has a panel of its own, with a row for each file; its names are escaped."""
    path = tmp_path / "package.zip"
    shelf = {"externalReferenceCode": "SHELF", "name": "Shelf", "label": {"en_US": "S"}}
    with zipfile.ZipFile(path, "w") as archive:
        for name, class_name in (
            ("1-folder", FOLDER),
            ("2-<b>role", "com.liferay.headless.admin.user.dto.v1_0.Role"),
        ):
            data = {"configuration": {"className": class_name}, "items": [shelf]}
            archive.writestr(f"{name}.batch-engine-data.json", json.dumps(data))
    panel = form.package

    def results() -> str:
        deadline = time.monotonic() + 60
        while page.session.package.is_at_work and time.monotonic() < deadline:
            page.session.refresh()
            time.sleep(0.1)
        assert isinstance(panel.results.value, str)
        return panel.results.value

    upload("package.zip", path.read_bytes())

    assert (form.upload.error, form.settings.layout.display) == ("", "none")
    assert "This is a package of 2 files." in panel.description.value
    assert "2-&lt;b&gt;role (Role)" in panel.description.value
    panel.dry_run.click()
    assert "2 files: 1 would be imported, 1 left out (1 item)." in results()
    panel.start.click()
    assert "2 files: 1 imported, 1 left out (1 item)." in results()
    assert "2-&lt;b&gt;role" in results()
    last, dry_run = page.session.center.tasks.list()[-1:-3:-1]
    assert last.counts == dry_run.counts == Counts(created=1)

    upload("good.json", [bicycle(1)])
    assert form.settings.layout.display != "none"
    assert panel.layout.display == "none"


def test_entries_of_a_package_are_matched_by_fields_of_the_target(
    page: Dashboard, form: ImportForm
) -> None:
    """What is chosen goes with a target that does not have the entity type."""
    state, match = page.session.package, form.package.match
    page.session.select_installation("Sample source")
    keys = dict(state.match_entity_options())

    match.entity.selected = keys["Customer"]
    match.fields.value = ("email",)

    assert state.choices(dry_run=True).match == (("C_Customer", ("email",)),)
    assert match.summary.value.startswith("Matched: Customer by email. An entry")
    page.session.select_installation("Sample target")
    assert state.choices(dry_run=True).match == ()
    assert match.layout.display == "none"


def test_unreadable_file_is_refused_below_the_control(
    form: ImportForm, upload: Upload
) -> None:
    """A file that was there before is gone: nobody imports it by mistake."""
    upload("good.json", [bicycle(1)])
    upload("bad.json", b"this is no JSON")

    assert form.upload.state == "failed"
    assert form.upload.error.startswith("bad.json: ")
    assert form.inputs["name"].value == "good"
    assert not form.session.import_form.file_name


def test_batch_file_prefills_entity_type_and_strategies(
    form: ImportForm, upload: Upload
) -> None:
    """And the form says so."""
    upload(
        "folders.batch-engine-data.json",
        {
            "configuration": {
                "className": FOLDER,
                "parameters": {
                    "createStrategy": "INSERT",
                    "importStrategy": "ON_ERROR_CONTINUE",
                    "updateStrategy": "UPDATE",
                },
            },
            "items": [{"name": "Shop", "label": {"en_US": "Shop"}, "zebra": 1}],
        },
    )

    assert form.inputs["entity"].value == FOLDER
    assert form.inputs["import_strategy"].value is ImportStrategy.INSERT
    assert form.inputs["stop_on_error"].value is False
    assert "were taken from the file" in form.notice.value
    # What the type does not list keeps its name, so that nothing is lost.
    assert cells(form, "zebra", "source") == ("zebra",)


def test_file_of_one_folder_selects_its_entity_type(
    form: ImportForm, upload: Upload
) -> None:
    """As the button *Export Object Folder* of Liferay writes it."""
    folder = {"name": "Shop", "label": {"en_US": "Shop"}, "objectFolderItems": []}
    upload("Object_Folder_Shop_41_20251128.json", folder)

    assert form.inputs["entity"].value == FOLDER
    assert form.inputs["import_strategy"].value is ImportStrategy.UPSERT
    assert cells(form, "name", "source") == ("name",)


def test_batch_file_of_an_unknown_type_prefills_nothing(
    form: ImportForm, upload: Upload
) -> None:
    upload(
        "ships.batch-engine-data.json",
        {
            "configuration": {
                "className": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
                "taskItemDelegateName": "C_Ship",
            },
            "items": [{"name": "Otter"}],
        },
    )

    assert "There is no entity type named" in form.notice.value
    assert form.inputs["entity"].value == ""
    assert form.upload.state == "done"


def test_import_with_a_renamed_field_and_a_bad_record(
    page: Dashboard,
    form: ImportForm,
    upload: Upload,
    finish: Callable[[], Task],
    center: Center,
) -> None:
    """Preview, run, and a plain word about the record that failed."""
    form.inputs["entity"].value = BICYCLE
    records = [bicycle(1, cost=7.5), bicycle(2, cost="a lot"), bicycle(3)]
    upload("bicycles.json", records)
    choose(form, "price", "cost")
    form.inputs["stop_on_error"].value = False

    form.review.click()
    preview = page.pages[DashboardPage.PREVIEW]
    assert page.session.dashboard.page is DashboardPage.PREVIEW
    assert preview.limit.value == (
        "Shown are all 3 records of bicycles.json. "
        "Of these, 2 would be created, 1 would fail. "
        "Long values are cut here, not in the import."
    )
    columns = preview.grid.columns
    assert [column["name"] for column in columns] == [
        "externalReferenceCode",
        "frameNumber",
        "kind",
        "model",
        "price",
    ]
    assert columns[-1]["source"] == "cost"
    faulty = preview.grid.rows[1]["cells"][-1]
    assert (faulty["before"], faulty["value"]) == ("a lot", "a lot")
    assert [faulty["problem"]] == [
        '"a lot" in the field "price" is not a number '
        "that the field can hold. Write digits and a decimal point, such as 1234.5, "
        "or say in the mapping how the file writes numbers. "
        'The value is invalid for object field "price"'
    ]

    preview.start.click()
    task = finish()

    panel = page.pages[DashboardPage.IMPORTING]
    assert task.status is TaskStatus.PARTIALLY_COMPLETED
    assert task.counts == Counts(created=2, failed=1)
    assert "but 1 of 3 records failed." in panel.progress.status.value
    assert [failure.index for failure in center.tasks.failures(task.id)] == [2]
    assert form.inputs["name"].value == ""


def test_failed_record_is_listed_on_the_details_page(
    page: Dashboard, form: ImportForm, upload: Upload, finish: Callable[[], Task]
) -> None:
    """With the field, the rejected value and the place in the file."""
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(4, price="a lot")])
    form.review.click()
    page.pages[DashboardPage.PREVIEW].start.click()
    assert finish().status is TaskStatus.FAILED

    page.pages[DashboardPage.IMPORTING].details.click()

    failures: Any = page.task_panels.panels[RepairPanel]
    row = failures.table.page["rows"][0]
    wrong = row["cell:price"]
    assert (row["record"], wrong["text"], wrong["state"]) == ("1", "a lot", "wrong")
    assert failures.layout.display is None


def test_dry_run_writes_nothing_and_leads_back_to_the_preview(
    page: Dashboard,
    form: ImportForm,
    upload: Upload,
    finish: Callable[[], Task],
) -> None:
    """The file stays uploaded, and the import starts from there."""
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(77)])
    form.review.click()
    preview = page.pages[DashboardPage.PREVIEW]
    preview.dry_run.click()
    assert finish().counts == Counts(created=1)

    page.pages[DashboardPage.IMPORTING].leave.click()

    assert page.session.dashboard.page is DashboardPage.PREVIEW
    preview.start.click()
    assert finish().counts == Counts(created=1)


def test_leaving_the_preview_keeps_the_form(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(1)])
    form.review.click()
    page.pages[DashboardPage.PREVIEW].cancel.click()

    assert page.session.dashboard.page is DashboardPage.IMPORT
    assert form.upload.state == "done"
    assert cells(form, "model", "source") == ("model",)


def test_template_restores_strategies_and_mapping(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    """Saving asks for a complete form first; the file's own name is not kept."""
    form.inputs["entity"].value = BICYCLE
    form.save.opener.click()
    assert message_text(page) == "Please upload a file."

    upload("bicycles.json", [bicycle(1, cost=7)])
    choose(form, "price", "cost")
    form.inputs["import_strategy"].value = ImportStrategy.UPDATE
    form.inputs["update_strategy"].value = UpdateStrategy.PARTIAL_UPDATE
    form.inputs["stop_on_error"].value = False
    form.save.opener.click()
    form.save.name.value = "Bicycle prices"
    form.save.save.click()
    assert form.template.value == "Bicycle prices"

    page.task_list.new.choose("import")
    form.template.value = "Bicycle prices"
    upload("april.json", [bicycle(2, cost=8)])

    assert form.inputs["name"].value == "april"
    assert form.inputs["import_strategy"].value is ImportStrategy.UPDATE
    assert form.inputs["update_strategy"].value is UpdateStrategy.PARTIAL_UPDATE
    assert form.inputs["stop_on_error"].value is False
    assert cells(form, "price", "source") == ("cost",)
    assert form.template.value == "Bicycle prices"


def test_records_are_matched_by_the_selected_fields(
    page: Dashboard, form: ImportForm, upload: Upload, center: Center
) -> None:
    """The list offers what the entity type can be matched by; templates keep it."""
    with center.installations.connect(page.session.dashboard.installation) as opened:
        stored = next(opened.read(BICYCLE, fields=["frameNumber", "kind"]))
    form.inputs["entity"].value = BICYCLE
    match = form.inputs["match"]
    assert "frameNumber" in [name for _, name in match.options]
    upload("bicycles.json", [{**bicycle(1), **stored}])

    match.value = ("frameNumber",)
    form.review.click()

    preview = page.pages[DashboardPage.PREVIEW]
    assert "Of these, 1 would be updated." in preview.limit.value
    form.save.opener.click()
    form.save.name.value = "By frame number"
    form.save.save.click()
    page.task_list.new.choose("import")
    assert match.value == ()
    form.template.value = "By frame number"
    assert match.value == ("frameNumber",)
    assert page.session.import_form.plan().mapping.match == ("frameNumber",)
    match.value = ()
    assert form.template.value == ""


def test_reading_options_of_a_csv_file_are_shown_and_can_be_changed(
    form: ImportForm, upload: Upload
) -> None:
    """A wrong detection is put right by a choice, and the choice is in the plan."""
    form.inputs["entity"].value = BICYCLE
    assert form.reading.layout.display == "none"

    upload("a.csv", "frameNumber;model\nF-1;Müller, A|B\n".encode())

    assert form.reading.layout.display is None
    assert [
        form.reading.delimiter.options[0][0],
        form.reading.enclosing.options[0][0],
        form.reading.encoding.placeholder,
    ] == ["Detected: Semicolon", "Detected: Double quote", "Detected: UTF-8"]
    assert cells(form, "model", "source") == ("model",)

    form.reading.encoding.value = "Windows-1252"
    assert cells(form, "model", "preview") == ('"MÃ¼ller, A|B"',)

    form.reading.headers.value = False
    assert form.session.import_form.source_fields == ("0", "1")
    assert form.mapping.grid.labels == {"0": "Column 1", "1": "Column 2"}
    plan = form.session.import_form.plan()
    assert (plan.reading.encoding, plan.reading.headers) == ("Windows-1252", False)


def test_columns_without_names_are_numbered_from_1_for_people(
    form: ImportForm, upload: Upload, page: Dashboard
) -> None:
    """In every list and in the preview; mappings go on naming them from 0."""
    form.inputs["entity"].value = BICYCLE
    upload("a.csv", b"N-1;Kranich;road\n")
    form.reading.headers.value = False
    for target, source in (("frameNumber", "0"), ("model", "1"), ("kind", "2")):
        choose(form, target, source)

    content = {"kind": "edit", "key": "model"}
    form.mapping.grid.simulate_message(content)
    offered = form.mapping.editor.inputs.inputs["source"].options
    form.review.click()

    assert ("Column 2", "1") in offered
    columns = page.pages[DashboardPage.PREVIEW].grid.columns
    assert "Column 3" in [column["source"] for column in columns]
    assert form.session.import_form.pairs["model"].source == "1"


def test_json_file_has_no_reading_options(form: ImportForm, upload: Upload) -> None:
    upload("a.csv", b"a;b\n1;2\n")
    upload("a.json", [{"a": 1}])

    assert form.reading.layout.display == "none"


def test_wrong_encoding_can_be_corrected(form: ImportForm, upload: Upload) -> None:
    """UTF-16 without a mark looks like UTF-8 where no letter is a Latin one."""
    form.inputs["entity"].value = BICYCLE
    text = "номер;модель\nБР-1;Журавль\nБР-2;Аист\n"
    upload("rad.csv", text.encode("utf-16-le"))
    assert form.mapping.grid.sources == []
    assert "Choose how it is to be read." in form.reading.problem.value
    assert form.reading.layout.display is None

    form.reading.encoding.value = "Windows-1252"
    assert form.mapping.grid.sources == []
    form.reading.encoding.value = "UTF-16"

    assert form.mapping.grid.sources == ["номер", "модель"]
    choose(form, "model", "модель")
    assert cells(form, "model", "preview") == ('"Журавль"',)
    assert form.session.import_form.plan().reading.encoding == "UTF-16"


def test_row_options_can_be_selected(form: ImportForm, upload: Upload) -> None:
    form.inputs["entity"].value = BICYCLE
    upload("a.csv", b"A title\nframeNumber,model,kind\nF-1,'=Pony\n")

    form.reading.skip_lines.value = 1
    assert form.session.import_form.records == ()
    form.reading.short_rows.value = ShortRows.EMPTY
    assert form.session.import_form.source_fields == ("frameNumber", "model", "kind")
    assert cells(form, "model", "preview") == ('"\'=Pony"',)
    assert "undo its escapes" in form.reading.warnings.value
    form.reading.escapes.value = Escapes.UNDO

    assert cells(form, "model", "preview") == ('"=Pony"',)
    assert form.reading.warnings.value == ""
    assert form.session.import_form.plan().reading == ReadingOptions(
        skip_lines=1, short_rows=ShortRows.EMPTY, escapes=Escapes.UNDO
    )


def test_any_encoding_can_be_typed(form: ImportForm, upload: Upload) -> None:
    """The usual ones are offered; a name that none has is refused and taken back."""
    form.inputs["entity"].value = BICYCLE
    upload("a.csv", "frameNumber,model\nF-1,Größe\n".encode("cp037"))
    assert "Windows-1250" in form.reading.encoding.options

    form.reading.encoding.value = "EBCDIC-CP-US"

    choose(form, "model", "model")
    assert cells(form, "model", "preview") == ('"Größe"',)
    assert form.session.import_form.plan().reading.encoding == "cp037"
    assert form.reading.encoding.value == "cp037"

    form.reading.encoding.value = "rot13"

    message = form.session.dashboard.message
    assert message is not None
    assert "The encoding 'rot13' is not known." in message.text
    assert form.reading.encoding.value == "cp037"


def test_doubtful_encoding_shows_a_warning(form: ImportForm, upload: Upload) -> None:
    form.inputs["entity"].value = BICYCLE
    upload("a.csv", "frameNumber,model\nF-1,Győr\n".encode("cp1250"))
    assert "could be Windows-1250" in form.reading.warnings.value

    form.reading.encoding.value = "cp1250"

    assert form.reading.warnings.value == ""
    choose(form, "model", "model")
    assert cells(form, "model", "preview") == ('"Győr"',)


def test_reading_of_a_packed_table_can_be_corrected(
    form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = BICYCLE
    text = "номер;модель\nБР-1;Журавль\n"
    upload("rad.txt.gz", gzip.compress(text.encode("utf-16-le")))
    assert "Choose how it is to be read." in form.reading.problem.value

    form.reading.encoding.value = "UTF-16"

    assert form.mapping.grid.sources == ["номер", "модель"]


def test_wrong_delimiter_can_be_corrected(form: ImportForm, upload: Upload) -> None:
    """What the person said of the mapping is kept where it still fits."""
    form.inputs["entity"].value = BICYCLE
    text = "frameNumber;model, year\nF-1;Kranich, 2020\nF-2;Pony, 2021\n"
    upload("rad.csv", text.encode())
    assert form.reading.delimiter.options[0][0] == "Detected: Comma"
    assert form.mapping.grid.sources == ["frameNumber;model", "year"]
    form.session.import_form.fill(
        "description", FieldMapping("", "description", constant="x")
    )

    form.reading.delimiter.value = ";"

    assert form.mapping.grid.sources == ["frameNumber", "model, year"]
    assert cells(form, "frameNumber", "preview") == ('"F-1"',)
    assert cells(form, "description", "label") == ("constant 'x'",)


def test_any_delimiter_can_be_typed(form: ImportForm, upload: Upload) -> None:
    upload("rad.csv", b"frameNumber~model\nF-1~Kranich\n")
    assert form.reading.other.layout.display == "none"

    form.reading.delimiter.label = "Another…"
    assert form.reading.other.layout.display is None
    assert form.mapping.grid.sources == ["frameNumber~model"]
    form.reading.other.value = "~"

    assert form.mapping.grid.sources == ["frameNumber", "model"]
    assert form.reading.delimiter.label == "Another…"
    form.reading.delimiter.value = ","
    assert form.mapping.grid.sources == ["frameNumber~model"]
    assert form.reading.other.layout.display == "none"


def workbook(**sheets: list[list[str]]) -> bytes:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return stream.getvalue()


HEAD = ["frameNumber", "model"]


def test_option_that_makes_the_file_unreadable_is_reverted(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    """The reason stands below the choices, and the mapping stays."""
    form.inputs["entity"].value = BICYCLE
    upload("a.xlsx", workbook(March=[HEAD, ["F-1", "Kranich"]], Empty=[]))

    form.reading.sheet.value = "Empty"

    assert form.mapping.grid.sources == HEAD
    assert form.reading.sheet.value == ""
    assert "The sheet &#x27;Empty&#x27; is empty. The file is read as before." in (
        form.reading.problem.value
    )
    assert page.session.dashboard.message is None

    form.reading.headers.value = False
    assert form.reading.problem.value == ""


def test_workbook_with_an_empty_first_sheet_lists_the_others(
    form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = BICYCLE
    upload("a.xlsx", workbook(Cover=[], March=[HEAD, ["F-1", "Kranich"]]))
    assert form.mapping.grid.sources == []

    form.reading.sheet.value = "March"

    assert cells(form, "frameNumber", "preview") == ('"F-1"',)
    assert form.reading.problem.value == ""


def test_file_without_a_record_shows_a_notice(form: ImportForm, upload: Upload) -> None:
    upload("a.csv", b"frameNumber;model\n")

    assert "a.csv holds no record: its only line with a value was" in form.notice.value
    assert "&#x27;frameNumber&#x27;, &#x27;model&#x27;" in form.notice.value


def test_sheet_of_a_workbook_can_be_selected(form: ImportForm, upload: Upload) -> None:
    """The first one is taken, and the others are offered."""
    form.inputs["entity"].value = BICYCLE
    march, april = [HEAD, ["F-1", "Kranich"]], [HEAD, ["F-2", "Pony"]]
    upload("bicycles.xlsx", workbook(March=march, April=april))
    assert [label for label, _ in form.reading.sheet.options] == [
        "Detected: March",
        "March",
        "April",
    ]
    assert cells(form, "frameNumber", "preview") == ('"F-1"',)
    assert form.reading.delimiter.layout.display == "none"

    form.reading.sheet.value = "April"

    assert cells(form, "frameNumber", "preview") == ('"F-2"',)
    assert form.session.import_form.plan().reading.sheet == "April"


def test_active_sheet_is_read_and_hidden_ones_are_marked(
    form: ImportForm, upload: Upload
) -> None:
    stream = io.BytesIO()
    with import_module("xlsxwriter").Workbook(stream) as book:
        for name in ("Lists", "March", "April"):
            book.add_worksheet(name).write_row(0, 0, HEAD)
        book.get_worksheet_by_name("Lists").hide()
        book.get_worksheet_by_name("April").activate()

    upload("bicycles.xlsx", stream.getvalue())

    assert [label for label, _ in form.reading.sheet.options] == [
        "Detected: April",
        "Lists (hidden)",
        "March",
        "April",
    ]


def test_document_choices_show_for_documents_alone(
    form: ImportForm, upload: Upload
) -> None:
    shown = [form.inputs["allow_deletions"], form.deletions_help, form.compare]
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(1)])
    assert [widget.layout.display for widget in shown] == ["none"] * 3

    form.inputs["entity"].value = DEFINITION
    upload("definitions.json", [CUSTOMER])

    assert [widget.layout.display for widget in shown] == [None] * 3


def test_differences_of_a_file_are_accepted_or_left(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    """Overwriting is refused with numbers; a merge of what is selected goes on."""
    form.inputs["entity"].value = DEFINITION
    upload("definitions.json", [CUSTOMER])
    form.compare.click()
    rows = form.comparison.table.page["rows"]
    added = "ObjectDefinition:Customer.objectFields.vatNumber"
    assert (added, ("added", "success")) in [(x["key"], x["change"]) for x in rows]
    removed = [x["key"] for x in rows if x["change"] == ("removed", "danger")]
    assert "ObjectDefinition:Customer.objectFields.email" in removed

    form.review.click()
    assert page.session.dashboard.page is DashboardPage.PREVIEW
    warnings = page.pages[DashboardPage.PREVIEW].warnings.value
    assert "Overwriting deletes what only the target has" in warnings
    start = page.pages[DashboardPage.PREVIEW].start
    start.click()
    assert "(--allow-deletions)" in message_text(page)

    page.pages[DashboardPage.PREVIEW].cancel.click()
    form.inputs["update_strategy"].value = UpdateStrategy.MERGE
    form.comparison.choices.selected = (added,)
    plan = page.session.import_form.plan()
    assert plan.policy.merges
    assert removed[0] not in plan.policy.merge.only
    assert plan.policy.merge.leave


def test_template_keeps_differences(
    page: Dashboard, form: ImportForm, upload: Upload
) -> None:
    form.inputs["entity"].value = DEFINITION
    upload("definitions.json", [CUSTOMER])
    choices = MergeChoices(only="Customer.objectFields.vatNumber")
    policy = Policy(update_strategy="MERGE", merge=choices)
    plan = ImportPlan(entity_type=DEFINITION, policy=policy, allow_deletions=True)

    page.session.import_form.load_plan(plan)
    form.compare.click()

    assert form.comparison.choices.selected == (
        "ObjectDefinition:Customer.objectFields.vatNumber",
    )
    assert form.inputs["allow_deletions"].value is True
    assert page.session.import_form.plan().policy == policy


def test_result_leads_back_to_the_mapping_with_all_choices(
    page: Dashboard, form: ImportForm, upload: Upload, center: Center
) -> None:
    """What is started from there is a new task; the file of the first stays with it."""
    form.inputs["entity"].value = BICYCLE
    upload("a.json", [bicycle(1, note="Red")])
    choose(form, "description", "note")
    form.inputs["stop_on_error"].value = False
    form.review.click()
    page.pages[DashboardPage.PREVIEW].start.click()
    task = page.session.task.task
    assert task is not None
    center.tasks.wait(task.id, timeout_s=60)
    page.session.refresh()
    steps = {step.key: step for step in page.session.import_path.steps}
    assert page.session.import_path.current == "result"
    assert (steps["file"].note, steps["target"].note, steps["mapping"].note) == (
        "a.json",
        "Bicycle → Sample source",
        "5 fields filled",
    )
    assert steps["mapping"].is_reachable

    change_import(page.session)

    assert page.session.dashboard.page is DashboardPage.IMPORT
    assert page.session.import_path.current == "mapping"
    assert cells(form, "description", "source") == ("note",)
    assert form.inputs["stop_on_error"].value is False
    form.review.click()
    page.pages[DashboardPage.PREVIEW].start.click()
    again = page.session.task.task
    assert again is not None
    center.tasks.wait(again.id, timeout_s=60)
    assert again.id != task.id
    assert center.tasks.file(task.id).exists()


def test_an_upload_that_a_page_has_left_is_announced(page: Dashboard) -> None:
    """With what is here, until it is discarded, or the file is chosen again."""
    center, a_minute_ago = page.session.center, time.time() - 60
    for name in ("<b>big</b>.csv", "other.csv"):
        left = center.files.new_upload(name, 3_000_000)
        left.take_up(7)
        left.append(0, b"x" * 1_200_000)
        os.utime(left.part, (a_minute_ago, a_minute_ago))
    center.files.new_upload("on its way.csv", 5).take_up(7)
    page.task_list.new.choose("import")
    shown = page.pages[DashboardPage.IMPORT].unfinished
    page.tick()

    assert shown.layout.display is None
    rows = {row.children[0].value: row.children[1] for row in shown.children}
    text = next(x for x in rows if "big" in x)
    assert (
        "&lt;b&gt;big&lt;/b&gt;.csv: 1.2 MB of 3.0 MB are here. Choose the same file "
        "again to go on."
    ) in text
    assert len(rows) == 2
    rows[text].click()
    assert [x.name for x in center.files.unfinished_uploads()] == ["other.csv"]

    again = center.files.new_upload("other.csv", 3_000_000)
    again.take_up(7)
    assert again.received == 1_200_000
    again.append(1_200_000, b"x" * 1_800_000)
    again.finish()
    page.tick()
    assert shown.layout.display == "none"
    folder = center.workspace_path / "uploads"
    assert len([*folder.glob("*.json")]) == 1, "what ended is remembered"
