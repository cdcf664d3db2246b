"""What the import form knows, without a browser, a kernel or ipywidgets."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.value_conversion import NumberFormat
from dmc_widgets.states.import_state import ImportState
from dmc_widgets.tasks.imports.mapping_suggestions import suggest_mapping

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
DEFINITION = "com.liferay.object.admin.rest.dto.v1_0.ObjectDefinition"
NO_FIELDS = "Please upload a file and select the required columns before continuing."
UNMAPPED = "You must map at least one field and all required fields before continuing."


@pytest.fixture
def state(definition: EntityType, ticket: EntityType) -> ImportState:
    return ImportState(entity_types=(definition, ticket))


def read(state: ImportState, record: dict[str, Any], name: str = "march.json") -> None:
    state.read(name, tuple(record), [record])


def rows(state: ImportState) -> list[tuple[str, str, str]]:
    return [(row.field.name, row.source, row.preview) for row in state.rows]


def test_defaults_are_those_of_liferays_form() -> None:
    policy = ImportState().plan().policy

    assert policy.import_strategy is ImportStrategy.UPSERT
    assert policy.update_strategy is UpdateStrategy.UPDATE
    assert policy.error_strategy is ErrorStrategy.STOP


def test_problems_come_one_by_one_with_liferays_texts(state: ImportState) -> None:
    """Entity type, then file, then mapping: the first match wins."""
    assert state.problems == (NO_FIELDS,)

    state.entity = TICKET
    assert state.problems == ("Please upload a file.",)

    read(state, {"heading": "Brakes"})
    assert state.problems == (f"{UNMAPPED} Nothing fills: 'title'.",)
    assert state.gap == "title"

    state.connect("title", "heading")
    assert not state.problems
    assert not state.gap


def test_updates_of_changed_fields_need_no_required_ones(state: ImportState) -> None:
    state.entity = TICKET
    read(state, {"externalReferenceCode": "T-1"})
    assert state.problems

    state.update_strategy = UpdateStrategy.PARTIAL_UPDATE

    assert not state.problems
    state.import_strategy = ImportStrategy.INSERT
    assert state.problems == (f"{UNMAPPED} Nothing fills: 'title'.",)


def test_unmapped_field_is_not_filled_by_its_name(state: ImportState) -> None:
    """The table shows that the field is filled from nothing, so that is meant."""
    state.entity = TICKET
    read(state, {"title": "Brakes", "Keywords": "a"})
    state.connect("keywords", "")

    mapping = state.mapping()

    assert not mapping.same_names
    assert mapping.pairs == (FieldMapping("title", "title"),)


def test_fields_of_the_same_name_are_mapped(state: ImportState) -> None:
    """But for case; a field that the installation sets itself is not offered."""
    state.entity = TICKET
    read(state, {"title": "Brakes", "Secret": 1, "dateCreated": "2026"})

    assert rows(state) == [
        ("title", "title", '"Brakes"'),
        ("externalReferenceCode", "", ""),
        ("keywords", "", ""),
        ("secret", "Secret", "1"),
    ]


def test_suggestion_shows_its_reason_until_another_source_is_selected(
    state: ImportState,
) -> None:
    """The same name needs no words; a similar spelling is to be checked."""
    state.entity = TICKET
    read(state, {"Titel of the ticket": "Brakes", "KEYWORDS": [], "secret": 1, "x": 2})

    assert [(row.field.name, row.reason, row.doubtful) for row in state.rows] == [
        ("title", "93 % similar to the label", True),
        ("externalReferenceCode", "", False),
        ("keywords", "same name but for case and punctuation", False),
        ("secret", "", False),
    ]

    state.connect("title", "x")
    assert (state.rows[0].reason, state.rows[0].doubtful) == ("", False)


def test_mapping_of_a_template_shows_no_suggestion(state: ImportState) -> None:
    state.entity = TICKET
    read(state, {"Titel of the ticket": "Brakes"})
    assert state.rows[0].reason != ""

    mapping = Mapping((FieldMapping("Titel of the ticket", "title"),))
    state.load_plan(ImportPlan(entity_type=TICKET, mapping=mapping), "Titles")

    assert (state.rows[0].source, state.rows[0].reason) == ("Titel of the ticket", "")


def test_suggester_can_be_replaced(state: ImportState) -> None:
    """The state asks whoever remembers it, once entity type and file are known."""
    used = (FieldMapping("x", "title"),)
    state.suggester = lambda chosen, fields: suggest_mapping(chosen, fields, used)

    read(state, {"x": "Brakes"})
    state.entity = TICKET

    row = state.rows[0]
    assert (row.source, row.reason, row.doubtful) == ("x", "used before", False)


def test_open_entity_type_keeps_unlisted_fields(
    state: ImportState,
) -> None:
    """Nothing of a definition is lost; what is never trusted stays out."""
    read(state, {"name": "Ticket", "id": 7, "zebra": [1], "custom": None})
    state.entity = DEFINITION

    assert rows(state) == [
        ("name", "name", '"Ticket"'),
        ("custom", "custom", "null"),
        ("zebra", "zebra", "[1]"),
    ]


def test_gap_is_an_error_only_after_the_person_went_on(state: ImportState) -> None:
    state.entity = TICKET
    read(state, {"heading": "Brakes"})
    assert [row.field.name for row in state.rows if row.is_missing] == []

    state.shows_gaps = True

    assert [row.field.name for row in state.rows if row.is_missing] == ["title"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("", "march", id="file-name-without-extension"),
        pytest.param("Spring", "Spring", id="typed-name-is-kept"),
    ],
)
def test_file_names_the_task(state: ImportState, typed: str, expected: str) -> None:
    state.name = typed
    read(state, {"title": "Brakes"})

    assert state.name == expected


def test_second_file_renames_a_task_named_by_the_first(state: ImportState) -> None:
    read(state, {"title": "Brakes"})
    read(state, {"title": "Brakes"}, "april.jsonl")

    assert state.name == "april"


def test_automatic_mapping_includes_fields_of_later_records(
    state: ImportState,
) -> None:
    """One field that is mapped by hand elsewhere does not change that."""
    state.entity = TICKET
    read(state, {"title": "Brakes", "words": ["a"]})
    state.connect("keywords", "words")

    assert state.plan().mapping == Mapping(
        (FieldMapping("title", "title"), FieldMapping("words", "keywords")),
        same_names=True,
    )


def test_unmapped_field_is_left_out_of_the_plan(state: ImportState) -> None:
    """Then only the pairs count, whatever later records hold."""
    state.entity = TICKET
    read(state, {"title": "Brakes", "keywords": ["a"]})
    state.connect("keywords", "")

    assert state.plan().mapping == Mapping((FieldMapping("title", "title"),))


def test_template_restores_everything_and_waits_for_its_file(
    state: ImportState,
) -> None:
    """Pairs whose source is not in the file are left out; the rest is not guessed."""
    plan = ImportPlan(
        entity_type=TICKET,
        mapping=Mapping((FieldMapping("titel", "title"), FieldMapping("x", "secret"))),
        policy=Policy(
            import_strategy=ImportStrategy.INSERT,
            update_strategy=UpdateStrategy.PARTIAL_UPDATE,
            error_strategy=ErrorStrategy.CONTINUE,
            lazy_references=True,
        ),
        scope="site",
    )

    state.load_plan(plan, "Titles")
    assert state.template == "Titles"
    read(state, {"titel": "Brakes", "keywords": ["a"]})

    assert state.pairs == {"title": FieldMapping("titel", "title")}
    assert state.plan().policy == plan.policy
    assert state.plan().scope == "site"


def test_template_keeps_all_properties_of_its_field_mappings(
    state: ImportState,
) -> None:
    """A pair that is connected anew is a plain one; constants stay."""
    pair = FieldMapping("titel", "title", if_empty="none")
    constant = FieldMapping("", "keywords", constant=["old"])
    state.load_plan(
        ImportPlan(entity_type=TICKET, mapping=Mapping((pair, constant))), "Titles"
    )
    read(state, {"titel": "Brakes", "name": "Ada"})

    pairs = state.plan().mapping.pairs
    state.connect("title", "name")

    assert pairs == (pair, constant)
    assert state.plan().mapping.pairs == (FieldMapping("name", "title"), constant)


def test_template_keeps_a_default_for_an_absent_source(
    state: ImportState,
) -> None:
    """That is what a default for missing fields is for; without one it is rows."""
    pairs = (
        FieldMapping("titel", "title"),
        FieldMapping("land", "keywords", if_missing="DE"),
        FieldMapping("gone", "secret"),
        FieldMapping("titel", "owner"),
    )
    state.load_plan(ImportPlan(entity_type=TICKET, mapping=Mapping(pairs)), "Titles")
    assert state.mapping_warning == ""

    read(state, {"titel": "Brakes"})

    assert state.plan().mapping.pairs == pairs[:2]
    assert state.mapping_warning == (
        "This file has no field 'gone', so what the mapping fills from there is left "
        "out. The entity type has no field 'owner' to fill."
    )
    row = next(row for row in state.rows if row.field.name == "keywords")
    assert (row.source, row.summary, row.is_source_absent, row.preview) == (
        "land",
        "'DE' if missing",
        True,
        '"DE"',
    )
    read(state, {"titel": "Brakes", "gone": 1, "land": "FR"}, "next.json")
    assert set(state.plan().mapping.pairs) == set(pairs[:3])
    assert not any(row.is_source_absent for row in state.rows)


def test_row_previews_the_first_record(state: ImportState) -> None:
    """Or why nothing does; a plain copy shows the value as it is."""
    state.entity = TICKET
    read(state, {"title": "Brakes", "secret": "3,5"})

    state.fill("secret", FieldMapping("secret", "secret", format=NumberFormat(",")))
    state.fill("keywords", FieldMapping("", "keywords", constant="import"))
    rows = {row.field.name: (row.preview, row.summary) for row in state.rows}
    assert rows["secret"] == ("3.5", "numbers like 1234,5")
    assert rows["keywords"] == ('"import"', "constant 'import'")

    state.fill("secret", FieldMapping("secret", "secret", format=NumberFormat(".")))
    row = state.rows[-1]
    assert (row.failed, row.preview) == (
        True,
        "The field 'secret' got \"3,5\"; the mapping expects a number like 1234.5.",
    )


def test_default_mapping_is_the_suggestion_or_the_template(
    state: ImportState,
) -> None:
    state.entity = TICKET
    read(state, {"title": "Brakes"})
    state.connect("title", "")
    assert state.default_mapping("title") == FieldMapping("title", "title")
    assert state.default_mapping("secret") is None

    constant = FieldMapping("", "secret", constant=1)
    state.load_mapping(Mapping((constant,), same_names=True))
    assert state.default_mapping("title") == FieldMapping("title", "title")
    assert state.default_mapping("secret") == constant
    assert state.default_mapping("keywords") is None


def test_mapping_adds_fields_to_an_open_entity_type(
    state: ImportState,
) -> None:
    state.entity = DEFINITION
    read(state, {"name": "Ticket"})
    zebra = FieldMapping("", "zebra", constant=[1])

    state.load_mapping(Mapping((FieldMapping("name", "name"), zebra)))

    assert rows(state) == [("name", "name", '"Ticket"'), ("zebra", "", "[1]")]
    assert state.mapping_warning == ""


def test_file_keeps_the_template_until_a_choice_changes(state: ImportState) -> None:
    """Reading the file that a template was made for is no change of it."""
    plan = ImportPlan(
        entity_type=TICKET, mapping=Mapping((FieldMapping("titel", "title"),))
    )
    state.load_plan(plan, "Titles")

    read(state, {"titel": "Brakes"})
    assert state.template == "Titles"

    state.import_strategy = ImportStrategy.UPDATE
    assert state.template == ""


def test_reset_leaves_an_empty_form(state: ImportState) -> None:
    state.entity = TICKET
    read(state, {"title": "Brakes"})
    state.shows_gaps = True

    state.reset()

    assert (state.name, state.entity, state.file_name, state.pairs) == ("", "", "", {})
    assert state.problems == (NO_FIELDS,)
    read(state, {"title": "Brakes"}, "may.json")
    assert state.name == "may"
