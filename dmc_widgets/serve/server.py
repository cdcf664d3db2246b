"""Voilà with access control of every request, including static files and websockets.

Voilà leaves its static files open to everybody, accepts any ``Host``, and starts a
kernel for every page that is requested. The access policy applies before all of its
handlers, so that nothing depends on what each of them checks.
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

from ..workspace import default_path
from .access_policy import AccessPolicy, Decision, RequestFacts, cookie_name
from .html_pages import failure_page, full_page, refusal_page, sign_in_page
from .transfer_routes import Transfers, routes

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
    """Voilà with our access policy, kernel manager and error pages.

    Attributes:
        access: The policy that decides about requests.
        transfers: The uploads and downloads of all pages.
    """

    def __init__(self, **settings: Any) -> None:
        self.access = AccessPolicy()
        self.transfers = Transfers(default_path())
        super().__init__(**settings)

    def decide(self, request: HTTPServerRequest) -> Decision:
        """Decide about a request."""
        tokens = request.query_arguments.get("token", [])
        described = RequestFacts(
            method=request.method or "",
            target=request.uri or "",
            headers=tuple(request.headers.get_all()),
            cookies={name: item.value for name, item in request.cookies.items()},
            tokens=tuple(token.decode("utf-8", "replace") for token in tokens),
        )
        return self.access.decide(described, self.port)

    def identify(self, _request: HTTPServerRequest) -> tuple[str, str]:
        """Return the user and the sign-in of an allowed request."""
        return "", ""

    def init_settings(self) -> dict[str, Any]:
        """Add our headers, and a log without tokens."""
        settings: dict[str, Any] = super().init_settings()
        return {**settings, "headers": _HEADERS, "log_function": _log}

    def init_handlers(self) -> list[Any]:
        """Refuse requests before any handler of Voilà sees them."""
        handlers = [
            (pattern, Dashboard if handler is TornadoVoilaHandler else handler, *rest)
            for pattern, handler, *rest in super().init_handlers()
        ]
        return [
            Rule(_RefusedRequests(self), RefusalHandler, {"server": self}),
            *routes(self.base_url, self),
            *handlers,
        ]


class _RefusedRequests(Matcher):
    """Matches the requests that Voilà must not answer."""

    def __init__(self, server: DashboardServer) -> None:
        self._server = server

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        allowed = self._server.decide(request) is Decision.ALLOWED
        return None if allowed else {}


@stream_request_body  # a refused request must not fill the memory first
class RefusalHandler(RequestHandler):
    """Answers requests that the policy does not allow: signs in, or refuses."""

    def initialize(self, server: DashboardServer) -> None:
        """Store the server, which decides about requests."""
        self._server = server

    def set_default_headers(self) -> None:
        """Keep the response and the address with the token out of caches."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")

    def prepare(self) -> None:
        """Answer the request, whatever its method is."""
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
    """The page of the dashboard. It starts a kernel unless too many are running."""

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write our error page: Voilà lacks parts of Jupyter's."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        if status_code == _STATUS_FULL:
            self.set_header("Retry-After", "120")
            self.finish(full_page(self.kernel_manager.max_kernels))
        else:
            self.finish(failure_page(status_code))


class Identity(IdentityProvider):
    """The single user of the dashboard, for Voilà's own checks."""

    def get_user(self, handler: RequestHandler) -> User | None:
        """Return the user, if the policy allows the request."""
        server: Any = self.parent
        allowed = server.decide(handler.request) is Decision.ALLOWED
        return User(username="dashboard") if allowed else None

    def get_handlers(self) -> list[tuple[str, object]]:
        """Offer no page to log in or out: there are no passwords."""
        return []


class BoundedKernelManager(AsyncMappingKernelManager):
    """Starts no more kernels than a machine can run.

    A kernel counts from the moment of the request for it, so that many requests at the
    same time are limited as well.
    """

    max_kernels = Integer(10, config=True, help="How many kernels may run at once.")

    def __init__(self, **settings: Any) -> None:
        self._starting: set[str] = set()
        super().__init__(**settings)

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel and return its id.

        Raises:
            HTTPError: As many as are allowed are running or starting (503).
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
