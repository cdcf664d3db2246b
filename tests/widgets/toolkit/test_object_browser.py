"""Looking into an installation with a widget alone, without a front end."""

from __future__ import annotations

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.widgets import ObjectBrowser


def test_entries_are_filtered_and_followed(center: Center) -> None:
    """One that is followed is the value, with all its fields."""
    browser = ObjectBrowser(center, "Bicycle", installation="Sample source")
    everything = browser.total
    table = browser.children[3]

    browser.filter = "price gt 500"
    first = table.page["rows"][0]
    table.simulate_message({"kind": "link", "key": first["key"]})

    assert 0 < browser.total < everything
    assert browser.value["externalReferenceCode"] == first["externalReferenceCode"]
    assert browser.value["price"] > 500


def test_a_wrong_filter_is_said_in_place_of_the_rows(center: Center) -> None:
    browser = ObjectBrowser(center, "Bicycle", filter="price grater 500")

    assert browser.children[3].page["rows"] == []
    assert "grater" in browser.children[3].page["error"]


def test_another_entity_type_has_other_columns(center: Center) -> None:
    url = center.installations["Sample source"].url
    with dmc.connect(url) as opened:
        browser = ObjectBrowser(opened, "Bicycle")
        before = browser.children[3].columns

        browser.entity = "Customer"

        assert browser.entity == "C_Customer"
        assert browser.children[3].columns != before
        with pytest.raises(dmc.UnknownName):
            browser.entity = "Tram"
