"""How a sandbox is set up."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

DEFAULT_USER: Final = "test@liferay.com"
EVERYTHING: Final = "everything"
"""The scope of every API."""

MIB: Final = 1024 * 1024


def generate_secret() -> str:
    """Make a password that nobody guesses."""
    return secrets.token_urlsafe(18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Who may come in, and how much they may bring.

    Attributes:
        sites: Keys of sites to add to those that the database knows.
        user: Of Basic authentication; may do everything.
        password: Of the user.
        read_only_user: May only look; empty for none.
        read_only_password: Of that user.
        client_id: Of OAuth 2 client credentials.
        client_secret: Of the client.
        client_scopes: Of the client, as Liferay names them: ``everything``,
            ``C_Ticket.everything.read``.
        token_seconds: How long a token is good for.
        wrong_guesses: Of a password, heard within a minute from one address.
        max_body_bytes: Of a file or another body of a request.
        header_seconds: How long the head of a request may take.
        body_seconds: How long a body may take, and a second more for every 4 KiB.
        callback_hosts: Hosts that may be called back; empty for all that
            *local_callbacks* allows.
        local_callbacks: Addresses of this machine and of private networks may be
            called back.
        workers: Tasks of the batch engine that run at the same time.
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
