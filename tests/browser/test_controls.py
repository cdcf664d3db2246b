"""The controls in a page of their own: large files, paging, the keyboard."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ServedPage, running

pytestmark = pytest.mark.browser

SOURCE = """
import ipywidgets as ipw
from pathlib import Path
from dmc_widgets.widgets.controls import *
from dmc_widgets.widgets.theme import style_widget
from dmc_widgets.workspace import Upload

folder = Path({folder!r})
told = ipw.Label()

class Numbers:
    def found(self, query):
        return [each for each in range(1, 1_000_001) if query in str(each)]

    def count(self, query):
        return len(self.found(query))

    def rows(self, offset, limit, sort, query):
        found = self.found(query)
        if sort and sort[1]:
            found.reverse()
        return [
            {{
                "key": str(each),
                "number": each,
                "name": f"<b>{{each}}</b>",
                "actions": [("greet", "Say Hello"), ("part", "Say Goodbye")],
            }}
            for each in found[offset : offset + limit]
        ]

def done(path, name):
    path.replace(folder / "received")
    told.value = f"received {{name}}"

upload = UploadControl(lambda name, size: Upload(folder, name, size), done)
download = DownloadButton(
    "Download", lambda: ("sent.bin", read_chunks(folder / "received"))
)
table = PagedTable(
    Numbers(),
    [
        Column("number", "Number", kind="number", sortable=True),
        Column("name", "Name"),
        Column("actions", "Actions", kind="actions"),
    ],
    label="Numbers",
    searchable=True,
    on_action=lambda key, action: setattr(told, "value", f"{{action}} {{key}}"),
)
title = ipw.HTML("<h1>Controls</h1>")
page = ipw.VBox([style_widget(), title, upload, download, told, table])
page.add_class("dmc-page")
page
"""

RUN = """
import sys
from pathlib import Path
from dmc_widgets import serve
serve.locate_notebook = lambda: Path(sys.argv[1])
sys.exit(serve.serve(None, port=8941, open_browser=False))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("controls")


@pytest.fixture(scope="module")
def served(browser: Browser, folder: Path) -> Iterator[ServedPage]:
    """The notebook of this file, served as the dashboard is."""
    notebook = folder / "controls.ipynb"
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "controls",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": SOURCE.format(folder=str(folder)),
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {
        "cells": [cell],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    notebook.write_text(json.dumps(content))
    with running([sys.executable, "-c", RUN, str(notebook)], folder) as url:
        yield ServedPage(browser, url)


@pytest.fixture
def page(served: ServedPage, request: pytest.FixtureRequest) -> Iterator[Page]:
    with served.opened("Controls", request.node.name) as opened:
        yield opened


def test_file_larger_than_one_message_is_uploaded_and_downloaded(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    """12 MB: the upload widget of ipywidgets would fail without a word."""
    sent = tmp_path / "large.json"
    sent.write_bytes(random.Random(7).randbytes(12_000_000))
    page.locator("input[type=file]").set_input_files(sent)
    expect(page.get_by_text("received large.json")).to_be_visible(timeout=60_000)
    assert (folder / "received").read_bytes() == sent.read_bytes()

    with page.expect_download(timeout=60_000) as started:
        page.get_by_role("button", name="Download").click()
    assert started.value.suggested_filename == "sent.bin"
    assert Path(started.value.path()).read_bytes() == sent.read_bytes()

    page.get_by_role("button", name="Clear large.json").click()
    (tmp_path / "empty.json").write_bytes(b"")
    page.locator("input[type=file]").set_input_files(tmp_path / "empty.json")
    expect(page.get_by_text("received empty.json")).to_be_visible()
    assert (folder / "received").read_bytes() == b""


def test_million_rows_are_paged_searched_and_sorted(page: Page) -> None:
    rows = page.get_by_role("row")
    expect(page.get_by_text("of 1,000,000")).to_be_visible()
    expect(rows).to_have_count(21)
    # A stranger's text stays text.
    expect(rows.nth(1)).to_contain_text("<b>1</b>")

    page.get_by_role("button", name="Last page").click()
    expect(rows.nth(20)).to_contain_text("1,000,000")
    page.get_by_role("button", name="Number").click()
    page.get_by_role("button", name="Number").click()
    expect(page.get_by_role("columnheader", name="Number")).to_have_attribute(
        "aria-sort", "descending"
    )
    page.get_by_role("searchbox").fill("99999")
    expect(page.get_by_text("of 19")).to_be_visible()


def test_menu_works_by_keyboard(page: Page) -> None:
    button = page.get_by_role("row").nth(3).get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Say Hello")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("part 3", exact=True)).to_be_visible()
    expect(button).to_be_focused()
