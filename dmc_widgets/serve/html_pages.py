"""HTML pages shown instead of the dashboard: signing in, refusals, failures."""

from __future__ import annotations

from collections.abc import Collection
from html import escape

from ..languages import current_language
from ..languages import gettext as _
from .access_policy import SIGN_IN, Decision, host_names

# Removes the token from the address, so that it is neither in the history nor in a
# Referer. The page navigates by itself: a redirect by the server would still count as
# coming from the website with the link, and the browser would not send the new cookie.
_LEAVE = """<script>
const address = new URL(location);
address.searchParams.delete('token');
location.replace(address);
</script>
<noscript><p>{script}</p></noscript>"""

# The address may name a page of the dashboard, which is not sent to the server.
_KEEP_HASH = """<script>
for (const link of document.querySelectorAll('a[href]')) link.hash ||= location.hash;
for (const form of document.forms) {
  const address = new URL(form.action);
  address.hash = location.hash;
  form.action = address;
}
</script>"""

_FORM = """<form method="post" action="{action}">
{reason}
{name}
<p><label for="password">{password}</label><br>
<input id="password" name="password" type="password" required
 autocomplete="current-password"{focus}></p>
<p><button type="submit">{sign_in}</button></p>
</form>"""
_NAME = """<p><label for="name">{label}</label><br>
<input id="name" name="name" value="{name}" required autocomplete="username"
 autocapitalize="none" spellcheck="false"{focus}></p>"""

_PAGE = """<!DOCTYPE html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:;base64,=">
<title>{title}</title>
<style>
body {{ max-width: 40em; margin: 48px auto; padding: 0 24px;
  background: Canvas; color: CanvasText; font: 14px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 24px; line-height: 1.3; }}
label {{ font-weight: 600; }}
input, button {{ box-sizing: border-box; min-height: 36px; margin-top: 4px;
  padding: 6px 12px; border: 1px solid #767676; border-radius: 4px; font: inherit; }}
input {{ width: 100%; max-width: 24em; }}
button {{ border-color: transparent; background: #0b5fd8; color: #fff;
  font-weight: 600; cursor: pointer; }}
[role=alert] {{ box-sizing: border-box; max-width: 24em; padding: 8px 12px;
  border-inline-start: 4px solid #d33;
  background: color-mix(in srgb, #d33 12%, transparent); }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""


def sign_in_page() -> str:
    """Return the page that continues to the dashboard, without the token."""
    needed = _("JavaScript is needed. Allow it for this page and reload.")
    leave = _LEAVE.format(script=escape(needed))
    return _page(_("The dashboard is being opened…"), leave)


def sign_in_form(base_url: str, reason: str, name: str, *, has_names: bool) -> str:
    """Return the page that asks for name and password.

    Args:
        base_url: The path of the dashboard.
        reason: Why the last try was refused; empty for the first.
        name: The name of the last try.
        has_names: Ask for a name, too.
    """
    alert = f'<p role="alert">{escape(reason)}</p>' if reason else ""
    focus = " autofocus"
    names = _NAME.format(
        label=escape(_("Name")),
        name=escape(name, quote=True),
        focus="" if name else focus,
    )
    form = _FORM.format(
        action=f"{base_url}{SIGN_IN}",
        reason=alert,
        name=names if has_names else "",
        password=escape(_("Password")),
        sign_in=escape(_("Sign In")),
        focus=focus if name or not has_names else "",
    )
    return _fill_page(f"{form}\n{_KEEP_HASH}")


def message_page(text: str, link: tuple[str, str]) -> str:
    """Return a page with a text and a link below it: its address and its label."""
    address, label = link
    return _page(text, f'<p><a href="{escape(address)}">{escape(label)}</a></p>')


def refusal_page(
    decision: Decision,
    port: int,
    base_url: str = "/",
    hosts: Collection[str] = (),
) -> str:
    """Return the page that says why a request was refused, and what to do."""
    if decision is Decision.FOREIGN_HOST:
        *names, last = (*host_names(port)[:3], *sorted(hosts))
        text = _("This server answers only at {names} and {last}.")
        return _page(text.format(names=", ".join(names), last=last))
    if decision is Decision.FOREIGN_PAGE:
        text = _("Another website or program asked for this page.")
        return _page(text, link=_open_link(base_url))
    text = _(
        "Open the address that dmc serve printed when it started, with its token. "
        "It is needed once in each browser."
    )
    return _page(text, link=_open_link(base_url))


def full_page(limit: int) -> str:
    """Return the page that says that no further dashboard may be opened."""
    text = _(
        "The dashboard is open {limit} times already, which is the most that this "
        "server allows. Close one of its pages, then reload this one. The page of a "
        "browser that has ended is closed after two minutes. Tasks go on running."
    )
    return _page(text.format(limit=limit))


def failure_page(status: int, base_url: str = "/") -> str:
    """Return the page that says that the dashboard could not be opened."""
    text = _(
        "The dashboard could not be opened (status {status}). The terminal in which "
        "dmc serve runs shows the reason."
    )
    return _page(text.format(status=status), link=_open_link(base_url))


def redirect_page(address: str) -> str:
    """Return a page, for a file, that redirects to *address*."""
    link, label = escape(address, quote=True), escape(_("Open the dashboard"))
    content = (
        f'<meta http-equiv="refresh" content="0;url={link}">\n'
        f'<p><a href="{link}">{label}</a></p>'
    )
    return _fill_page(content)


def _open_link(base_url: str) -> str:
    label = escape(_("Open the dashboard"))
    return f'<p><a href="{escape(base_url)}">{label}</a></p>\n{_KEEP_HASH}'


def _page(text: str, link: str = "") -> str:
    return _fill_page(f"<p>{escape(text)}</p>\n{link}")


def _fill_page(content: str) -> str:
    language = current_language()
    return _PAGE.format(
        language=language.code,
        direction=language.direction,
        title=escape(_("Data Migration Center")),
        content=content,
    )
