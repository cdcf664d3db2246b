"""Voilà with access control of every request, including static files and websockets.

Voilà leaves its static files open to everybody, accepts any ``Host``, and starts a
kernel for every page that is requested. The access policy applies before all of its
handlers, so that nothing depends on what each of them checks.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.log import log_request
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import PeriodicCallback
from tornado.routing import Matcher, Rule
from tornado.web import RequestHandler, stream_request_body
from voila.app import Voila
from voila.tornado.handler import TornadoVoilaHandler
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from ..languages import COOKIE as LANGUAGE_COOKIE
from ..languages import (
    Language,
    choose_language,
    current_language,
    parse_accept_language,
    using_language,
)
from ..languages import gettext as _
from ..workspace import default_path
from .access_policy import SIGN_OUT, Decision, RequestFacts, cookie_name
from .html_pages import (
    failure_page,
    full_page,
    refusal_page,
    sign_in_form,
    sign_in_page,
)
from .kernels import STATUS_FULL, BoundedKernelManager, starting_for
from .options import ServeOptions, build_password_check, build_policy
from .sessions import Session
from .sign_in import (
    PAGE_HEADERS,
    PageHandler,
    PasswordCheck,
    SignInHandler,
    SignOutHandler,
)
from .transfer_routes import Transfers, routes

_LOOK_EVERY_MS = 15_000
_END_S = 15.0


class DashboardServer(Voila):
    """Voilà with our access policy, kernel manager and error pages.

    Attributes:
        options: What ``dmc serve`` was asked for; set before it is initialized.
        access: The policy that decides about requests.
        passwords: Checks passwords; None where the token signs in.
        transfers: The uploads and downloads of all pages.
    """

    options = ServeOptions()

    def __init__(self, **settings: Any) -> None:
        workspace = default_path().expanduser().absolute()
        self.access = build_policy(self.options, workspace)
        check = build_password_check(self.options, workspace)
        self.passwords = PasswordCheck(check) if check else None
        self.transfers = Transfers(workspace)
        self._is_ending = False
        super().__init__(**settings)

    def keep_access(self) -> None:
        """Let the token and the sessions of the last start at this port count again."""
        workspace = default_path().expanduser().absolute()
        self.access = build_policy(self.options, workspace, self.port)

    @property
    def cookie_name(self) -> str:
        """The name of the cookie."""
        return cookie_name(self.port)

    def decide(self, request: HTTPServerRequest) -> Decision:
        """Decide about a request; one about another user's kernel is not allowed."""
        facts = describe_request(request)
        decision = self.access.decide(facts, self.port)
        kernel_id = self.access.kernel_id(facts)
        if decision is Decision.ALLOWED and kernel_id:
            owner = self.kernel_manager.owners.get(kernel_id)
            session = self.access.session(facts, self.port)
            user = session.user if session else None
            # A kernel that was started for no one is not a user's either.
            if user != (owner.user if owner else ""):
                return Decision.NOT_SIGNED_IN
        return decision

    def session_of(self, request: HTTPServerRequest) -> Session | None:
        """Return the session of a request."""
        return self.access.session(describe_request(request), self.port)

    def identify(self, request: HTTPServerRequest) -> tuple[str, str]:
        """Return the user and the sign-in of an allowed request."""
        session = self.session_of(request)
        return (session.user, session.id) if session else ("", "")

    def language_of(self, request: HTTPServerRequest) -> Language:
        """Return the language that the user of a browser has chosen, or prefers."""
        kept = request.cookies.get(LANGUAGE_COOKIE)
        accepted = parse_accept_language(request.headers.get("Accept-Language", ""))
        return choose_language([*([kept.value] if kept else []), *accepted])

    def client_of(self, request: HTTPServerRequest) -> str:
        """Return the address of the browser."""
        return self.access.client(describe_request(request))

    def start_session(self, handler: RequestHandler, user: str) -> None:
        """Sign the browser in that *handler* answers."""
        facts = describe_request(handler.request)
        handler.set_cookie(
            self.cookie_name,
            self.access.sessions.add(user),
            path=self.base_url,
            httponly=True,
            samesite="Strict",
            secure=self.access.scheme(facts) == "https",
        )

    async def end_session(self, session: Session | None) -> None:
        """Sign a browser out, and end the kernels of its pages; tasks go on."""
        if session is None:
            return
        self.access.sessions.remove(session.id)
        await self.kernel_manager.shut_down_of(session)

    def sign_in_form(self, reason: str = "", name: str = "") -> str:
        """Return the page that asks for the password."""
        has_names = self.options.password_hash == ""
        return sign_in_form(self.base_url, reason, name, has_names=has_names)

    def init_settings(self) -> dict[str, Any]:
        """Add our headers, and a log without tokens."""
        settings: dict[str, Any] = super().init_settings()
        return {**settings, "headers": PAGE_HEADERS, "log_function": _log}

    def init_handlers(self) -> list[Any]:
        """Refuse requests before any handler of Voilà sees them."""
        handlers = [
            (pattern, _OURS.get(handler, handler), *rest)
            for pattern, handler, *rest in super().init_handlers()
        ]
        watch = PeriodicCallback(self._end_idle_sessions, _LOOK_EVERY_MS)
        watch.start()
        arguments = {"server": self}
        return [
            Rule(_PasswordRequests(self), SignInHandler, arguments),
            Rule(_RefusedRequests(self), RefusalHandler, arguments),
            (f"{self.base_url}{SIGN_OUT}", SignOutHandler, arguments),
            *routes(self.base_url, self),
            *handlers,
        ]

    async def end(self) -> None:
        """End the kernels, and then the server.

        Voilà ends them when its loop has stopped, on another loop: what still waits
        for them on this one fails then, and fills the log.
        """
        if self._is_ending:  # a terminal may send a signal to all processes, and twice
            return
        self._is_ending = True
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_S):
                await self.kernel_manager.shutdown_all()
        self.ioloop.stop()

    async def _end_idle_sessions(self) -> None:
        for session in self.access.sessions.remove_ended():
            await self.kernel_manager.shut_down_of(session)
        self.transfers.forget_unused()


