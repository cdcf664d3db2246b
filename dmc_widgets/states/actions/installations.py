"""Adding an installation from the page."""

from __future__ import annotations

from pathlib import Path

from ...errors import InvalidPlan
from ...model.access import NO_ACCESS, Access
from ..dashboard_session import DashboardSession

_SQLITE_PREFIX = "sqlite:///"


def is_server_url(url: str) -> bool:
    """Say whether somebody has to sign in at *url*."""
    return url.strip().lower().startswith(("https://", "http://"))


def add_installation(
    session: DashboardSession,
    name: str,
    url: str,
    access: Access = NO_ACCESS,
    secret: str = "",
) -> None:
    """Give the installation at *url* a name, and choose it for the forms.

    A name that is in use gets the new address.

    Raises:
        InvalidPlan: The name is empty or too long, or the path is not a full one:
            nobody on a page knows what it would be relative to.
        NotSupported: There is no kind of installation for such an address, or no
            keyring to keep the secret.
        InstallationError: It does not answer, is something else, or does not let
            us in.
    """
    name, url = name.strip(), url.strip()
    path = url.removeprefix(_SQLITE_PREFIX)
    if url.lower().startswith(_SQLITE_PREFIX) and path and not Path(path).is_absolute():
        reason = f"Give the full path: {_SQLITE_PREFIX}/srv/data/{Path(path).name}, for example."
        raise InvalidPlan(reason)
    session.center.connect(name, url, access, secret or None)
    session.dashboard.installations = tuple(session.center.installations())
    session.choose_installation(name)
    session.dashboard.say(f"{name} was added.")
