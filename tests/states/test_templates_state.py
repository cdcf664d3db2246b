"""Which templates the list shows."""

from __future__ import annotations

import pytest

from dmc_widgets.model.plan import Action, ExportPlan, ImportPlan, Template
from dmc_widgets.states.templates_state import TemplatesState, format_of, type_of

TICKET = "com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Ticket"
TITLES = Template(name="Titles", plan=ExportPlan(entity_type=TICKET, format="JSONL"))
MONTHLY = Template(name="Monthly", plan=ImportPlan(entity_type=TICKET))


@pytest.mark.parametrize(
    ("keyword", "action", "found"),
    [
        pytest.param("", "", ["Monthly", "Titles"], id="all"),
        pytest.param("tit", "", ["Titles"], id="part-of-a-name"),
        pytest.param("c_ticket", "", ["Monthly", "Titles"], id="entity-type"),
        pytest.param("", "Import", ["Monthly"], id="action"),
        pytest.param("titles", "Import", [], id="both"),
    ],
)
def test_keyword_and_action_narrow_the_list(
    keyword: str, action: str, found: list[str]
) -> None:
    state = TemplatesState(templates=(MONTHLY, TITLES), keyword=keyword, action=action)

    assert [each.name for each in state.shown] == found


def test_templates_are_told_apart_by_direction() -> None:
    """Each form offers its own; only an export has a format."""
    state = TemplatesState(templates=(MONTHLY, TITLES))

    assert state.named(Action.EXPORT) == ("Titles",)
    assert (type_of(TITLES), format_of(TITLES)) == ("C_Ticket", "JSONL")
    assert format_of(MONTHLY) == ""
