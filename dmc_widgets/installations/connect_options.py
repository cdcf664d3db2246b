"""Who opens an installation, and how long they wait for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model.access import NO_ACCESS, Access
from ..objects.fields.encrypted import Secret


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectOptions:
    """What an installation that is elsewhere wants to know of whoever opens it.

    Attributes:
        access: Who asks, and whom to trust.
        secret: The password or client secret; None looks for it in the environment
            and in the keyring.
        name: Of the connection, by which its secret is found.
        still_wanted: Asked a few times a second during long waits; no ends them.
        waits_on: Wait for a database that others are writing to for as long as the
            result is wanted, as tasks do; otherwise a few seconds, as those do behind
            whom a person waits.
    """

    access: Access = NO_ACCESS
    secret: Secret | None = None
    name: str = ""
    should_continue: Callable[[], bool] = _always
    waits_for_lock: bool = False


DEFAULT_OPTIONS = ConnectOptions()
