"""Large files both ways over a connection that is cut, and the memory of all sides.

Run by hand: ``python -m tests.transfers --gigabytes 3``. It serves the page of
``tests/browser/test_transfers.py``, uploads a file with two cuts (of 25 and 45
seconds), downloads it with one, compares the digests, and prints how much the memory
of server, kernel and browser has grown at most.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import (
    BrowserContext,
    BrowserType,
    Page,
    expect,
    sync_playwright,
)

from tests.browser.conftest import ServedPage, running
from tests.browser.cut_connection import CutConnection
from tests.browser.test_transfers import (
    CHOOSE_FILE,
    RUN,
    SERVED_PORT,
    save_chosen_file,
    wait_for,
    write_notebook,
)

WAIT_MS = 3_600_000
MEGABYTE = 1_000_000


class Memory:
    """The largest resident memory of processes while it is watched.

    Args:
        processes: Lists the processes of one side.
    """

    def __init__(self, name: str, root: psutil.Process, word: str) -> None:
        self.name = name
        self._root, self._word = root, word
        self.before = self.largest = self._measure()

    def restart(self) -> None:
        """Measure the growth from now on."""
        self.before = self.largest = self._measure()

    def watch(self) -> None:
        """Measure once more."""
        self.largest = max(self.largest, self._measure())

    def _measure(self) -> int:
        try:
            below = self._root.children(recursive=True) if self._word else []
        except psutil.Error:  # one of them has ended in this moment
            return 0
        return sum(map(self._size, below or [self._root]))

    def _size(self, process: psutil.Process) -> int:
        try:
            is_meant = self._word in " ".join(process.cmdline())
            return int(process.memory_info().rss) if is_meant else 0
        except psutil.Error:
            return 0

    def __str__(self) -> str:
        grown = (self.largest - self.before) / MEGABYTE
        return f"{self.name}: {self.before / MEGABYTE:.0f} MB, grown by {grown:.0f} MB"


def write_large(path: Path, size: int) -> str:
    """Write a file whose every megabyte differs, and return its digest."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for number in range(size // MEGABYTE):
            block = hashlib.sha256(str(number).encode()).digest() * 31_250
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cut_for(connection: CutConnection, seconds: float) -> None:
    connection.cut()
    time.sleep(seconds)
    connection.mend()


def upload(page: Page, connection: CutConnection, source: Path, label: str) -> float:
    size = source.stat().st_size
    began, before = time.monotonic(), connection.passed_up
    page.get_by_label(label).set_input_files(source)
    for part, seconds in ((0.3, 25), (0.6, 45)):
        goal = size * part
        wait_for(lambda goal=goal: connection.passed_up - before > goal, 3600)
        expect(page.get_by_text("The connection is lost.")).to_be_hidden()
        cut_for(connection, seconds)
    expect(page.get_by_text(f"received {source.name}")).to_be_visible(timeout=WAIT_MS)
    return time.monotonic() - began


def download(page: Page, connection: CutConnection, target: Path, size: int) -> float:
    page.evaluate(CHOOSE_FILE)
    began, before = time.monotonic(), connection.passed_down
    page.get_by_role("button", name="Stored").click()
    wait_for(lambda: connection.passed_down - before > size * 0.4, 3600)
    cut_for(connection, 25)
    expect(page.get_by_text("stored.json is saved")).to_be_visible(timeout=WAIT_MS)
    seconds = time.monotonic() - began
    save_chosen_file(page, target)
    return seconds


def watched(sides: list[Memory]) -> Iterator[threading.Event]:
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.2):
            for side in sides:
                side.watch()

    threading.Thread(target=watch, daemon=True).start()
    yield stop
    stop.set()


class Profile:
    """A browser with a profile on the disk: that of a test keeps files in memory."""

    def __init__(self, chromium: BrowserType, folder: Path, rules: str) -> None:
        self._context = chromium.launch_persistent_context(
            folder,
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", f"--host-resolver-rules={rules}"],
        )

    def new_context(self, **_: Any) -> BrowserContext:
        return self._context

    def close(self) -> None:
        self._context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=3.0)
    parser.add_argument("--label", default="By the route")
    choices = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        run(Path(name), int(choices.gigabytes * 1000) * MEGABYTE, choices.label)


def run(folder: Path, size: int, label: str) -> None:
    source = folder / "route.json"
    expected = write_large(source, size)
    connection = CutConnection(SERVED_PORT)
    rules = f"MAP 127.0.0.1:{SERVED_PORT} 127.0.0.1:{connection.port}"
    command = [sys.executable, "-c", RUN, str(write_notebook(folder))]
    with (
        running([*command, str(SERVED_PORT)], folder) as url,
        sync_playwright() as playwright,
    ):
        browser: Any = Profile(playwright.chromium, folder / "profile", rules)
        with ServedPage(browser, url).opened("Transfers", "transfers") as page:
            own = psutil.Process()
            (server,) = [
                child for child in own.children() if RUN in " ".join(child.cmdline())
            ]
            sides = [
                Memory("server", server, ""),
                Memory("kernel", server, "ipykernel"),
                Memory("page", own, "--type=renderer"),
                Memory("browser", own, "chrom"),
            ]
            watching = watched(sides)
            next(watching)
            seconds = upload(page, connection, source, label)
            sys.stdout.write(f"up: {seconds:.0f} s with cuts of 25 and 45 s\n")
            assert digest_of(folder / "tasks" / "route.json") == expected
            sys.stdout.write("".join(f"{side}\n" for side in sides))
            sys.stdout.flush()
            for side in sides:
                side.restart()
            saved = folder / "saved"
            seconds = download(page, connection, saved, size)
            sys.stdout.write(f"down: {seconds:.0f} s with a cut of 25 s\n")
            assert digest_of(saved) == expected
            for _ in watching:
                pass
            sys.stdout.write("".join(f"{side}\n" for side in sides))
        browser.close()


if __name__ == "__main__":
    main()
