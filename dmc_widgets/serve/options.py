"""What ``dmc serve`` is asked for, and the policy that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ..errors import InvalidPlan
from ..workspace.source_policy import NO_SOURCES, SourcePolicy
from ..workspace.users import SESSIONS_FILE, UserStore, verify_password
from .access_policy import AccessPolicy, Site
from .sessions import SessionStore, load_token

LOCAL_ADDRESS = "127.0.0.1"
_LOOPBACK = frozenset({LOCAL_ADDRESS, "::1", "localhost"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """What ``dmc serve`` is asked for.

    Attributes:
        address: The address to listen at.
        base_url: The path below which the dashboard is.
        allowed_hosts: Names by which browsers reach a proxy: ``dmc.example.com``.
        trusted_proxies: Addresses of proxies whose ``X-Forwarded`` headers are true.
        idle_minutes: After how long without use a browser is signed out; 0 for never.
        password_hash: The hash of the one password of a server without users.
        sources: The folders and hosts that imports may take files from.
        new_token: Make a new token, which signs out who has used the last one.
    """

    address: str = LOCAL_ADDRESS
    base_url: str = "/"
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    idle_minutes: int = 0
    password_hash: str = ""
    sources: SourcePolicy = NO_SOURCES
    new_token: bool = False

    def require_safe(self, workspace: Path) -> None:
        """Refuse to serve other machines without passwords.

        Raises:
            InvalidPlan: The choices exclude each other.
        """
        has_passwords = bool(self.password_hash or UserStore(workspace).all())
        if self.address in _LOOPBACK:
            return
        if not has_passwords:
            reason = (
                "Other machines could reach the dashboard without a password. Add "
                "users with dmc user add, give --password-file, or leave out --host."
            )
            raise InvalidPlan(reason)
        if not self.allowed_hosts:
            reason = (
                "Name the host by which browsers reach the dashboard, such as "
                "--allowed-host dmc.example.com."
            )
            raise InvalidPlan(reason)


def normalize_base_url(text: str) -> str:
    """Return the path of a base URL with its slashes.

    >>> normalize_base_url("dmc")
    '/dmc/'

    Raises:
        InvalidPlan: It is not a path.
    """
    parts = [part for part in text.split("/") if part]
    is_plain = all(part.replace("-", "").replace("_", "").isalnum() for part in parts)
    if not is_plain or not text.isascii():
        reason = "A base URL is a path of letters, digits and hyphens, such as /dmc/."
        raise InvalidPlan(reason)
    return "/".join(["", *parts, ""])


def build_policy(
    options: ServeOptions, workspace: Path, port: int | None = None
) -> AccessPolicy:
    """Return the policy of a server over a workspace.

    Args:
        options: What the server was asked for.
        workspace: The folder of the workspace.
        port: The port at which token and sessions are found again by the next start;
            None if they are not kept.
    """
    users = UserStore(workspace)
    has_users = bool(users.all()) and not options.password_hash
    path, token = (workspace / SESSIONS_FILE if has_users else None), ""
    if port is not None and not has_users and not options.password_hash:
        path = workspace / f"dashboard-{port}.sessions.json"
        kept = workspace / f"dashboard-{port}.token.json"
        token = load_token(kept, options.base_url, renew=options.new_token)

    def stamp_of(name: str) -> str | None:
        if not has_users:
            return sha256(token.encode()).hexdigest() if name == "" else None
        user = users.find(name)
        return sha256(user.password.encode()).hexdigest() if user else None

    idle_s = options.idle_minutes * 60 or None
    site = Site(
        base_url=options.base_url,
        allowed_hosts=frozenset(host.lower() for host in options.allowed_hosts),
        trusted_proxies=frozenset(options.trusted_proxies),
    )
    sessions = SessionStore(path, idle_s, stamp_of)
    has_passwords = has_users or bool(options.password_hash)
    return AccessPolicy(sessions, site, has_passwords=has_passwords, token=token)


def build_password_check(
    options: ServeOptions, workspace: Path
) -> Callable[[str, str], str | None] | None:
    """Return what checks a name and a password; None where the token signs in."""
    if options.password_hash:
        return lambda _name, password: (
            "" if verify_password(password, options.password_hash) else None
        )
    users = UserStore(workspace)
    if not users.all():
        return None

    def check(name: str, password: str) -> str | None:
        user = users.check(name, password)
        return user.name if user else None

    return check
