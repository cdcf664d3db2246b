"""How a browser gets into the dashboard, and what other websites get."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from dmc_widgets.serve.html_pages import redirect_page
from tests.browser.conftest import launch, running
from tests.serve.kernels import kernel_pids

PROMPT = "Open the address that dmc serve printed when it started"


# Without a kernel that is kept ready: which of them a page has started shows.
RUN = """
import sys
from dmc_widgets import serve
serve.KEEPS_SPARE = False
sys.exit(serve.serve(None, port=8943, open_browser=False))
"""


@pytest.fixture(scope="module")
def dashboard_url(workspace: Path) -> Iterator[str]:
    with running([sys.executable, "-c", RUN], workspace) as url:
        yield url


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """Another website: another port of this machine, which shares its cookies."""
    handler = partial(_Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A browser that was not in the dashboard yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def root_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def kernels() -> set[int]:
    return kernel_pids(os.getpid())


def is_in(page: Page, root: str) -> None:
    page.wait_for_url(root, timeout=60_000)
    page.locator("#loading").wait_for(state="detached", timeout=60_000)
    home = page.get_by_role("heading", name="Home", exact=True)
    expect(home).to_be_visible(timeout=60_000)


def test_login_file_opens_the_dashboard(
    visitor: Page, dashboard_url: str, tmp_path: Path
) -> None:
    """The token is neither in the address bar nor in the history afterwards."""
    file = tmp_path / "open.html"
    file.write_text(redirect_page(dashboard_url))

    visitor.goto(file.as_uri())
    is_in(visitor, root_of(dashboard_url))

    assert visitor.evaluate("document.cookie") == ""
    assert visitor.evaluate("document.referrer") == ""
    visitor.reload()
    is_in(visitor, root_of(dashboard_url))


def test_link_from_another_site_needs_the_token(
    visitor: Page, dashboard_url: str, site: str, tmp_path: Path
) -> None:
    root = root_of(dashboard_url)
    page = f'<a href="{root}">without</a> <a href="{dashboard_url}">with</a>'
    (tmp_path / "links.html").write_text(page)
    before = kernels()

    visitor.goto(f"{site}/links.html")
    visitor.get_by_text("without").click()
    expect(visitor.get_by_text("Another website or program asked")).to_be_visible()
    visitor.get_by_role("link", name="Open the dashboard").click()
    expect(visitor.get_by_text(PROMPT)).to_be_visible()
    assert kernels() <= before  # those of pages that were left may end

    visitor.goto(f"{site}/links.html")
    visitor.get_by_text("with", exact=True).click()
    is_in(visitor, root)
    visitor.goto(f"{site}/links.html")
    visitor.get_by_text("without").click()
    visitor.get_by_role("link", name="Open the dashboard").click()
    is_in(visitor, root)


FOREIGN = """
<img src="{root}"> <iframe src="{root}"></iframe> <script src="{root}"></script>
<form action="{root}" method="post"></form>
<script>
  const channels = '{root}api/kernels/0-0-0-0-0/channels';
  const socket = new WebSocket(channels.replace('http', 'ws'));
  const opened = new Promise((done) => {{
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  }});
  const asked = {{ credentials: 'include', mode: 'no-cors' }};
  const fetched = fetch('{root}', asked).catch(() => null);
  addEventListener('load', async () => {{
    await fetched;
    document.title = `done ${{await opened}}`;
  }});
</script>
"""


def test_other_site_cannot_start_a_kernel_in_a_signed_in_browser(
    visitor: Page, dashboard_url: str, site: str, tmp_path: Path
) -> None:
    """A server on another port of this machine gets the cookie, but not further."""
    root = root_of(dashboard_url)
    (tmp_path / "foreign.html").write_text(FOREIGN.format(root=root))
    visitor.goto(dashboard_url)
    is_in(visitor, root)
    other = visitor.context.new_page()
    before = kernels()

    other.goto(f"{site}/foreign.html")
    expect(other).to_have_title("done false", timeout=30_000)
    other.evaluate("document.querySelector('form').submit()")
    expect(other.get_by_text("Another website or program asked")).to_be_visible()

    assert kernels() <= before  # those of pages that were left may end


def test_dns_rebinding_is_refused(dashboard_url: str, browser: Browser) -> None:
    """DNS rebinding: the name is another one, and the address is ours."""
    port = urlsplit(dashboard_url).port
    before = kernels()
    rebinding = "--host-resolver-rules=MAP rebound.example 127.0.0.1"
    launched = launch(browser.browser_type, rebinding)
    try:
        page = launched.new_page()
        for query in ("", f"?{urlsplit(dashboard_url).query}"):
            page.goto(f"http://rebound.example:{port}/{query}")
            expect(page.get_by_text("This server answers only at")).to_be_visible()
    finally:
        launched.close()

    assert kernels() <= before  # those of pages that were left may end
