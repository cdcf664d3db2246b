"""The pickers alone: what they accept, their values, and what follows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ipywidgets as ipw
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.widgets import EntityPicker, FieldPicker, StrategyPicker


def sample_url(center: Center) -> str:
    return center.installations["Sample source"].url


def test_an_entity_type_is_chosen_by_name_label_or_key(center: Center) -> None:
    """The value is the name, whatever was given."""
    picker = EntityPicker(center, "Sample source", value="Bicycle")

    assert picker.value == "C_Bicycle"
    assert picker.entity_type is not None
    picker.value = "Customer"
    assert picker.value == "C_Customer"
    assert repr(picker) == (
        "EntityPicker(installation='Sample source', value='C_Customer')"
    )


def test_an_entity_type_that_is_not_there_is_refused(center: Center) -> None:
    """The value stays, and the error names the known ones."""
    picker = EntityPicker(center, "Sample source", value="Bicycle")

    with pytest.raises(dmc.UnknownName, match="Tram"):
        picker.value = "Tram"

    assert picker.value == "C_Bicycle"


def test_a_picker_takes_an_open_installation_or_an_address(center: Center) -> None:
    with dmc.connect(sample_url(center)) as opened:
        assert EntityPicker(opened, value="Bicycle").value == "C_Bicycle"
    with_address = EntityPicker(sample_url(center), value="Repair")

    assert with_address.value == "C_Repair"
    with_address.close()


@pytest.mark.parametrize("given", [7, b"Sample source", None.__class__], ids=repr)
def test_a_picker_refuses_anything_else(given: Any) -> None:
    with pytest.raises(TypeError, match="A center, an open installation"):
        EntityPicker(given)


def test_a_picker_of_a_center_offers_its_installations(center: Center) -> None:
    """Another installation has other entity types; a choice that it lacks is gone."""
    picker = EntityPicker(center, value="Bicycle")

    picker.installation = "Sample target"

    assert picker.value == ""
    with pytest.raises(dmc.UnknownName):
        picker.installation = "Nowhere"
    assert picker.installation == "Sample target"


def test_an_installation_that_does_not_answer_is_an_error_in_the_widget(
    tmp_path: Path,
) -> None:
    """A page that was built stays: the widget says why there is nothing to choose."""
    with dmc.open_center(tmp_path) as center:
        path = tmp_path / "gone.db"
        center.installations.add("Gone", f"sqlite:///{path}")
        path.write_bytes(b"no database" * 100)

        picker = EntityPicker(center, "Gone")

    assert picker.entity_types == ()
    assert picker.error


def test_fields_follow_the_entity_picker(center: Center) -> None:
    picker = EntityPicker(center, "Sample source")
    fields = FieldPicker(picker)
    seen: list[tuple[str, ...]] = []
    fields.observe(lambda change: seen.append(change["new"]), "value")

    picker.value = "Bicycle"

    assert "model" in fields.value
    assert seen[-1] == fields.value


def test_fields_are_chosen_by_name_in_the_order_of_the_type(center: Center) -> None:
    fields = FieldPicker(center, "Bicycle", value=["price", "model"])

    assert fields.value == ("model", "price")
    with pytest.raises(dmc.UnknownName, match="colour"):
        fields.value = ("colour",)
    assert fields.value == ("model", "price")


def test_a_check_box_changes_the_value(center: Center) -> None:
    fields = FieldPicker(center, "Bicycle", value="model")

    fields.children[-1].selected = ("model", "kind")

    assert fields.value == ("kind", "model")


def test_strategies_are_a_policy_and_keywords() -> None:
    strategies = StrategyPicker(dmc.Policy(update_strategy="PARTIAL_UPDATE"))

    strategies.value = dmc.Policy(import_strategy="INSERT", error_strategy="continue")

    assert strategies.choices == {
        "import_strategy": "INSERT",
        "update_strategy": "UPDATE",
        "on_error": "continue",
        "lazy_references": False,
    }


def test_what_the_person_chooses_is_the_value() -> None:
    strategies = StrategyPicker()

    strategies.children[2].selected = dmc.ImportStrategy.INSERT

    assert strategies.value == dmc.Policy(import_strategy="INSERT")


def test_interact_and_link_take_the_widgets(center: Center) -> None:
    """They are value widgets, so the tools of ipywidgets work with them."""
    first, second = (EntityPicker(center, "Sample source") for _ in range(2))
    ipw.link((first, "value"), (second, "value"))
    calls: list[str] = []

    def collect(entity: str) -> None:
        calls.append(entity)

    form = ipw.interactive(collect, entity=first)
    form.update()
    first.value = "Bicycle"

    assert second.value == "C_Bicycle"
    assert calls[-1] == "C_Bicycle"
