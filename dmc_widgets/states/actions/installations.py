"""Adding an installation to the workspace."""

from __future__ import annotations

from pathlib import Path

from ...errors import InvalidPlan
from ...model.access import NO_ACCESS, Access
from ..dashboard_session import DashboardSession

_SQLITE_PREFIX = "sqlite:///"


def is_server_url(url: str) -> bool:
    """Return True for the address of a server, where a user has to sign in."""
    return url.strip().lower().startswith(("https://", "http://"))


def add_installation(
    session: DashboardSession,
    name: str,
    url: str,
    access: Access = NO_ACCESS,
    secret: str = "",
) -> None:
    """Add the installation at *url* under a name, and select it for the forms.

    A name that is in use gets the new address.

    Raises:
        InvalidPlan: The name is empty or too long, or the path is not absolute: a
            person at a page does not know what it would be relative to.
        NotSupported: The kind of address is unknown, or there is no keyring to keep
            the secret.
        InstallationError: The installation does not answer, is something else, or
            refuses the sign-in.
    """
    name, url = name.strip(), url.strip()
    path = url.removeprefix(_SQLITE_PREFIX)
    is_file = url.lower().startswith(_SQLITE_PREFIX)
    if is_file and path and not Path(path).is_absolute():
        example = f"{_SQLITE_PREFIX}/srv/data/{Path(path).name}"
        reason = f"Give the full path: {example}, for example."
        raise InvalidPlan(reason)
    session.center.installations.add(name, url, access, secret or None)
    session.dashboard.installations = tuple(session.center.installations.list())
    session.select_installation(name)
    session.dashboard.report_success(f"{name} was added.")
