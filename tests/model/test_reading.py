"""How a table is read: words are taken for choices, and templates keep all of it."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.errors import InvalidPlan
from dmc_widgets.model.plan import ImportPlan, plan_from_dict
from dmc_widgets.model.reading_options import (
    DETECT_ALL,
    Escapes,
    ReadingOptions,
    ShortRows,
)

CHOSEN = ReadingOptions(
    delimiter=";",
    enclosing_character="'",
    encoding="gbk",
    sheet="S",
    headers=False,
    skip_lines=3,
    short_rows=ShortRows.EMPTY,
    escapes=Escapes.UNDO,
)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"skip_lines": -2}, "The lines to skip are 0 or more, not -2."),
    ],
)
def test_negative_skip_lines_are_refused(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPlan) as caught:
        ReadingOptions(**chosen)

    assert str(caught.value) == message


def test_a_template_keeps_every_choice() -> None:
    plan = ImportPlan(entity_type="x", reading=CHOSEN)

    assert plan_from_dict(plan.as_dict()) == plan


@pytest.mark.parametrize("name", ["skipLines", "shortRows", "escapes"])
def test_a_template_of_before_leaves_the_new_choices_open(name: str) -> None:
    data = ImportPlan(entity_type="x", reading=DETECT_ALL).as_dict()
    del data["reading"][name]

    plan = plan_from_dict(data)

    assert isinstance(plan, ImportPlan)
    assert plan.reading == DETECT_ALL


def test_what_is_chosen_now_goes_over_what_a_template_says() -> None:
    now = ReadingOptions(skip_lines=1, short_rows="refuse", escapes="keep")

    over = now.over(CHOSEN)

    assert (over.skip_lines, over.short_rows, over.escapes) == (1, "refuse", "keep")
    assert DETECT_ALL.over(CHOSEN) == CHOSEN
