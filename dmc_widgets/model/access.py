"""Access to a server: the user or client that signs in, without the secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import InvalidPlan
from .coercion import require_flags, require_whole_number, set_texts
from .representation import ValueDisplay

DEFAULT_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Access(ValueDisplay):
    """How to sign in at a server. It holds no secret, so it may be stored and shown.

    Attributes:
        user: The user who signs in with a password (Basic authentication).
        client_id: The client that signs in with a client secret (OAuth 2, client
            credentials).
        ca_file: A file of certificates to trust besides those of the system.
        insecure_http: Allow http to another machine, where anybody on the network path
            can read the password.
        at_once: The number of requests that may run at the same time, 1 or more.

    Raises:
        InvalidPlan: A user and a client id are given, no request may run, or a value
            is of another kind.
    """

    user: str = ""
    client_id: str = ""
    ca_file: str = ""
    insecure_http: bool = False
    at_once: int = DEFAULT_AT_ONCE

    def __post_init__(self) -> None:
        set_texts(self, "user", "client_id", "ca_file")
        require_flags(self, "insecure_http")
        require_whole_number(self.at_once, "at_once")
        if self.user and self.client_id:
            reason = "Give a user or a client id, not both."
            raise InvalidPlan(reason)
        if self.at_once < 1:
            reason = f"At least 1 request at once is needed, not {self.at_once}."
            raise InvalidPlan(reason)

    def as_dict(self) -> dict[str, Any]:
        """Return the values that differ from the defaults, as JSON values."""
        return {k: v for k, v in asdict(self).items() if v != _DEFAULT_VALUES[k]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Access:
        """Build the access that :meth:`as_dict` wrote; unknown keys are ignored."""
        return cls(**{k: v for k, v in values.items() if k in _DEFAULT_VALUES})


_DEFAULT_VALUES = {field.name: field.default for field in fields(Access)}
NO_ACCESS = Access()
