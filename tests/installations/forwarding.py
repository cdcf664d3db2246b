"""A server that stands before a sandbox, and answers some requests itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from tests.installations.canned_server import Answer, Answering, Request, canned
from tests.installations.old_server import CALLER, QUICK
from tests.sandbox.conftest import run_sandbox

_PASSED_ON = ("Accept", "Authorization", "Content-Type")


class Sandbox:
    """The sandbox behind; a test replaces *answering* with what is to stand before."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self.answering: Answering = self.ask

    def __call__(self, request: Request) -> Answer:
        return self.answering(request)

    def ask(self, request: Request) -> Answer:
        got = self._client.request(
            request.method,
            request.path,
            params=request.params,
            content=request.body,
            headers={k: v for k, v in request.headers.items() if k in _PASSED_ON},
        )
        is_json = "json" in got.headers.get("content-type", "")
        return Answer(got.json() if is_json else got.content, got.status_code)


@contextmanager
def forwarded(folder: Path) -> Iterator[tuple[LiferayInstallation, Sandbox]]:
    """Give an installation, and the sandbox that its requests go to by a detour."""
    with (
        run_sandbox(folder / "sandbox.db") as sandbox,
        httpx2.Client(base_url=sandbox.url) as client,
    ):
        behind = Sandbox(client)
        with canned(behind) as server:
            installation = open_liferay(parse_address(server.url), CALLER, QUICK)
            try:
                yield installation, behind
            finally:
                installation.close()
