"""HTML pages shown instead of the dashboard: signing in, refusals, failures."""

from __future__ import annotations

from html import escape

from .access_policy import Decision, host_names

# Removes the token from the address, so that it is neither in the history nor in a
# Referer. The page navigates by itself: a redirect by the server would still count as
# coming from the website with the link, and the browser would not send the new cookie.
_LEAVE = """<script>
const address = new URL(location);
address.searchParams.delete('token');
location.replace(address);
</script>
<noscript><p>JavaScript is needed. Allow it for this page and reload.</p></noscript>"""

_OPEN = '<p><a href="/">Open the dashboard</a></p>'

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:;base64,=">
<title>Data Migration Center</title>
<style>
body {{ max-width: 40em; margin: 48px auto; padding: 0 24px;
  font: 14px/1.5 system-ui, sans-serif; }}
h1 {{ font-size: 24px; line-height: 1.3; }}
</style>
</head>
<body>
<main>
<h1>Data Migration Center</h1>
{content}
</main>
</body>
</html>
"""


def sign_in_page() -> str:
    """Return the page that continues to the dashboard, without the token."""
    return _PAGE.format(content=f"<p>The dashboard is being opened…</p>\n{_LEAVE}")


def refusal_page(decision: Decision, port: int) -> str:
    """Return the page that says why a request was refused, and what to do."""
    if decision is Decision.FOREIGN_HOST:
        *names, last = host_names(port)[:3]
        return _page(f"This server answers only at {', '.join(names)} and {last}.")
    if decision is Decision.FOREIGN_PAGE:
        text = "Another website or program asked for this page."
        return _page(text, link=_OPEN)
    text = (
        "Open the address that dmc serve printed when it started, with its token. "
        "It is needed once in each browser."
    )
    return _page(text, link=_OPEN)


def full_page(limit: int) -> str:
    """Return the page that says that no further dashboard may be opened."""
    text = (
        f"The dashboard is open {limit} times already, which is the most that this "
        "server allows. Close one of its pages, then reload this one. The page of a "
        "browser that has ended is closed after two minutes. Tasks go on running."
    )
    return _page(text)


def failure_page(status: int) -> str:
    """Return the page that says that the dashboard could not be opened."""
    text = (
        f"The dashboard could not be opened (status {status}). The terminal in which "
        "dmc serve runs shows the reason."
    )
    return _page(text, link=_OPEN)


def redirect_page(address: str) -> str:
    """Return a page, for a file, that redirects to *address*."""
    link = escape(address, quote=True)
    content = (
        f'<meta http-equiv="refresh" content="0;url={link}">\n'
        f'<p><a href="{link}">Open the dashboard</a></p>'
    )
    return _PAGE.format(content=content)


def _page(text: str, link: str = "") -> str:
    return _PAGE.format(content=f"<p>{escape(text)}</p>\n{link}")
