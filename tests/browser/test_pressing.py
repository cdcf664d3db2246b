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


_COUNT_ACTIONS = """() => {
  window.actions = 0;
  const count = () => { window.actions += 1; };
  window.addEventListener("click", count, true);
  const isChoice = (event) => event.target.tagName === "SELECT" && count();
  window.addEventListener("change", isChoice, true);
}"""


def test_double_click_on_export_starts_one_task(
    visitor: Person, center: Center
) -> None:
    """From list to list these are five actions, the second click among them."""
    before = len(center.tasks.list())
    visitor.page.evaluate(_COUNT_ACTIONS)
    visitor.opens_page("Export")
    visitor.field("Entity Type").select_option(label=BICYCLE)
    visitor.sees("Bicycle · CSV")

    visitor.button("Export").dblclick()

    visitor.sees("Your file has been generated and is ready to download.")
    assert len(center.tasks.list()) == before + 1
    visitor.button("Back to the List").click()
    assert visitor.page.evaluate("window.actions") == 5


_COUNT_CLICKS = """() => {
  window.clicks = 0;
  addEventListener("click", (event) => { window.clicks += event.isTrusted; }, true);
}"""


def test_recognised_file_is_imported_in_few_actions_from_list_to_list(
    visitor: Person, center: Center
) -> None:
    """Start twice by mistake shows no error, and starts one task."""
    before = len(center.tasks.list())
    visitor.opens_page("Tasks")

    visitor.page.evaluate(_COUNT_CLICKS)

    visitor.opens_page("Import")
    visitor.uploads("bicycles.json", json.dumps([bicycle(1)]).encode())
    visitor.sees("Bicycle: 4 of 4 names in the file are its fields")
    visitor.button("Review Changes").click()
    visitor.sees("Long values are cut here")
    visitor.button("Start Import").dblclick()
    expect(visitor.button("Close")).to_be_visible(timeout=30_000)
    visitor.page.wait_for_timeout(1_000)  # the second click has been answered by now
    expect(visitor.page.locator(".dmc-toasts .dmc-danger")).to_have_count(0)
    visitor.button("Close").click()

    title = visitor.page.get_by_role("heading", level=1, name="Tasks")
    expect(title.locator("visible=true")).to_be_visible(timeout=10_000)
    assert len(center.tasks.list()) == before + 1
    choosing_the_file = 1
    assert visitor.page.evaluate("window.clicks") + choosing_the_file <= 7


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


def test_each_step_is_left_by_few_keys(visitor: Person) -> None:
    """From the step in view to the button that leads on, past any table."""
    visitor.opens_page("Import")
    record = {**bicycle(3), "price": "much"}
    visitor.uploads("bicycles.json", json.dumps([record]).encode())

    for step, button in (
        ("File", "Next"),
        ("Target", "Next"),
        ("Mapping", "Review Changes"),
    ):
        visitor.goes_to(step)
        skip = visitor.button("Skip to the step's actions")
        for _ in range(14):
            visitor.page.keyboard.press("Tab")
            if skip.evaluate("one => one === document.activeElement"):
                break
        visitor.page.keyboard.press("Enter")
        expect(visitor.button(button)).to_be_focused(timeout=5_000)

    visitor.page.keyboard.press("Enter")
    visitor.button("Mend price of this record").press("Enter")
    price = visitor.field("New value of price wherever the file has much")
    price.fill("9.5")
    price.press("Enter")
    expect(visitor.page.get_by_text("much → 9.5")).to_be_visible(timeout=10_000)
    expect(price).to_have_count(0)
