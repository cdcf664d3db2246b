"""Many pages that run tasks for a while: memory of server and kernels, and the log.

Run by hand: ``python -m tests.sessions --sessions 10 --minutes 60``. It serves one
workspace by ``dmc serve``, opens a page of it in each of so many browser contexts, and
lets a task run in the view of each, over and over, until the time is up. It prints the
memory of the server and of the largest kernel each tenth of the time, and fails if the
log of the server is not empty, or if pages and workspace disagree about the tasks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dmc_widgets import open_center
from dmc_widgets.center import Center
from tests.bench.measuring import say
from tests.browser.conftest import OFFLINE, launch, running

WAIT_MS = 120_000
PORT = 8953
MEGABYTE = 1_000_000


def open_pages(browser: Browser, url: str, count: int) -> list[Page]:
    """Open the list of tasks in *count* browsers."""
    pages = []
    for _ in range(count):
        page = browser.new_context().new_page()
        page.goto(url)
        page.get_by_role("link", name="Import a File").wait_for(timeout=WAIT_MS)
        page.evaluate("location.hash = '#/tasks'")
        page.get_by_role("heading", name="Tasks", exact=True).wait_for(timeout=WAIT_MS)
        pages.append(page)
    return pages


def run_task(center: Center, folder: Path) -> str:
    """Export some records, and return the name of the task."""
    task = center.export_file("Sample source", "Bicycle", folder / "bicycles.jsonl.zip")
    return task.name


def measure(server: psutil.Process) -> tuple[float, float, int]:
    """Return the memory of the server, that of the largest kernel, and their number."""
    kernels = []
    for child in server.children(recursive=True):
        try:
            if "ipykernel" in " ".join(child.cmdline()):
                kernels.append(child.memory_info().rss / MEGABYTE)
        except psutil.Error:  # it has ended meanwhile
            continue
    own = server.memory_info().rss / MEGABYTE
    return own, max(kernels, default=0.0), len(kernels)


def watch(pages: list[Page], workspace: Path, until: float) -> int:
    """Run tasks until the time is up, each seen by every page; return their number."""
    (server,) = (
        child
        for child in psutil.Process().children()
        if "dmc_widgets" in child.cmdline()
    )
    step = (until - time.monotonic()) / 10
    due, count = time.monotonic(), 0
    with open_center(workspace) as center:
        while time.monotonic() < until:
            name = run_task(center, workspace)
            count += 1
            for page in pages:
                expect(page.get_by_text(name).first).to_be_visible(timeout=WAIT_MS)
            if time.monotonic() >= due:
                due += step
                own, kernel, kernels = measure(server)
                say(
                    f"{count} tasks: server {own:.0f} MB, {kernels} kernels, "
                    f"the largest {kernel:.0f} MB"
                )
    return count


def main() -> None:
    """Run the tasks, and fail if the log is not empty."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60.0)
    choices = parser.parse_args()
    command = [sys.executable, "-m", "dmc_widgets", "serve", "--no-browser"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace, log = folder / "workspace", folder / "log"
        with (
            log.open("w") as errors,
            running([*command, "--port", str(PORT)], workspace, errors) as url,
            sync_playwright() as playwright,
        ):
            browser = launch(playwright.chromium, OFFLINE)
            pages = open_pages(browser, url, choices.sessions)
            until = time.monotonic() + choices.minutes * 60
            count = watch(pages, workspace, until)
            browser.close()
        said = log.read_text()
    say(f"{count} tasks, each seen by {choices.sessions} pages; the log: {said!r}")
    if said:
        sys.exit(1)


if __name__ == "__main__":
    main()
