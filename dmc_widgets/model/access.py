"""How to get into an installation: everything but the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import InvalidPlan

DEFAULT_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who asks, and how; it may be kept and shown, for no secret is part of it.

    Attributes:
        user: Signs in with a password (Basic authentication).
        client_id: Signs in with a client secret (OAuth 2, client credentials).
        ca_file: A file of certificates to trust besides those of the system.
        insecure_http: Whether an address on another machine may be http, where
            everybody on the way reads the password.
        at_once: Requests that may be under way at the same time, 1 or more.

    Raises:
        InvalidPlan: A user and a client id, or no request at a time.
    """

    user: str = ""
    client_id: str = ""
    ca_file: str = ""
    insecure_http: bool = False
    at_once: int = DEFAULT_AT_ONCE

    def __post_init__(self) -> None:
        if self.user and self.client_id:
            reason = "Give a user or a client id, not both."
            raise InvalidPlan(reason)
        if self.at_once < 1:
            reason = f"At least 1 request at once is needed, not {self.at_once}."
            raise InvalidPlan(reason)

    def as_dict(self) -> dict[str, Any]:
        """Return what differs from the defaults, in JSON values."""
        return {k: v for k, v in asdict(self).items() if v != _DEFAULT_VALUES[k]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Access:
        """Take what :meth:`as_dict` gave; words of newer versions are left out."""
        return cls(**{k: v for k, v in values.items() if k in _DEFAULT_VALUES})


_DEFAULT_VALUES = {field.name: field.default for field in fields(Access)}
NO_ACCESS = Access()
