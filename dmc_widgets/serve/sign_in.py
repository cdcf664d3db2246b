"""Signing in with a password, and signing out."""

from __future__ import annotations

import asyncio
from typing import Any, Final
from urllib.parse import parse_qs

from tornado.web import RequestHandler, stream_request_body

from ..languages import gettext as _
from ..languages import ngettext, using_language
from .html_pages import message_page
from .login_throttle import LoginThrottle

_MOST_BYTES: Final = 8 * 1024
# Each check takes 32 MB for a tenth of a second.
_AT_ONCE: Final = 2
PAGE_HEADERS: Final = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Jupyter's own protection compares the Referer of requests to its API.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


class PasswordCheck:
    """Checks passwords, not too many at once and not too often.

    Args:
        check: Returns the user of a right name and password; None for a wrong one.
    """

    def __init__(self, check: Any) -> None:
        self._check = check
        self._free = asyncio.Semaphore(_AT_ONCE)
        self.throttle = LoginThrottle()

    async def user_of(self, name: str, password: str, address: str) -> str | None:
        """Return the name of the user; None if the password is wrong."""
        self.throttle.note_failure(address, name)
        async with self._free:
            user: str | None = await asyncio.to_thread(self._check, name, password)
        if user is not None:
            self.throttle.forgive(address, name)
        return user


class PageHandler(RequestHandler):
    """Answers with a page of ours, which no cache keeps."""

    def initialize(self, server: Any) -> None:
        """Store the server."""
        self._server = server

    def set_default_headers(self) -> None:
        """Keep the page out of caches and frames."""
        for name, value in PAGE_HEADERS.items():
            self.set_header(name, value)
        self.set_header("Cache-Control", "no-store")

    def check_xsrf_cookie(self) -> None:
        """Accept requests without Jupyter's token: the policy checked the origin."""


@stream_request_body  # a large body must not fill the memory first
class SignInHandler(PageHandler):
    """Takes the form with name and password."""

    def prepare(self) -> None:
        """Limit the body."""
        self._body = bytearray()
        connection: Any = self.request.connection
        connection.set_max_body_size(_MOST_BYTES)

    def data_received(self, chunk: bytes) -> None:
        """Collect the form."""
        self._body += chunk[: _MOST_BYTES - len(self._body)]

    async def post(self) -> None:
        """Sign the browser in, or show the form again with the reason."""
        with using_language(self._server.language_of(self.request).code):
            await self._sign_in()

    async def _sign_in(self) -> None:
        form = parse_qs(self._body.decode("utf-8", "replace"), keep_blank_values=True)
        name = form.get("name", [""])[0].strip()
        password = form.get("password", [""])[0]
        address = self._server.client_of(self.request)
        check = self._server.passwords
        wait_s = check.throttle.wait_s(address, name)
        if wait_s:
            self.set_header("Retry-After", str(wait_s))
            self._refuse(429, _describe_wait(wait_s), name)
            return
        user = await check.user_of(name, password, address)
        if user is None:
            self._refuse(403, _("Name or password is wrong."), name)
            return
        self._server.start_session(self, user)
        self.redirect(self._server.base_url, status=303)

    def _refuse(self, status: int, reason: str, name: str) -> None:
        self.set_status(status)
        self.finish(self._server.sign_in_form(reason, name))


class SignOutHandler(PageHandler):
    """Ends the session of the browser, and the kernels of its pages."""

    async def post(self) -> None:
        """Sign out."""
        if not self.request.headers.get("Origin"):
            self.set_status(403)
            return
        await self._server.end_session(self._server.session_of(self.request))
        self.clear_cookie(self._server.cookie_name, path=self._server.base_url)
        with using_language(self._server.language_of(self.request).code):
            link = (self._server.base_url, _("Sign in again"))
            self.finish(message_page(_("You are signed out."), link))


def _describe_wait(seconds: int) -> str:
    if seconds < 120:
        text = ngettext(
            "Too many tries. Wait {count} second.",
            "Too many tries. Wait {count} seconds.",
            seconds,
        )
        return text.format(count=seconds)
    return _("Too many tries. Wait {count} minutes.").format(count=seconds // 60)
