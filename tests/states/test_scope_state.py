"""The Scope select of both forms: what it offers, and when it is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dmc_widgets.model.entity_type import EntityType, Field, Site
from dmc_widgets.model.plan import ExportPlan, ImportPlan
from dmc_widgets.states.export_state import ExportState
from dmc_widgets.states.import_state import ImportState
from dmc_widgets.states.scope_state import ScopeState

SITES = (Site("20121", "Global"), Site("20120", "Guest"))


@pytest.fixture
def shop(ticket: EntityType) -> EntityType:
    """An object with site scope."""
    fields = (*ticket.fields, Field(name="scopeKey"))
    return replace(ticket, name="C_Shop", delegate="C_Shop", fields=fields)


@pytest.fixture(params=[ExportState, ImportState])
def state(
    request: pytest.FixtureRequest, ticket: EntityType, shop: EntityType
) -> ScopeState:
    made: ScopeState = request.param(entity_types=(ticket, shop))
    made.find_sites = lambda _entity: SITES
    return made


def test_sites_are_listed_for_entity_types_with_sites(
    state: ScopeState, ticket: EntityType, shop: EntityType
) -> None:
    state.entity = ticket.key
    assert (state.has_sites, state.sites) == (False, ())

    state.entity = shop.key
    assert (state.has_sites, state.sites) == (True, SITES)
    assert state.scope_options("All") == [
        ("All", ""),
        ("Global", "20121"),
        ("Guest", "20120"),
    ]

    state.scope = "20120"
    state.entity = ticket.key
    assert (state.has_sites, state.sites, state.scope) == (False, (), "")


def test_plan_and_template_keep_the_site(state: ScopeState, shop: EntityType) -> None:
    """A site that the installation does not know stays chosen: the start refuses it."""
    assert isinstance(state, ExportState | ImportState)
    state.entity = shop.key
    state.template = "kept"
    state.scope = "20120"
    assert (state.plan().scope, state.template) == ("20120", "")

    if isinstance(state, ExportState):
        state.load_plan(ExportPlan(entity_type=shop.key, scope="old"), "mine")
    else:
        plan = ImportPlan(entity_type=shop.key, scope="old", new_sites=True)
        state.load_plan(plan, "mine")
        assert state.plan().new_sites

    assert (state.scope, state.template) == ("old", "mine")
    assert state.scope_options("All")[-1] == ("old", "old")

    state.reset()
    assert (state.scope, state.has_sites, state.entity) == ("", False, "")


def test_new_sites_is_part_of_the_import_plan(shop: EntityType) -> None:
    state = ImportState(entity_types=(shop,), entity=shop.key, template="kept")

    state.new_sites = True

    assert state.plan().new_sites
    assert state.template == ""
