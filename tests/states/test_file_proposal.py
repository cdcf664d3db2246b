"""What a file selects in the import form, and what stays with the person."""

from __future__ import annotations

import pytest

from dmc_widgets.center.files import EntityTypeSuggestion, InstallationSuggestion
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.states.dashboard_state import DashboardState
from dmc_widgets.states.import_state import ImportState
from dmc_widgets.states.paths.file_proposal import FileProposal


def suggestion(kind: EntityType, *, clear: bool = False) -> EntityTypeSuggestion:
    return EntityTypeSuggestion(
        entity_type=kind.key,
        name=kind.short_name,
        known=2,
        columns=3,
        score=0.7,
        reasons=("2 of 3 columns are its fields",),
        clear=clear,
    )


class Form:
    """The state of a form over two entity types, and what its file suggests."""

    def __init__(self, *entity_types: EntityType) -> None:
        self.state = ImportState(entity_types=entity_types)
        self.found: tuple[EntityTypeSuggestion, ...] = ()
        self.target: InstallationSuggestion | None = None
        self.proposal = FileProposal(
            self.state,
            DashboardState(installation="Staging"),
            lambda: self.found,
            lambda: self.target,
        )

    def reads(self, *found: EntityTypeSuggestion) -> None:
        self.found = found
        self.state.read("a.csv", ("title",), [{"title": "x"}])
        self.proposal.read_file()


@pytest.fixture
def form(definition: EntityType, ticket: EntityType) -> Form:
    return Form(definition, ticket)


def test_a_clear_file_selects_its_entity_type_and_takes_it_along(
    form: Form, ticket: EntityType
) -> None:
    form.reads(suggestion(ticket, clear=True))

    assert form.state.entity == ticket.key
    assert list(form.state.pairs) == ["title"]
    assert form.proposal.sentence == "Ticket: 2 of 3 columns are its fields."
    assert form.proposal.choices == ()

    form.proposal.clear()
    assert form.state.entity == ""


def test_an_ambiguous_file_selects_nothing_and_offers_all(
    form: Form, ticket: EntityType, definition: EntityType
) -> None:
    form.reads(suggestion(ticket), suggestion(definition))

    assert form.state.entity == ""
    assert form.proposal.sentence == (
        "Several entity types suit the file. Choose the right one:"
    )
    assert [x.name for x in form.proposal.choices] == ["Ticket", "ObjectDefinition"]


def test_what_a_person_selected_stays_and_the_better_one_is_offered(
    form: Form, ticket: EntityType, definition: EntityType
) -> None:
    form.state.entity = definition.key
    form.reads(suggestion(ticket, clear=True))

    assert form.state.entity == definition.key
    assert form.proposal.sentence == "The file suits another entity type better."
    assert [x.entity_type for x in form.proposal.choices] == [ticket.key]

    form.proposal.clear()
    assert form.state.entity == definition.key


def test_the_last_target_is_offered_unless_it_is_selected(form: Form) -> None:
    form.target = InstallationSuggestion("Production", "It went there.")
    form.reads()
    assert (form.proposal.target, form.proposal.target_sentence) == (
        "Production",
        "It went there.",
    )

    form.target = InstallationSuggestion("Staging", "It went there.")
    form.reads()
    assert form.proposal.target == ""
