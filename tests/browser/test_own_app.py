"""Somebody else's Voilà app, made of a few lines around public widgets.

It is served by Voilà as it comes, with neither our template nor our server.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

from dmc_widgets.center import Center
from tests.browser.conftest import ServedPage, wait_for_port
from tests.browser.person import BICYCLE, WINDOW
from tests.browser.test_access import RUN

pytestmark = pytest.mark.browser

PORT = 8951
APP = """
import ipywidgets as ipw
import dmc_widgets as dmc
from dmc_widgets.widgets import EntityPicker, FieldPicker, ObjectBrowser, TaskProgress

center = dmc.open_center()
picker = EntityPicker(center, "Sample source")
fields = FieldPicker(picker)
browser = ObjectBrowser(center, "Customer", installation="Sample source")
followed, run = ipw.Label(), ipw.Button(description="Export for the Shop")
progress = ipw.VBox()

def follow(change):
    followed.value = "Followed " + change["new"].get("name", "no customer")

def export(_button):
    task = center.export_file(
        "Sample source", picker.value, fields=fields.value, wait=False
    )
    progress.children = [TaskProgress(task)]

def first(entity, fields):
    print(entity or "nothing", "with", ", ".join(fields) or "no fields")

browser.observe(follow, "value")
run.on_click(export)
shown = ipw.interactive_output(first, {"entity": picker, "fields": fields})
title = ipw.HTML("<h1>The Bicycle Shop</h1>")
beside = ipw.HBox([picker, fields])
ipw.VBox([title, beside, shown, run, progress, browser, followed])
"""


@pytest.fixture(scope="module")
def app_url(tmp_path_factory: pytest.TempPathFactory, workspace: Path) -> Iterator[str]:
    """The app, served by ``voila app.ipynb``."""
    notebook = tmp_path_factory.mktemp("app") / "app.ipynb"
    cell = {"cell_type": "code", "id": "app", "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {
        "cells": [{**cell, "metadata": {}, "outputs": [], "source": APP}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    notebook.write_text(json.dumps(content))
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser"]
    server = subprocess.Popen(
        [*command, "--Voila.ip=127.0.0.1", f"--port={PORT}", "--show_tracebacks=True"],
        env={**os.environ, "DMC_WORKSPACE": str(workspace)},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(server, PORT)
        yield f"http://127.0.0.1:{PORT}/"
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)


def test_widgets_work_in_an_app_of_somebody_else(
    browser: Browser, app_url: str, center: Center
) -> None:
    """Values reach `interact` and `observe`; a task runs in view."""
    served = ServedPage(browser, app_url, styles="https://cdn.jsdelivr.net/npm/@fort")
    with served.opened("The Bicycle Shop", "own-app") as page:
        entity = page.get_by_label("Entity Type").first
        entity.select_option(label=BICYCLE)
        sees(page, "C_Bicycle with frameNumber, kind, model")
        page.get_by_role("checkbox", name="Select all on this page").uncheck()
        page.get_by_role("checkbox", name="Select model").check()
        sees(page, re.compile(r"C_Bicycle with model\s*$"))

        page.get_by_role("button", name="Export for the Shop").click()
        sees(page, "Your file has been generated")
        assert getattr(center.tasks.list()[-1].plan, "fields", None) == ("model",)

        assert is_beside(page)
        page.evaluate(AXE_SCRIPT)
        assert page.evaluate(RUN, None) == []
        page.set_viewport_size({"width": 420, "height": 900})
        assert not is_beside(page)
        assert page.evaluate(_WIDE) <= 0
        page.set_viewport_size(WINDOW)

        entries = page.get_by_role("table", name="Entries")
        entries.get_by_role("cell").get_by_role("button").first.click()
        sees(page, re.compile("^Followed .+"))


_WIDE = "document.documentElement.scrollWidth - innerWidth"


def is_beside(page: Page) -> bool:
    """Return True if the fields stand beside the picker of the entity type."""
    picker = page.get_by_label("Entity Type").first.bounding_box()
    fields = page.get_by_role("searchbox", name="Search Fields").bounding_box()
    assert picker is not None
    assert fields is not None
    return fields["x"] >= picker["x"] + picker["width"]


def sees(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_text(text).first).to_be_visible(timeout=60_000)
