"""Looking into an installation with a widget alone, without a front end."""

from __future__ import annotations

from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.widgets import ObjectBrowser


def table_of(browser: ObjectBrowser) -> Any:
    return browser.children[2].panels["object"].entries.table


def test_entries_are_filtered_and_followed(center: Center) -> None:
    """One that is followed is the value, with all its fields."""
    browser = ObjectBrowser(center, "Bicycle", installation="Sample source")
    everything = browser.total
    table = table_of(browser)

    browser.filter = "price gt 500"
    first = table.page["rows"][0]
    table.simulate_message({"kind": "link", "key": first["key"]})

    assert 0 < browser.total < everything
    assert browser.value["externalReferenceCode"] == first["externalReferenceCode"]
    assert browser.value["price"] > 500


def test_a_wrong_filter_is_said_in_place_of_the_rows(center: Center) -> None:
    browser = ObjectBrowser(center, "Bicycle", filter="price grater 500")

    assert table_of(browser).page["rows"] == []
    assert "grater" in table_of(browser).page["error"]


def test_another_entity_type_has_other_columns(center: Center) -> None:
    url = center.installations["Sample source"].url
    with dmc.connect(url) as opened:
        browser = ObjectBrowser(opened, "Bicycle")
        before = table_of(browser).columns
        browser.filter = "price gt 500"

        browser.entity = "Customer"

        assert (browser.entity, browser.filter) == ("C_Customer", "")
        assert table_of(browser).columns != before
        with pytest.raises(dmc.UnknownName):
            browser.entity = "Tram"
        browser.close()
        assert opened.count("Bicycle") == 1200  # it is open, as it was given


def test_a_center_offers_its_installations(center: Center) -> None:
    """What a person opens there is followed by the traits."""
    browser = ObjectBrowser(center)
    panel = browser.children[2]
    assert browser.entity == ""
    assert panel.choice.layout.display != "none"

    panel.browsing.open(("Sample source", "C_Bicycle", "where", "price gt 500"))
    browser.refresh()

    assert (browser.entity, browser.filter) == ("C_Bicycle", "price gt 500")
    assert browser.total > 0
    panel.browsing.open(("Sample source",))
    assert browser.entity == ""
