"""Voilà behind a gate: every request passes it, static files and websockets too.

Voilà leaves its static files open to everybody, accepts any ``Host``, and starts a
kernel for any page that it is asked for. The gate stands in front of all its
handlers, so that nothing depends on what each of them checks by itself.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.log import log_request
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import HTTPError, RequestHandler, stream_request_body
from traitlets import Integer
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler

from .access_policy import AccessPolicy, Decision, RequestFacts, cookie_name
from .html_pages import failure_page, full_page, refusal_page, sign_in_page

_STATUS_FULL = 503
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Jupyter's own protection compares the Referer of requests to its API.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class DashboardServer(Voila):
    """Voilà with our gate, our kernel manager and our pages for errors.

    Attributes:
        access: What decides about requests.
    """

    def __init__(self, **settings: Any) -> None:
        self.access = AccessPolicy()
        super().__init__(**settings)

    def decide(self, request: HTTPServerRequest) -> Decision:
        """Decide what becomes of a request."""
        tokens = request.query_arguments.get("token", [])
        described = RequestFacts(
            method=request.method or "",
            target=request.uri or "",
            headers=tuple(request.headers.get_all()),
            cookies={name: item.value for name, item in request.cookies.items()},
            tokens=tuple(token.decode("utf-8", "replace") for token in tokens),
        )
        return self.access.decide(described, self.port)

    def init_settings(self) -> dict[str, Any]:
        """Add our headers, and a log that leaves out tokens."""
        settings: dict[str, Any] = super().init_settings()
        return {**settings, "headers": _HEADERS, "log_function": _log}

    def init_handlers(self) -> list[Any]:
        """Put the gate in front of Voilà's handlers."""
        handlers = [
            (pattern, Dashboard if handler is TornadoVoilaHandler else handler, *rest)
            for pattern, handler, *rest in super().init_handlers()
        ]
        return [
            Rule(_RefusedRequests(self), RefusalHandler, {"server": self}),
            *handlers,
        ]


class _RefusedRequests(Matcher):
    """Matches the requests that must not go on to Voilà."""

    def __init__(self, server: DashboardServer) -> None:
        self._server = server

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        allowed = self._server.decide(request) is Decision.ALLOWED
        return None if allowed else {}


@stream_request_body  # a refused request must not fill the memory first
class RefusalHandler(RequestHandler):
    """Answers what the gate has stopped: signs a browser in, or refuses."""

    def initialize(self, server: DashboardServer) -> None:
        """Take the server, which knows what was decided."""
        self._server = server

    def set_default_headers(self) -> None:
        """Keep the answer, and the address with the token, to this one page."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")

    def prepare(self) -> None:
        """Answer whatever the method is."""
        port = self._server.port
        decision = self._server.decide(self.request)
        if decision is not Decision.SIGN_IN:
            self.set_status(403)
            self.finish(refusal_page(decision, port))
            return
        self.set_cookie(
            cookie_name(port),
            self._server.access.cookie,
            httponly=True,
            samesite="Strict",
        )
        self.finish(sign_in_page())

    def data_received(self, chunk: bytes) -> None:
        """Ignore the body of a request that was answered already."""


class Dashboard(TornadoVoilaHandler):
    """The page of the dashboard. It starts a kernel, if there is room for one."""

    def write_error(self, status_code: int, **_: Any) -> None:
        """Say what is wrong: Voilà lacks parts of Jupyter's error pages."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if status_code == _STATUS_FULL:
            self.set_header("Retry-After", "120")
            self.finish(full_page(self.kernel_manager.max_kernels))
        else:
            self.finish(failure_page(status_code))


class Identity(IdentityProvider):
    """The one person whom the gate lets in; asked by Voilà's own checks."""

    def get_user(self, handler: RequestHandler) -> User | None:
        """Return the person, unless the gate would have stopped the request."""
        server: Any = self.parent
        allowed = server.decide(handler.request) is Decision.ALLOWED
        return User(username="dashboard") if allowed else None

    def get_handlers(self) -> list[tuple[str, object]]:
        """Offer no page to log in or out: there are no passwords."""
        return []


class BoundedKernelManager(AsyncMappingKernelManager):
    """Starts no more kernels than a machine can bear.

    A kernel is counted from the moment that it was asked for, so that many requests
    at once are bounded as well.
    """

    max_kernels = Integer(10, config=True, help="How many kernels may run at once.")

    def __init__(self, **settings: Any) -> None:
        self._starting: set[str] = set()
        super().__init__(**settings)

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel and return its id.

        Raises:
            HTTPError: As many are running or starting as are allowed (503).
        """
        if len({*self.list_kernel_ids(), *self._starting}) >= self.max_kernels:
            raise HTTPError(_STATUS_FULL, "Too many kernels.")
        kernel_id = self.new_kernel_id()
        self._starting.add(kernel_id)
        try:
            return await super().start_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self._starting.discard(kernel_id)


def _log(handler: RequestHandler) -> None:
    log_request(handler, record_prometheus_metrics=False)
