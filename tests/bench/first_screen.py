"""The time to the first useful screen, beside that of an empty ipywidgets notebook.

``make bench ARGS="first-screen"``. It serves the dashboard
by ``dmc serve`` and a notebook of one button by plain Voilà with the same extensions,
and opens them in turns in a Chromium that knows both: from the request until Home's
ways in, or the button, can be clicked. It prints medians, and the processor time of the
kernel and of all processes together by then, which a busy machine does not lengthen.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil
from playwright.sync_api import BrowserContext, Locator, Page, sync_playwright

from dmc_widgets.serve import EXTENSIONS
from tests.bench.measure import Measure
from tests.bench.measuring import cpu_s, say
from tests.browser.conftest import OFFLINE, launch, running

WAIT_MS = 120_000
BUTTON = 'import ipywidgets\nipywidgets.Button(description="Press")'
PAUSE_S = 5.0


@dataclass
class Side:
    """One of the two pages, and what was measured of it.

    Attributes:
        name: Its name in the output.
        url: Its address.
        shows: The role and the name of what can be clicked once the page is useful.
        wall_s: The seconds from the request until then.
        kernel_s: The processor time of the kernels meanwhile.
        all_s: That of the servers, the kernels and the browser together.
    """

    name: str
    url: str
    shows: tuple[Literal["button", "link"], str]
    _page: Page = field(init=False)
    _useful: Locator = field(init=False)
    wall_s: list[float] = field(default_factory=list)
    kernel_s: list[float] = field(default_factory=list)
    all_s: list[float] = field(default_factory=list)

    def visit(self, context: BrowserContext) -> None:
        """Open the page for the first time, which is not measured."""
        self._page = context.new_page()
        role, name = self.shows
        self._useful = self._page.get_by_role(role, name=name)
        self._page.goto(self.url, wait_until="commit")
        self._useful.wait_for(timeout=WAIT_MS)
        self._leave()

    def open(self) -> None:
        """Open the page, and leave it again."""
        before = _processor_times()
        begun = time.perf_counter()
        self._page.goto(self.url.partition("?")[0], wait_until="commit")
        self._useful.click(trial=True, timeout=WAIT_MS)
        self.wall_s.append(time.perf_counter() - begun)
        spent = _processor_times()
        self.all_s.append(_difference(before, spent))
        kernels = {key: seconds for key, seconds in spent.items() if key[1]}
        self.kernel_s.append(_difference(before, kernels))
        self._leave()

    def _leave(self) -> None:
        for _ in range(2):  # a kernel for the next page is made ready, the old one ends
            time.sleep(PAUSE_S)
            self._page.goto("about:blank")

    def __str__(self) -> str:
        measured = (self.wall_s, self.kernel_s, self.all_s)
        wall, kernel, everything = map(statistics.median, measured)
        low, high = min(self.wall_s), max(self.wall_s)
        return (
            f"{self.name}: {wall:.2f} s ({low:.2f} to {high:.2f}); processor time of "
            f"the kernel {kernel:.2f} s, of all {everything:.2f} s"
        )


def _processor_times() -> dict[tuple[int, bool], float]:
    """Return the seconds of each process below this one, and whether it is a kernel."""
    times = {}
    for child in psutil.Process().children(recursive=True):
        try:
            is_kernel = "ipykernel" in " ".join(child.cmdline())
            times[child.pid, is_kernel] = cpu_s(child)
        except psutil.Error:
            continue
    return times


def _difference(
    before: dict[tuple[int, bool], float], after: dict[tuple[int, bool], float]
) -> float:
    return sum(seconds - before.get(key, 0.0) for key, seconds in after.items())


def write_notebook(path: Path, source: str) -> Path:
    """Write a notebook of one cell."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {
        "cells": [{**cell, "id": "only", "outputs": [], "source": source}],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content))
    return path


@contextmanager
def plain_voila(folder: Path) -> Iterator[str]:
    """Serve the notebook of one button by Voilà as it is installed."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    notebook = write_notebook(folder / "button.ipynb", BUTTON)
    allowed = f"--VoilaConfiguration.extension_allowlist={EXTENSIONS}"
    options = ["--no-browser", "--Voila.ip=127.0.0.1", f"--port={port}", allowed]
    process = subprocess.Popen(
        [sys.executable, "-m", "voila", str(notebook), *options],
        stderr=subprocess.DEVNULL,
        cwd=folder,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        _wait_until_answered(f"{url}voila/static/voila.js")
        yield url
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_answered(url: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def bench_first_screen(folder: Path, rounds: int) -> list[Measure]:
    """Print one line a page, and return the ratio of seconds."""
    command = [sys.executable, "-m", "dmc_widgets", "serve", "--no-browser"]
    with (
        running([*command, "--port", "8951"], folder / "workspace") as url,
        plain_voila(folder) as plain_url,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright.chromium, OFFLINE)
        dashboard = Side("dashboard", url, ("link", "Import a File"))
        empty = Side("one button", plain_url, ("button", "Press"))
        context = browser.new_context()
        for side in (empty, dashboard):
            side.visit(context)
        for _ in range(rounds):
            empty.open()
            dashboard.open()
            say(f"  {empty.wall_s[-1]:.2f} s, {dashboard.wall_s[-1]:.2f} s")
        browser.close()
    say(str(empty))
    say(str(dashboard))
    wall, processor = (
        statistics.median(ours) / statistics.median(theirs)
        for ours, theirs in (
            (dashboard.wall_s, empty.wall_s),
            (dashboard.all_s, empty.all_s),
        )
    )
    say(
        f"{wall:.2f} times the page of one button; processor time {processor:.2f} times"
    )
    what = "first useful screen under Voila beside a page of one button, wall time"
    spread = max(
        (max(seconds) - min(seconds)) / statistics.median(seconds)
        for seconds in (dashboard.wall_s, empty.wall_s)
    )
    return [Measure(what, 1.3, wall, "x", spread)]
