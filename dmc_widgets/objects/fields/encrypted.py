"""Encrypted fields: values that are sealed before they are stored.

The rules are here; the cipher is in the installation that stores the values, which
passes a :class:`Vault`. Clear text is never part of a problem, a repr or a body.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol, TypeGuard

from orjson import loads

from ...model.outcome import Problem
from ..errors.entry_problem_types import EntryProblemType

HIDDEN: Final = "***"
"""Shown in place of a secret."""

SEALED: Final = "sealed:1:"
"""The prefix of sealed values. Values that older versions stored in clear lack it."""


class Secret:
    """A text that is not sealed yet; its repr hides it.

    Not a dataclass, because orjson would serialise its clear text.

    Args:
        text: The clear text.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return "Secret(***)"


class SecretLocation(NamedTuple):
    """The place of a value; a sealed value can be opened only for its own place."""

    definition_id: int
    entry_id: int
    field: str


class Vault(Protocol):
    """Seals texts with the key of an installation."""

    def fault(self) -> str:
        """Return why sealing is impossible, and what would help; else empty."""
        ...

    def seal(self, text: str, place: SecretLocation, /) -> str:
        """Seal *text*. Called only while :meth:`fault` is empty."""
        ...

    def unseal(self, sealed: str, place: SecretLocation, /) -> str | None:
        """Return the clear text; None if this key does not open it."""
        ...

    def reveal(self, sealed: str, place: SecretLocation, /) -> str:
        """Return the clear text.

        Raises:
            Refused: The key is missing, or it is another one.
        """
        ...


def is_sealed(value: Any) -> TypeGuard[str]:
    """Return True for a stored value that a vault has sealed."""
    return isinstance(value, str) and value.startswith(SEALED)


class Sealer:
    """Seals and opens the Encrypted fields of one definition's entries.

    Args:
        vault: The vault of the installation; None where it has none.
        definition_id: The id of the definition.
        fields: The names of its Encrypted fields.
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
        """Report why the secrets of an entry cannot be sealed; None if they can.

        Args:
            values: The values of the entry, with secrets in clear.
            entry_id: The id of the entry; 0 for a new one.
            before: The stored body of the entry.
        """
        stored = loads(before) if before else {}
        for name in self._fields:
            if not isinstance(values.get(name), Secret):
                continue
            if self._vault is None:
                return EntryProblemType.ENCRYPTION.problem(name, reason=_NO_VAULT)
            reason = self._vault.fault()
            if reason:
                return EntryProblemType.ENCRYPTION.problem(name, reason=reason)
            old = stored.get(name)
            place = SecretLocation(self._definition_id, entry_id, name)
            if is_sealed(old) and self._vault.unseal(old, place) is None:
                return EntryProblemType.ENCRYPTION.problem(name, reason=_OTHER_KEY)
        return None

    def seal(self, values: dict[str, Any], entry_id: int, before: bytes) -> None:
        """Replace secrets by sealed values.

        An unchanged secret keeps its sealed form, so that equal entries stay equal
        bytes although sealing a text twice gives different results.
        """
        stored = loads(before) if before else {}
        for name in self._fields:
            secret = values.get(name)
            if self._vault is None or not isinstance(secret, Secret):
                continue
            old, place = (
                stored.get(name),
                SecretLocation(self._definition_id, entry_id, name),
            )
            same = self._is_of(old, secret, place)
            values[name] = old if same else self._vault.seal(secret.text, place)

    def is_same(self, value: Any, entry_id: int, name: str, old: Any) -> bool:
        """Return True if a value, which may be a secret, equals the stored one."""
        if isinstance(value, Secret):
            place = SecretLocation(self._definition_id, entry_id, name)
            return self._is_of(old, value, place)
        return (value or None) == (old or None)

    def _is_of(self, old: Any, secret: Secret, place: SecretLocation) -> bool:
        if self._vault is None or not is_sealed(old):
            return False
        return self._vault.unseal(old, place) == secret.text

    def reveal(self, values: Mapping[str, Any], entry_id: int, name: str) -> Any:
        """Return the clear value of a field, for output."""
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
