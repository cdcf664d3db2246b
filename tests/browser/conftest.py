"""A real Voilà on a fresh workspace, and a real Chromium that cannot reach out."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, BrowserType, Page, sync_playwright
from playwright.sync_api import TimeoutError as PageTimeout

from dmc_widgets import open_center
from dmc_widgets.center import Center
from tests.browser.person import WINDOW, Person

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SCREENSHOTS = Path(__file__).parents[2] / "screenshots"

# Whatever is not on this machine does not resolve: every test is an offline test.
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
_QUIET = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ServedPage:
    """An address, and the opening of pages at it.

    Args:
        browser: Opens the pages.
        url: The address.
        styles: Where the page may ask for style sheets beside its own server.
    """

    def __init__(self, browser: Browser, url: str, styles: str = "data:") -> None:
        self._browser = browser
        own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
        self._allowed = (*own, styles)
        self.url = url

    @contextmanager
    def opened(self, shows: str, name: str) -> Iterator[Page]:
        """Give a page of a new person on which the heading or button *shows* stands.

        The test fails on an error in the page and on a request to elsewhere. A
        page that did not load is loaded once again, because a busy machine lets a
        load time out now and then; nothing else is tried twice.
        """
        context = self._browser.new_context(viewport=WINDOW)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: errors.extend(self._elsewhere(request.url)))
        ready = page.get_by_role("heading", name=shows, exact=True)
        ready = ready.locator("visible=true")
        try:
            for last in (False, True):
                try:
                    page.goto(self.url, timeout=120_000)
                    # The page of the token leads on to that of the dashboard.
                    page.wait_for_url(re.compile(r"[^?]*"), timeout=120_000)
                    page.locator("#loading").wait_for(state="detached", timeout=60_000)
                    ready.wait_for(timeout=60_000)
                    break
                except PageTimeout:
                    if last:
                        raise
            yield page
        finally:
            SCREENSHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
            context.close()
        assert errors == []

    def _elsewhere(self, url: str) -> list[str]:
        return [] if url.startswith(self._allowed) else [url]


# Not for the whole session: while Playwright runs, so does a loop on this thread.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = launch(playwright.chromium, OFFLINE)
        yield started
        started.close()


def launch(chromium: BrowserType, resolving: str) -> Browser:
    """Start a Chromium that resolves names as the option *resolving* says."""
    installed = filter(None, map(shutil.which, _NAMES))
    found = os.environ.get("CHROMIUM") or next(installed, None)
    if not found and not Path(chromium.executable_path).exists():
        reason = "no Chromium here; `make test` installs one"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return chromium.launch(executable_path=found, args=[*_QUIET, *root, resolving])


@contextmanager
def running(
    command: list[str], workspace: Path, log: IO[str] | None = None
) -> Iterator[str]:
    """Run a server that prints its address, and give the address."""
    environment = {**os.environ, "DMC_WORKSPACE": str(workspace)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"the server said {line!r} and ended with {process.poll()}"
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        status = process.wait(timeout=30)
        rest = process.stdout.read()
        process.stdout.close()
    assert (status, rest) == (0, "")


def wait_for_port(server: subprocess.Popen[bytes], port: int) -> None:
    """Wait until a server that prints nothing listens."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    pytest.fail("The server did not start within a minute.")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workspace")


@pytest.fixture(scope="module")
def dashboard_url(workspace: Path) -> Iterator[str]:
    """The dashboard as `dmc serve` serves it."""
    command = [sys.executable, "-m", "dmc_widgets", "serve", "--no-browser"]
    with running([*command, "--port", "8931"], workspace) as url:
        yield url


@pytest.fixture
def page(
    browser: Browser, dashboard_url: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    served = ServedPage(browser, dashboard_url)
    name = re.sub(r"\W+", "-", request.node.name).strip("-")
    with served.opened("Home", name) as opened:
        yield opened


@pytest.fixture
def person(page: Page, tmp_path: Path) -> Person:
    """Somebody who has just opened the dashboard."""
    return Person(page, tmp_path)


@pytest.fixture(scope="module")
def shared_page(
    browser: Browser, dashboard_url: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    served = ServedPage(browser, dashboard_url)
    name = request.module.__name__.rpartition(".")[2]
    with served.opened("Home", name) as opened:
        yield opened


@pytest.fixture
def visitor(shared_page: Page, tmp_path: Path) -> Iterator[Person]:
    """Somebody on one page for all tests of a module: to open one takes seconds."""
    person = Person(shared_page, tmp_path)
    yield person
    person.returns_to_the_lists()


@pytest.fixture(scope="module")
def center(workspace: Path) -> Iterator[Center]:
    """Sees what the dashboard does, from outside."""
    with open_center(workspace) as opened:
        yield opened
