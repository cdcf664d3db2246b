"""Plans and templates keep everything that was chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.errors import InvalidPlan, InvalidQuery
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ExportPlan, ImportPlan, Template, plan_from_dict
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)

texts = st.text(min_size=1, max_size=12)
export_plans = st.builds(
    ExportPlan,
    entity_type=texts,
    format=st.sampled_from(["CSV", "JSON", "JSONL", "JSONT"]),
    fields=st.none() | st.lists(texts, min_size=1, max_size=4).map(tuple),
    include_headers=st.booleans(),
    scope=st.text(max_size=5),
    name=st.text(max_size=5),
    filter=st.sampled_from(["", "title eq 'x'"]),
    sort=st.sampled_from(["", "title:desc"]),
    search=st.text(max_size=5),
)
import_plans = st.builds(
    ImportPlan,
    entity_type=texts,
    mapping=st.builds(
        Mapping,
        st.lists(
            st.builds(FieldMapping, texts, texts),
            max_size=4,
            unique_by=lambda pair: pair.target,
        ).map(tuple),
        same_names=st.booleans(),
    ),
    policy=st.builds(
        Policy,
        import_strategy=st.sampled_from(ImportStrategy),
        update_strategy=st.sampled_from(UpdateStrategy),
        error_strategy=st.sampled_from(ErrorStrategy),
    ),
    scope=st.text(max_size=5),
    name=st.text(max_size=5),
    dry_run=st.booleans(),
)


@given(export_plans | import_plans)
def test_a_plan_comes_back_from_its_plain_data(plan: ExportPlan | ImportPlan) -> None:
    assert plan_from_dict(plan.as_dict()) == plan


def test_an_import_plan_has_the_defaults_of_liferays_form() -> None:
    assert ImportPlan(entity_type="C_Ticket").as_dict() == {
        "action": "Import",
        "entityType": "C_Ticket",
        "mapping": [],
        "sameNames": True,
        "match": [],
        "createStrategy": "UPSERT",
        "updateStrategy": "UPDATE",
        "importStrategy": "ON_ERROR_FAIL",
        "lazyReferences": False,
        "reading": {
            "delimiter": "",
            "enclosingCharacter": "",
            "encoding": "",
            "sheet": "",
            "containsHeaders": True,
            "skipLines": 0,
            "shortRows": None,
            "escapes": None,
        },
        "scope": "",
        "newSites": False,
        "allowDeletions": False,
        "options": {
            "journal": True,
            "verify": True,
            "backup": False,
            "errorLimit": None,
            "asShown": 0,
            "atOnce": 1,
            "workers": 1,
            "cluster": "",
        },
        "name": "",
        "dryRun": False,
    }


def test_an_export_of_no_field_is_refused() -> None:
    with pytest.raises(InvalidPlan) as caught:
        ExportPlan(entity_type="C_Ticket", fields=())

    assert str(caught.value) == "Please select at least one field."


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({}, id="empty"),
        pytest.param({"action": "Import"}, id="half"),
        pytest.param(
            {**ImportPlan(entity_type="a").as_dict(), "createStrategy": "MERGE"},
            id="unknown-strategy",
        ),
    ],
)
def test_other_data_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(InvalidPlan, match=r"^This is not a plan that can be read: "):
        plan_from_dict(data)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (" ", "The template needs a name."),
        ("n" * 76, "The name has 76 characters; 75 are allowed."),
    ],
)
def test_a_template_needs_a_name_of_75_characters_at_most(
    name: str, message: str
) -> None:
    template = Template(name="n" * 75, plan=ExportPlan(entity_type="C_Ticket"))

    with pytest.raises(InvalidPlan) as caught:
        replace(template, name=name)

    assert str(caught.value) == message


def test_a_plan_of_before_there_were_filters_is_read() -> None:
    """Templates that somebody saved go on working."""
    plan = ExportPlan(entity_type="C_Ticket", format="CSV")
    data = plan.as_dict()
    for name in ("filter", "sort", "search"):
        del data[name]

    assert plan_from_dict(data) == plan


@pytest.mark.parametrize("choice", [{"filter": "title eq"}, {"sort": "title:up"}])
def test_a_plan_whose_query_cannot_be_read_is_none(choice: dict[str, str]) -> None:
    """It is refused where it is made, not when the task runs."""
    with pytest.raises(InvalidQuery):
        ExportPlan(entity_type="C_Ticket", **choice)  # type: ignore[arg-type]
