"""Large files in a real Chromium, over a connection that is cut on the way."""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import ServedPage, launch, running
from tests.browser.cut_connection import CutConnection

pytestmark = pytest.mark.browser

SERVED_PORT = 8942
WAIT_MS = 120_000

SOURCE = """
import ipywidgets as ipw
from pathlib import Path
from dmc_widgets.widgets.controls import *
from dmc_widgets.widgets.theme import style_widget
from dmc_widgets.workspace import Upload

folder = Path({folder!r})
told = ipw.Label()

def done(path, name):
    target = folder / "tasks" / name
    target.parent.mkdir(exist_ok=True)
    path.replace(target)
    told.value = f"received {{name}}"

def open_upload(name, size):
    return Upload(folder / "uploads", name, size)

def make():
    for number in range(100):
        yield b"%03d" % number * 10_000

stored = folder / "tasks" / "route.json"
parts = [
    UploadControl(open_upload, done, label="By the route"),
    UploadControl(open_upload, done, label="By messages", transfers_url=""),
    DownloadButton("Stored", lambda: ("stored.json", read_chunks(stored))),
    DownloadButton("Made", lambda: ("made.txt", make())),
    told,
]
page = ipw.VBox([style_widget(), ipw.HTML("<h1>Transfers</h1>"), *parts])
page.add_class("dmc-page")
page
"""

RUN = """
import sys
from pathlib import Path
from dmc_widgets import serve
serve.locate_notebook = lambda: Path(sys.argv[1])
sys.exit(serve.serve(None, port=int(sys.argv[2]), open_browser=False))
"""


def write_notebook(folder: Path) -> Path:
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "transfers",
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
    notebook = folder / "transfers.ipynb"
    notebook.write_text(json.dumps(content))
    return notebook


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("transfers")


@pytest.fixture(scope="module")
def connection() -> Iterator[CutConnection]:
    opened = CutConnection(SERVED_PORT)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def page(folder: Path, connection: CutConnection) -> Iterator[Page]:
    """A page whose address is the server's, and whose connections can be cut."""
    served_at = f"127.0.0.1:{SERVED_PORT}"
    rules = f"MAP {served_at} 127.0.0.1:{connection.port}"
    command = [sys.executable, "-c", RUN, str(write_notebook(folder))]
    with (
        running([*command, str(SERVED_PORT)], folder) as url,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright.chromium, f"--host-resolver-rules={rules}")
        with ServedPage(browser, url).opened("Transfers", "transfers") as opened:
            yield opened
        browser.close()


# The dialog of the browser cannot be driven: the file is in the page's own folder.
CHOOSE_FILE = """
window.showSaveFilePicker = async () => {
  const folder = await navigator.storage.getDirectory();
  return folder.getFileHandle("saved", { create: true });
};
"""
SAVE_CHOSEN = """
async () => {
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle("saved")).getFile();
  const href = URL.createObjectURL(file);
  Object.assign(document.createElement("a"), { href, download: "saved" }).click();
}
"""


def save_chosen_file(page: Page, target: Path) -> None:
    with page.expect_download(timeout=WAIT_MS) as started:
        page.evaluate(SAVE_CHOSEN)
    started.value.save_as(target)


def wait_for(condition: Any, limit_s: float = WAIT_MS / 1000) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    "upload",
    [("By the route", "route.json", 64), ("By messages", "messages.json", 12)],
)
def test_cut_upload_says_so_and_goes_on_by_itself(
    page: Page,
    folder: Path,
    tmp_path: Path,
    connection: CutConnection,
    upload: tuple[str, str, int],
) -> None:
    label, name, megabytes = upload

    sent = tmp_path / name
    sent.write_bytes(random.Random(7).randbytes(megabytes * 1_000_000))
    before = connection.passed_up
    page.get_by_label(label).set_input_files(sent)
    wait_for(lambda: connection.passed_up - before > megabytes * 300_000)
    connection.cut()
    notice = page.get_by_text("The connection is lost.")
    expect(notice).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("button", name=f"Continue {name}")).to_be_visible()
    connection.mend()

    expect(page.get_by_text(f"received {name}")).to_be_visible(timeout=WAIT_MS)
    expect(notice).to_be_hidden()
    received = (folder / "tasks" / name).read_bytes()
    assert (
        hashlib.sha256(received).digest() == hashlib.sha256(sent.read_bytes()).digest()
    )
    # What had arrived did not travel again, but for a piece or two.
    assert connection.passed_up - before < megabytes * 1_000_000 + 10_000_000


def test_cut_download_of_a_large_file_goes_on_by_itself(
    page: Page, folder: Path, tmp_path: Path, connection: CutConnection
) -> None:
    """The page writes what it fetches to the disk, and asks for the rest."""
    page.evaluate(CHOOSE_FILE)
    before = connection.passed_down
    page.get_by_role("button", name="Stored").click()
    wait_for(lambda: connection.passed_down - before > 20_000_000)
    connection.cut()
    expect(page.get_by_text("The connection is lost. Trying again")).to_be_visible()
    connection.mend()
    expect(page.get_by_text("stored.json is saved")).to_be_visible(timeout=WAIT_MS)

    save_chosen_file(page, tmp_path / "saved")
    stored = folder / "tasks" / "route.json"
    assert (tmp_path / "saved").read_bytes() == stored.read_bytes()
    assert connection.passed_down - before < 80_000_000


def test_file_that_is_made_is_written_first_and_then_saved(page: Page) -> None:
    with page.expect_download(timeout=WAIT_MS) as started:
        page.get_by_role("button", name="Made").click()

    text = Path(started.value.path()).read_text()
    assert started.value.suggested_filename == "made.txt"
    assert "/transfers/download/" in started.value.url
    assert text == "".join(f"{number:03}" * 10_000 for number in range(100))
    expect(page.get_by_text("The browser saves made.txt")).to_be_visible()
