"""Encrypted fields: values that are sealed before they are kept.

The rules stand here, the cipher in the installation that keeps the values: it
hands in a :class:`Vault`. No clear text is part of a problem, a repr or a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeGuard

from orjson import loads

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType

HIDDEN: Final = "***"
"""In place of a secret, wherever people look."""

SEALED: Final = "sealed:1:"
"""How sealed values begin. Values that older versions kept in the clear do not."""


class Secret:
    """A text that is not sealed yet; it shows itself to nobody.

    No dataclass: orjson would write one out, clear text and all.

    Args:
        text: The clear text.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "Secret(***)"


class SecretLocation(NamedTuple):
    """Where a value belongs; a sealed value opens nowhere else."""

    definition_id: int
    entry_id: int
    field: str


class Vault(Protocol):
    """Seals texts with the key of an installation."""

    def fault(self) -> str:
        """Say why nothing can be sealed, and what would help; empty if all can."""
        ...

    def seal(self, text: str, place: SecretLocation, /) -> str:
        """Seal *text*; asked only while there is no fault."""
        ...

    def opened(self, sealed: str, place: SecretLocation, /) -> str | None:
        """Return the clear text; None if this key does not open it."""
        ...

    def reveal(self, sealed: str, place: SecretLocation, /) -> str:
        """Return the clear text.

        Raises:
            Refused: There is no key, or another one.
        """
        ...


def is_sealed(value: Any) -> TypeGuard[str]:
    """Whether a kept value is one that a vault has sealed."""
    return isinstance(value, str) and value.startswith(SEALED)


class Sealer:
    """Seal the values of one definition's entries.

    Args:
        vault: Of the installation; None where there is none.
        definition_id: Of the definition.
        fields: Its Encrypted fields.
    """

    def __init__(
        self, vault: Vault | None, definition_id: int, fields: tuple[str, ...]
    ) -> None:
        self._vault = vault
        self._definition_id = definition_id
        self._fields = fields

    def fault(
        self, values: Mapping[str, Any], entry_id: int, before: bytes
    ) -> Problem | None:
        """Say why an entry's secrets cannot be sealed; None if they can.

        Args:
            values: Of the entry, with secrets in the clear.
            entry_id: Of the entry; 0 for a new one.
            before: Its body until now.
        """
        kept = loads(before) if before else {}
        for name in self._fields:
            if not isinstance(values.get(name), Secret):
                continue
            if self._vault is None:
                return EntryProblemType.ENCRYPTION.problem(name, reason=_NO_VAULT)
            reason = self._vault.fault()
            if reason:
                return EntryProblemType.ENCRYPTION.problem(name, reason=reason)
            old = kept.get(name)
            place = SecretLocation(self._definition_id, entry_id, name)
            if is_sealed(old) and self._vault.opened(old, place) is None:
                return EntryProblemType.ENCRYPTION.problem(name, reason=_OTHER_KEY)
        return None

    def seal(self, values: dict[str, Any], entry_id: int, before: bytes) -> None:
        """Put sealed values in the place of secrets.

        A secret that is the same as before keeps its sealed form, so that equal
        entries stay equal bytes although no text is sealed alike twice.
        """
        kept = loads(before) if before else {}
        for name in self._fields:
            secret = values.get(name)
            if self._vault is None or not isinstance(secret, Secret):
                continue
            old, place = (
                kept.get(name),
                SecretLocation(self._definition_id, entry_id, name),
            )
            same = self._is_of(old, secret, place)
            values[name] = old if same else self._vault.seal(secret.text, place)

    def is_same(self, value: Any, entry_id: int, name: str, old: Any) -> bool:
        """Say whether a value, a secret perhaps, is the one that is kept."""
        if isinstance(value, Secret):
            place = SecretLocation(self._definition_id, entry_id, name)
            return self._is_of(old, value, place)
        return (value or None) == (old or None)

    def _is_of(self, old: Any, secret: Secret, place: SecretLocation) -> bool:
        if self._vault is None or not is_sealed(old):
            return False
        return self._vault.opened(old, place) == secret.text

    def reveal(self, values: Mapping[str, Any], entry_id: int, name: str) -> Any:
        """Return the clear value of a field, for whoever reads the entry."""
        value = values.get(name)
        if self._vault is None or not is_sealed(value):
            return value
        return self._vault.reveal(
            value, SecretLocation(self._definition_id, entry_id, name)
        )


_NO_VAULT: Final = "This installation keeps no encrypted values."
_OTHER_KEY: Final = (
    "The value that is stored was encrypted with another key. Provide that key, or "
    "clear the field first by importing null for it."
)
