"""The settings of a sandbox: credentials, limits and callbacks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

DEFAULT_USER: Final = "test@liferay.com"
EVERYTHING: Final = "everything"
"""The scope that covers every API."""

MIB: Final = 1024 * 1024


def generate_secret() -> str:
    """Return a random password."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The credentials that a sandbox accepts, and the limits that it enforces.

    Attributes:
        sites: Keys of sites to add to those that the database contains.
        user: The name of the user with Basic authentication who may do everything.
        password: The password of *user*.
        read_only_user: The name of a user who may only read; empty for none.
        read_only_password: The password of *read_only_user*.
        client_id: The id of the OAuth 2 client.
        client_secret: The secret of the client.
        client_scopes: The scopes of the client, as Liferay names them:
            ``everything``, ``C_Ticket.everything.read``.
        token_seconds: How long an access token is valid.
        max_wrong_passwords: Wrong passwords a minute that one user may send from one
            address.
        max_body_bytes: The size limit of a request's body.
        header_seconds: How long the head of a request may take to arrive.
        body_seconds: How long a body may take, plus a second for every 4 KiB.
        callback_hosts: Hosts that callbacks may go to; empty for all that
            *local_callbacks* allows.
        local_callbacks: Allow callbacks to this machine and to private networks.
        workers: The number of batch engine tasks that run at the same time.
        version: The version of Liferay to play, such as ``7.4.3.112``: the sandbox
            knows what that one knows, and refuses the rest. Empty for the newest.
        store: The address of the PostgreSQL database that holds the installation,
            without a password; empty for the database file.
    """

    sites: tuple[str, ...] = ()
    user: str = DEFAULT_USER
    password: str = field(default_factory=generate_secret, repr=False)
    read_only_user: str = ""
    read_only_password: str = field(default="", repr=False)
    client_id: str = "dmc-sandbox"
    client_secret: str = field(default_factory=generate_secret, repr=False)
    client_scopes: tuple[str, ...] = (EVERYTHING,)
    token_seconds: float = 600
    max_wrong_passwords: int = 10
    max_body_bytes: int = 1024 * MIB
    header_seconds: float = 15
    body_seconds: float = 30
    callback_hosts: frozenset[str] = frozenset()
    local_callbacks: bool = False
    workers: int = 4
    version: str = ""
    store: str = ""
