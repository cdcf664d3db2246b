"""Addresses of pages: what is one, and what stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.states.dashboard_state import DashboardPage, DashboardState
from dmc_widgets.states.navigation.addresses import format_address, parse_address


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("#/", ()),
        ("tasks", ("tasks",)),
        ("#/tasks/42", ("tasks", "42")),
        ("tasks/42/", ("tasks", "42")),
        ("objects/Sample%20source", ("objects", "Sample source")),
        ("objects/50%2F50", ("objects", "50/50")),
        ("objects/Größe", ("objects", "Größe")),
        ("objects/%E2%82%AC", ("objects", "€")),
    ],
)
def test_parts_of_an_address_are_decoded(text: str, parts: tuple[str, ...]) -> None:
    assert parse_address(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "tasks//42",
        "tasks/%",
        "tasks/%4",
        "tasks/%zz",
        "tasks/%FF",
        "tasks/%00",
        "tasks/4%0A2",
        "tasks/4 2",
        "tasks?id=42",
        "tasks#42",
        "x" * 2_001,
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    """Anybody may have written the link."""
    assert parse_address(text) is None


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1)))
def test_any_names_make_an_address(names: list[str]) -> None:
    address = format_address(*names)

    assert parse_address(address) == (tuple(names) if len(address) <= 2_000 else None)


def test_view_moves_to_its_address_unless_it_stands_there() -> None:
    state = DashboardState()
    seen: list[str] = []
    state.observe(lambda change: seen.append(change["new"]), "address")

    state.page = DashboardPage.IMPORT
    state.replace_address("import/d-7")
    assert state.is_replaced
    state.page = DashboardPage.PREVIEW
    state.show_view(DashboardPage.TASK, "tasks/3")
    state.page = DashboardPage.LISTS
    state.go("objects", "Sample source", "C_Ticket")
    assert not state.is_replaced

    assert seen == [
        "import",
        "import/d-7",
        "tasks/3",
        "tasks",
        "objects/Sample%20source/C_Ticket",
    ]
