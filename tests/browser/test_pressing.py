"""What a person presses twice, or too early."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import expect

from dmc_widgets.center import Center
from tests.browser.person import BICYCLE, SOURCE, Person


def bicycle(number: int) -> dict[str, Any]:
    return {
        "externalReferenceCode": f"PRESS-{number}",
        "frameNumber": f"P-{number}",
        "kind": {"key": "road"},
        "model": f"Model {number}",
    }


def test_double_click_on_export_starts_one_task(
    visitor: Person, center: Center
) -> None:
    before = len(center.tasks.list())
    visitor.opens("Export File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    expect(visitor.button("Export")).to_be_enabled(timeout=10_000)

    visitor.button("Export").dblclick()

    visitor.sees("Your file has been generated and is ready to download.")
    assert len(center.tasks.list()) == before + 1


def test_double_click_on_start_import_shows_no_error(
    visitor: Person, center: Center
) -> None:
    before = len(center.tasks.list())
    visitor.opens("Import File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.uploads("bicycles.json", json.dumps([bicycle(1)]).encode())
    visitor.button("Review Changes").click()
    visitor.sees("Long values are cut here")

    visitor.button("Start Import").dblclick()

    expect(visitor.button("Close")).to_be_visible(timeout=30_000)
    visitor.page.wait_for_timeout(1_000)  # the second click has been answered by now
    expect(visitor.page.locator(".dmc-toasts .dmc-danger")).to_have_count(0)
    assert len(center.tasks.list()) == before + 1


def test_review_focuses_the_first_required_gap(visitor: Person) -> None:
    """It is named, in view and under the keyboard."""
    visitor.page.set_viewport_size({"width": 1280, "height": 400})
    visitor.opens("Import File", SOURCE)
    visitor.field("Entity Type").select_option(label=BICYCLE)
    record = {key: x for key, x in bicycle(2).items() if key != "model"}
    visitor.uploads("bicycles.json", json.dumps([record]).encode())
    visitor.button("Review Changes").click()

    visitor.sees("Nothing fills: 'model'.")
    model = visitor.field("Source File Field for model")
    expect(model).to_be_focused(timeout=10_000)
    expect(model).to_be_in_viewport(ratio=1)
    expect(model).to_have_attribute("aria-invalid", "true")
