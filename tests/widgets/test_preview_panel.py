"""The preview of the import form: values side by side, and problems in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dmc_widgets.languages import using_language
from dmc_widgets.model.outcome import OutcomeKind, Problem
from dmc_widgets.model.preview import (
    FieldProblem,
    Preview,
    PreviewedRecord,
    SampleExtent,
    SamplingMethod,
)
from dmc_widgets.model.value_conversion import NumberFormat
from dmc_widgets.states.dashboard_state import DashboardPage
from dmc_widgets.states.mapping.preview_rows import preview_columns, preview_rows
from dmc_widgets.widgets.dashboard import Dashboard
from dmc_widgets.widgets.forms.preview_panel import format_limits
from tests.widgets.test_import_form import BICYCLE, bicycle

COMMA = NumberFormat(",", ".")

Upload = Callable[[str, Any], None]


def extent(
    sampling: SamplingMethod = SamplingMethod.FIRST, **more: Any
) -> SampleExtent:
    values: dict[str, Any] = {
        "shown": 100,
        "records_read": 100,
        "bytes_read": 1,
        "records_about": 2_000_000,
        "complete": False,
    }
    return SampleExtent(sampling=sampling, **{**values, **more})


def preview(
    *records: PreviewedRecord, sampling: SamplingMethod = SamplingMethod.FIRST
) -> Preview:
    return Preview(
        name="a.json",
        extent=extent(sampling),
        records=records,
        fields=("cost",),
        types={"price": "Decimal"},
        sources={"price": "cost"},
    )


def test_cell_shows_source_and_target_value() -> None:
    """Where they say the same, once; where there is no target, what was read."""
    shown = preview(
        PreviewedRecord(
            number=1,
            source={"cost": "1,5"},
            target={"price": 1.5},
            expected=OutcomeKind.CREATED,
        ),
        PreviewedRecord(
            number=2,
            source={"cost": 1.5},
            target={"price": 1.5},
            expected=OutcomeKind.UNCHANGED,
        ),
        PreviewedRecord(
            number=3,
            source={"cost": "x"},
            target={},
            faults=(FieldProblem("price", Problem("invalid-value", "No number.")),),
            expected=OutcomeKind.FAILED,
        ),
        PreviewedRecord(
            number=4,
            source=None,
            target={},
            faults=(FieldProblem("", Problem("unreadable-record", "No object.")),),
            expected=OutcomeKind.FAILED,
        ),
    )

    assert preview_columns(shown, {}, {}) == [
        {
            "name": "price",
            "title": "",
            "source": "cost",
            "editor": "text",
            "choices": [],
        }
    ]
    rows = preview_rows(shown, ["price"])
    assert [(x["place"], x["word"], x["problems"], x["cells"]) for x in rows] == [
        ("1", "Created", [], [{"text": "1.5", "before": "1,5"}]),
        ("2", "Unchanged", [], ["1.5"]),
        (
            "3",
            "Failed",
            [],
            [{"text": "", "before": "x", "problem": "No number.", "value": "x"}],
        ),
        ("4", "Failed", ["No object."], [""]),
    ]


def test_outcomes_are_expected_in_the_language_in_use() -> None:
    shown = preview(
        PreviewedRecord(number=1, source={}, target={}, expected=OutcomeKind.UNCHANGED)
    )

    with using_language("de"):
        assert preview_rows(shown, [])[0]["word"] == "Unverändert"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("7,5", "7,5"), (7, "7"), (True, "true"), ({"key": "x"}, "x"), (None, None)],
)
def test_value_with_a_problem_is_mended_whatever_its_type(
    value: Any, expected: str | None
) -> None:
    """By the text under which a table of values finds it; null has none."""
    fault = FieldProblem("price", Problem("invalid-value", "No number."))
    shown = preview(
        PreviewedRecord(
            number=1,
            source={"cost": value},
            target={},
            faults=(fault,),
            expected=OutcomeKind.FAILED,
        )
    )

    assert "value" not in preview_rows(shown, [])[0]["cells"][0]
    assert preview_rows(shown, ["price"])[0]["cells"][0].get("value") == expected


@pytest.mark.parametrize(
    ("sampled", "sentence"),
    [
        (extent(), "Shown are the first 100 of about 2,000,000 records of a."),
        (
            extent(complete=True, records_about=150, records_read=150),
            "Shown are the first 100 of 150 records of a.",
        ),
        (extent(records_about=None), "Shown are the first 100 records of a."),
        (
            extent(SamplingMethod.BY_POSITION),
            "Shown are 100 of about 2,000,000 records from all over a.",
        ),
        (
            extent(SamplingMethod.BY_NUMBER, records_read=50_000),
            "Shown are 100 of about 2,000,000 records of a, "
            "from among the first 50,000.",
        ),
        (
            extent(
                SamplingMethod.BY_NUMBER,
                records_read=5000,
                complete=True,
                records_about=5000,
            ),
            "Shown are 100 of 5,000 records from all over a.",
        ),
        (
            extent(complete=True, records_about=1, shown=1),
            "Shown is the only record of a.",
        ),
        (
            extent(complete=True, records_about=0, shown=0),
            "There are no records in a.",
        ),
    ],
)
def test_limits_describe_the_previewed_records(
    sampled: SampleExtent, sentence: str
) -> None:
    assert sampled.sentence("a") == sentence


def test_records_from_all_over_the_file_can_be_previewed(
    page: Dashboard, upload: Upload
) -> None:
    """The head shows the first hundred; a sample reaches further."""
    page.task_list.new.choose("import")
    form = page.pages[DashboardPage.IMPORT]
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(n, price=f"{n}.5") for n in range(1, 301)])
    form.review.click()
    panel = page.pages[DashboardPage.PREVIEW]
    assert "Shown are the first 100 of about 3" in panel.limit.value
    assert "Of these, 100 would be created." in panel.limit.value

    panel.sample.value = True

    assert "Shown are 100 of 300 records from all over" in panel.limit.value
    assert max(int(row["place"]) for row in panel.grid.rows) > 200

    panel.cancel.click()
    form.review.click()
    assert "Shown are 100 of 300 records" in panel.limit.value


def test_skipped_lines_are_counted_beside_the_preview() -> None:
    note = "2 lines without any value were skipped."

    assert note in format_limits(replace(preview(), notes=(note,)))


@pytest.mark.parametrize("form_of_numbers", [None, COMMA], ids=["plain", "comma"])
def test_value_is_mended_wherever_the_file_has_it(
    page: Dashboard, upload: Upload, form_of_numbers: NumberFormat | None
) -> None:
    """In the mapping, where people see it, beside a format, and the preview follows."""
    page.task_list.new.choose("import")
    form = page.pages[DashboardPage.IMPORT]
    form.inputs["entity"].value = BICYCLE
    upload("bicycles.json", [bicycle(n, price=x) for n, x in enumerate(["much"] * 2)])
    state = page.session.import_form
    state.fill("price", replace(state.pairs["price"], format=form_of_numbers))
    form.review.click()
    panel = page.pages[DashboardPage.PREVIEW]
    assert [row["word"] for row in panel.grid.rows] == ["Failed", "Failed"]

    mend = {"kind": "mend", "row": 0, "column": "price", "value": "9.5"}
    panel.grid.simulate_message(mend)

    assert [row["word"] for row in panel.grid.rows] == ["Created", "Created"]
    pair = state.pairs["price"]
    assert (pair.values, pair.format) == ((("much", 9.5),), form_of_numbers)
