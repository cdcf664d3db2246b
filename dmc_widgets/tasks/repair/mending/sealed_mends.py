"""Keep mended values of Encrypted fields sealed until their records are in.

The workspace holds what was mended until the record came in, so that a repair which was
interrupted can go on. Values of Encrypted fields are sealed there with the key that
embedded databases seal them with, and bound to their record and field. Without a key
they are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from ....errors import InvalidPlan
from ....model.entity_type import EntityType
from ....model.mapping import Mapping as FieldMapping
from ....model.mend import (
    Mend,
    PackedMends,
    Path,
    SealedValue,
    decode_value,
    encode_value,
)
from ....model.plan import ImportPlan
from ....model.task import Task, part_number
from ....objects.fields.encrypted import HIDDEN, SecretLocation
from ...imports.record_texts import encrypted_sources
from ...installation_access import find_entity_type

_SAME_NAMES: Final = FieldMapping(same_names=True)

FindTypes = Callable[[], Sequence[EntityType]]
"""Returns the entity types of the target; asked only if they are needed."""


class MendSealer:
    """Seals and reveals the mended values of one task.

    Args:
        task: The task.
    """

    def __init__(self, task: Task) -> None:
        # The module lies beside the database, which `--help` does not load.
        from ....installations.sql.encryption import KeyVault

        self._task = task
        self._vault = KeyVault(task.installation)
        self._encrypted: dict[str, frozenset[str]] = {}

    def seal(self, mends: Mapping[int, Mend], find_types: FindTypes) -> PackedMends:
        """Return changes in which the values of Encrypted fields are sealed.

        Args:
            mends: The changes, by the numbers of their records.
            find_types: Returns the entity types of the target.

        Raises:
            InvalidPlan: A value has to be sealed, and no key is configured.
            InstallationError: The target does not answer.
        """
        return PackedMends.pack(
            (index, self._seal_mend(index, mend, find_types))
            for index, mend in mends.items()
        )

    def reveal(self, index: int, mend: Mend) -> Mend:
        """Return the changes of a record with their values in clear.

        Raises:
            Refused: The key that a value was sealed with is missing.
        """
        return mend.map_values(partial(self._reveal, index))

    def _seal_mend(self, index: int, mend: Mend, find_types: FindTypes) -> Mend:
        if not mend.values:
            return mend
        fields = self._encrypted_fields(index, find_types)
        if not any(path[0] in fields for path in mend.values):
            return mend
        return mend.map_values(partial(self._seal, index, fields))

    def _encrypted_fields(self, index: int, find_types: FindTypes) -> frozenset[str]:
        """Return the fields of a record whose values go into Encrypted fields."""
        task, plan = self._task, self._task.plan
        if isinstance(plan, ImportPlan):
            key, mapping = plan.entity_type, plan.mapping
        else:
            part = task.parts[part_number(task.parts, index)]
            key, mapping = part.entity_type, _SAME_NAMES
        if key not in self._encrypted:
            entity_type = find_entity_type(find_types(), key)
            self._encrypted[key] = encrypted_sources(mapping, entity_type)
        return self._encrypted[key]

    def _seal(self, index: int, fields: frozenset[str], path: Path, value: Any) -> Any:
        name = str(path[0])
        is_secret = name in fields and value not in (None, "")
        if not is_secret or isinstance(value, SealedValue):
            return value
        if fault := self._vault.fault():
            reason = (
                f"{self._task.place(index)}: {name!r} goes into an Encrypted field, "
                "and its mended value is not kept in clear until the record is in. "
                f"{fault}"
            )
            raise InvalidPlan(reason)
        location = SecretLocation(self._task.id, index, name)
        return SealedValue(self._vault.seal(encode_value(value), location))

    def _reveal(self, index: int, path: Path, value: Any) -> Any:
        if not isinstance(value, SealedValue):
            return value
        location = SecretLocation(self._task.id, index, str(path[0]))
        return decode_value(self._vault.reveal(value.text, location))


def hide_mend(mend: Mend) -> Mend:
    """Return the changes of a record as reports and tables show them."""
    return mend.map_values(
        lambda _, value: HIDDEN if isinstance(value, SealedValue) else value
    )