def describe_request(request: HTTPServerRequest) -> RequestFacts:
    """Return what the policy looks at."""
    tokens = request.query_arguments.get("token", [])
    context: Any = getattr(request.connection, "context", None)
    address = getattr(context, "address", None)
    return RequestFacts(
        method=request.method or "",
        target=request.uri or "",
        headers=tuple(request.headers.get_all()),
        cookies={name: item.value for name, item in request.cookies.items()},
        tokens=tuple(token.decode("utf-8", "replace") for token in tokens),
        peer=str(address[0]) if isinstance(address, tuple) else "",
    )


class _PasswordRequests(Matcher):
    """Matches the form of name and password, from a page of ours."""

    def __init__(self, server: DashboardServer) -> None:
        self._server = server

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        is_asked = self._server.decide(request) is Decision.CHECK_PASSWORD
        return {} if is_asked else None


class _RefusedRequests(Matcher):
    """Matches the requests that Voilà must not answer; notes the use of the others."""

    def __init__(self, server: DashboardServer) -> None:
        self._server = server

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        if self._server.decide(request) is not Decision.ALLOWED:
            return {}
        _user, session = self._server.identify(request)
        self._server.access.sessions.note_use(session)
        return None


@stream_request_body  # a refused request must not fill the memory first
class RefusalHandler(PageHandler):
    """Answers requests that the policy does not allow: signs in, or refuses."""

    def set_default_headers(self) -> None:
        """Keep the response and the address with the token out of caches."""
        super().set_default_headers()
        self.set_header("Referrer-Policy", "no-referrer")

    def prepare(self) -> None:
        """Answer the request, whatever its method is."""
        with using_language(self._server.language_of(self.request).code):
            self._answer()

    def _answer(self) -> None:
        server = self._server
        decision = server.decide(self.request)
        if decision is Decision.SIGN_IN:
            server.start_session(self, "")
            self.finish(sign_in_page())
            return
        self.set_status(403)
        if decision is Decision.NOT_SIGNED_IN and server.passwords is not None:
            # A form that was sent has to state where it came from.
            self.set_header("Referrer-Policy", "same-origin")
            self.finish(server.sign_in_form())
            return
        hosts = server.access.site.allowed_hosts
        self.finish(refusal_page(decision, server.port, server.base_url, hosts))

    def data_received(self, chunk: bytes) -> None:
        """Ignore the body of a request that was answered already."""


class Dashboard(TornadoVoilaHandler):
    """The page of the dashboard. It starts a kernel unless too many are running."""

    async def get(self, path: str | None = None) -> None:
        """Show the page, with a kernel of the user of the request."""
        server: Any = self.identity_provider.parent
        reset = starting_for.set(server.session_of(self.request))
        try:
            with using_language(server.language_of(self.request).code):
                await super().get(path)
        finally:
            starting_for.reset(reset)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Write our error page: Voilà lacks parts of Jupyter's."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        server: Any = self.identity_provider.parent
        with using_language(server.language_of(self.request).code):
            self._explain(status_code)

    def _explain(self, status_code: int) -> None:
        if status_code == STATUS_FULL:
            self.set_header("Retry-After", "120")
            self.finish(full_page(self.kernel_manager.max_kernels))
        else:
            self.finish(failure_page(status_code, self.base_url))


class Channels(VoilaKernelWebsocketHandler):
    """The messages of a page to its kernel, by which a user is known to be there."""

    def on_message(self, ws_message: Any) -> None:
        """Note that the user did something, unless the page only asks for life."""
        is_ping = (
            b'"ping"' in ws_message
            if isinstance(ws_message, bytes)
            else ('"ping"' in ws_message)
        )
        server: Any = self.identity_provider.parent
        if is_ping:  # the page is up
            server.kernel_manager.keep_spare()
        else:
            _user, session = server.identify(self.request)
            server.access.sessions.note_use(session)
        super().on_message(ws_message)


# The names by which the configuration finds them.
__all__ = ["BoundedKernelManager", "DashboardServer", "Identity"]

_OURS: dict[type, type] = {
    TornadoVoilaHandler: Dashboard,
    VoilaKernelWebsocketHandler: Channels,
}
"""Our handlers in place of Voilà's."""


class Identity(IdentityProvider):
    """The user of a request, for Voilà's own checks."""

    def get_user(self, handler: RequestHandler) -> User | None:
        """Return the user, if the policy allows the request."""
        server: Any = self.parent
        if server.decide(handler.request) is not Decision.ALLOWED:
            return None
        user, _session = server.identify(handler.request)
        return User(username=user or "dashboard")

    def get_handlers(self) -> list[tuple[str, object]]:
        """Offer none of Jupyter's pages to log in or out."""
        return []


def add_page_texts(page_config: dict[str, Any], **_settings: Any) -> dict[str, Any]:
    """Add what the page says before its kernel does, in the language of the request."""
    language = current_language()
    texts = {
        "preparing": _("The dashboard is being prepared…"),
        "working": _("Still working. The first start takes longest…"),
        "failed": _("The dashboard did not start. Reload the page to try again."),
        "script": _("JavaScript is needed. Allow it for this page and reload."),
        "title": _("Data Migration Center"),
    }
    about = {"language": language.code, "direction": language.direction, **texts}
    return {**page_config, "dmcPage": about}


def _log(handler: RequestHandler) -> None:
    log_request(handler, record_prometheus_metrics=False)
