"""Access to installations: open a connection, find an entity type, take a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..errors import UnknownName
from ..installations import ConnectOptions, connect
from ..model.entity_type import EntityType
from ..model.strategies import Policy
from ..ports import Installation, PermissionChecker, SnapshotReader
from ..workspace import Connection


def open_connection(
    connection: Connection, should_continue: Callable[[], bool] | None = None
) -> Installation:
    """Open a connection of the workspace, with its stored secret.

    Args:
        connection: The connection to open.
        should_continue: Called a few times a second during long waits; False ends
            them. A task passes it, and waits for a busy database until it is
            cancelled. Without it, as for a person at a form, the wait is a few
            seconds at most.

    Raises:
        NotSupported: No kind of installation has such an address.
        InstallationError: The installation does not answer, or denies access.
    """
    options = ConnectOptions(
        access=connection.access,
        name=connection.name,
        should_continue=should_continue or _never_cancelled,
        waits_for_lock=should_continue is not None,
        is_personal=bool(connection.owner),
    )
    return connect(connection.url, options)


def _never_cancelled() -> bool:
    return True


def find_entity_type(entity_types: Sequence[EntityType], name: str) -> EntityType:
    """Return the entity type with a short name or a class key.

    Raises:
        UnknownName: The entity type does not exist; the error lists the known ones.
    """
    for entity_type in entity_types:
        if entity_type.is_named(name):
            return entity_type
    known = tuple(entity_type.name for entity_type in entity_types)
    raise UnknownName(kind="entity type", name=name, known=known)


def require_permission(
    installation: Installation, entity_type: EntityType, policy: Policy, scope: str = ""
) -> None:
    """Refuse early what the installation would refuse record by record.

    Installations that cannot tell beforehand are left to refuse it themselves.

    Raises:
        InstallationError: The user lacks a permission.
    """
    if isinstance(installation, PermissionChecker):
        installation.require_permission(entity_type, policy, scope)


@contextmanager
def open_snapshot(installation: Installation) -> Iterator[Installation]:
    """Yield a snapshot of *installation*, or the installation where it has none.

    A server has no snapshots: changes made there during the task may be read.
    """
    if isinstance(installation, SnapshotReader):
        with installation.snapshot() as snapshot:
            yield snapshot
    else:
        yield installation


def iter_value_filters(
    name: str, literals: Iterable[str], max_chars: int
) -> Iterator[str]:
    """Yield filters for the items whose field has one of some values.

    Args:
        name: The name of the field.
        literals: The values as literals of a filter.
        max_chars: The longest filter; only a single literal may exceed it.
    """
    begin = f"{name} in ("
    room = max_chars - len(begin) - 1
    some: list[str] = []
    length = 0
    for literal in literals:
        if some and length + len(literal) >= room:
            yield f"{begin}{','.join(some)})"
            some, length = [], 0
        some.append(literal)
        length += len(literal) + 1
    if some:
        yield f"{begin}{','.join(some)})"
