"""The import as a path: what each step says, and what stands in the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.entity_type import EntityType, Field
from dmc_widgets.states.dashboard_state import DashboardPage, DashboardState
from dmc_widgets.states.import_state import ImportState
from dmc_widgets.states.packages.package_state import PackageState
from dmc_widgets.states.paths.import_path import ImportPath
from dmc_widgets.states.task_state import TaskState

CUSTOMER = EntityType(
    name="C_Customer",
    label="Customer",
    class_name="Entry",
    delegate="C_Customer",
    fields=(
        Field(name="email", label="Email Address", required=True),
        Field(name="name", required=True),
        Field(name="phone"),
    ),
)


@pytest.fixture
def form() -> ImportState:
    return ImportState(entity_types=(CUSTOMER,))


@pytest.fixture
def path(form: ImportState) -> ImportPath:
    dashboard = DashboardState(page=DashboardPage.IMPORT, installation="Production")
    return ImportPath(form, PackageState(), dashboard, TaskState())


def says(path: ImportPath) -> list[tuple[str, str, str]]:
    return [(step.label, step.status.value, step.note) for step in path.steps]


def test_an_empty_path_asks_for_a_file_and_an_entity_type(path: ImportPath) -> None:
    assert [blocker.text for blocker in path.blockers] == [
        "No file has been chosen.",
        "No entity type has been selected.",
    ]
    assert says(path)[:4] == [
        ("File", "Open", ""),
        ("Target", "Open", ""),
        ("Mapping", "Open", ""),
        ("Changes", "Later", ""),
    ]


def test_each_gap_is_a_blocker_that_names_its_field(
    form: ImportState, path: ImportPath
) -> None:
    form.read("customers.csv", ("name", "e"), [{"name": "Ada", "e": "a@b"}])
    form.entity = CUSTOMER.key

    assert [tuple(blocker) for blocker in path.blockers] == [
        (
            "mapping",
            "email",
            "Nothing fills the required field Email Address (email).",
        )
    ]
    assert says(path)[:3] == [
        ("File", "Done", "customers.csv"),
        ("Target", "Done", "Customer → Production"),
        ("Mapping", "Needs Attention", "1 of 3 fields filled"),
    ]

    form.connect("email", "e")

    assert path.blockers == ()
    assert says(path)[2:4] == [
        ("Mapping", "Done", "2 of 3 fields filled"),
        ("Changes", "Open", ""),
    ]


def test_next_stays_where_something_is_missing_and_steps_back_lose_nothing(
    form: ImportState, path: ImportPath
) -> None:
    assert not path.go_on()
    assert [x.text for x in path.asked_blockers] == ["No file has been chosen."]

    form.read("customers.csv", ("name",), [{"name": "Ada"}])
    assert path.asked_blockers == ()
    assert path.go_on()
    assert path.current == "target"
    form.entity = CUSTOMER.key
    path.go_back()
    path.open_step("mapping")

    assert (form.file_name, form.entity) == ("customers.csv", CUSTOMER.key)
    with pytest.raises(ValueError, match="changes"):
        path.open_step("changes")


def test_a_package_needs_neither_a_mapping_nor_a_preview(form: ImportState) -> None:
    package = PackageState(file_name="shop.zip", description="2 files.")
    path = ImportPath(form, package, DashboardState(), TaskState())

    assert path.blockers == ()
    assert [step.status.value for step in path.steps[2:4]] == ["Not Needed"] * 2


def test_an_open_entity_type_without_pairs_asks_for_one(form: ImportState) -> None:
    form.entity_types = (replace(CUSTOMER, fields=(Field(name="phone"),)),)
    form.read("a.csv", ("x",), [{"x": 1}])
    form.entity = CUSTOMER.key
    path = ImportPath(form, PackageState(), DashboardState(), TaskState())

    assert path.blockers[0].text == "No field of the entity type is filled yet."
