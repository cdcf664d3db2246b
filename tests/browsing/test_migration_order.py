"""The order of a migration, before it starts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from dmc_widgets import Selection, open_center
from dmc_widgets.center import Center
from dmc_widgets.states.dashboard_session import DashboardSession
from dmc_widgets.widgets.parts.migration_order import MigrationOrderPanel


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Center]:
    with open_center(tmp_path_factory.mktemp("workspace")) as opened:
        yield opened


def test_what_is_needed_comes_first_and_circles_last(center: Center) -> None:
    """Customers refer to customers: these links wait until all are there."""
    with center.installations.connect("Sample source") as source:
        order = source.migration_order(
            Selection(entity_types="Bicycle", with_needed=True)
        )

    assert [(x.label, x.is_needed, x.later_fields) for x in order.steps] == [
        ("ObjectFolder", True, ()),
        ("ListTypeDefinition", True, ()),
        ("ObjectDefinition", True, ()),
        ("Customer", True, ()),
        ("Bicycle", False, ()),
        ("Customer", False, ("r_referral_c_customerERC",)),
    ]
    assert order.edges == (("C_Customer", "C_Bicycle", "Bicycles"),)
    assert order.links == (("C_Customer", "C_Customer", "Recommended Customers"),)


def test_the_form_shows_the_order_of_what_is_chosen(center: Center) -> None:
    """It follows each choice, and says what to do without one."""
    session = DashboardSession(center)
    session.load()
    state = session.migration_form
    panel = MigrationOrderPanel(session, state)
    assert panel.graph.layout.display == "none"
    assert "Select entity types" in panel.words.value

    kinds = center.installations.entity_types("Sample source")
    state.entity_types, state.source = tuple(kinds), "Sample source"
    state.selected = tuple(x.key for x in kinds if x.name == "C_Bicycle")
    end = time.monotonic() + 60
    while not panel.steps.value and time.monotonic() < end:
        session.refresh()
        time.sleep(0.01)

    labels = [node["label"] for node in panel.graph.graph["nodes"]]
    assert labels == [
        "1. Folders",
        "2. Picklists",
        "3. Definitions",
        "4. Customer",
        "5. Bicycle",
    ]
    assert "Filled at the end, when all entries are there: Recommended" in (
        panel.words.value
    )
