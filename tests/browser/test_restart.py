"""A page that stays open while its server ends and is started again."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dmc_widgets import open_center
from tests.browser.conftest import ServedPage, running
from tests.browser.person import Person

pytestmark = pytest.mark.browser

SERVE = ["-m", "dmc_widgets", "serve", "--no-browser", "--port", "8945"]
SECONDS = 1_000
LOAD_MS = 60 * SECONDS


def test_open_page_comes_back_where_it_was_and_the_log_stays_empty(
    browser: Browser, tmp_path: Path
) -> None:
    """It is signed in still, and tells what ended while it saw nothing."""
    workspace, log = tmp_path / "workspace", tmp_path / "log"
    command = [sys.executable, *SERVE]
    with log.open("w") as errors:
        first = running(command, workspace, errors)
        url = first.__enter__()
        with ServedPage(browser, url).opened("Home", "restart") as page:
            Person(page, tmp_path).opens_page("Templates")
            first.__exit__(None, None, None)
            lost = page.get_by_text("The connection is lost.")
            expect(lost).to_be_visible(timeout=3 * SECONDS)

            with open_center(workspace) as center:
                center.export_file(
                    "Sample source", "Bicycle", tmp_path / "bicycles.jsonl.zip"
                )
            with running(command, workspace, errors) as again:
                assert again == url
                expect(lost).to_be_hidden(timeout=LOAD_MS)
                heading = page.get_by_role("heading", name="Templates", exact=True)
                expect(heading).to_be_visible(timeout=LOAD_MS)
                assert re.fullmatch(r"http://127.0.0.1:8945/#/templates", page.url)
                ended = "Meanwhile the task Bicycle"
                expect(page.get_by_text(ended)).to_be_visible(timeout=LOAD_MS)

    assert log.read_text() == ""
