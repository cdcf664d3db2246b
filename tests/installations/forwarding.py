"""A server in front of a sandbox that answers some requests itself."""

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
    """Forwards to the sandbox; a test replaces *answering* to answer itself."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self.answering: Answering = self.forward

    def __call__(self, request: Request) -> Answer:
        return self.answering(request)

    def forward(self, request: Request) -> Answer:
        response = self._client.request(
            request.method,
            request.path,
            params=request.params,
            content=request.body,
            headers={k: v for k, v in request.headers.items() if k in _PASSED_ON},
        )
        is_json = "json" in response.headers.get("content-type", "")
        return Answer(
            response.json() if is_json else response.content, response.status_code
        )


@contextmanager
def forwarded(folder: Path) -> Iterator[tuple[LiferayInstallation, Sandbox]]:
    """Yield an installation, and the forwarding server that its requests go to."""
    with (
        run_sandbox(folder / "sandbox.db") as sandbox,
        httpx2.Client(base_url=sandbox.url) as client,
    ):
        sandbox_server = Sandbox(client)
        with canned(sandbox_server) as server:
            installation = open_liferay(parse_address(server.url), CALLER, QUICK)
            try:
                yield installation, sandbox_server
            finally:
                installation.close()
