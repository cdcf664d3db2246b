"""Opening the installations of a workspace, with what is known of them.

Finding an entity type by what people call it.

Whether an installation will take what is to be written, asked before anything is.

Reading an installation as it is at one moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
    """Open a connection; its secret is looked for where it is kept.

    Args:
        connection: Of the workspace.
        should_continue: Asked a few times a second during long waits; False ends them.
            A task hands this in, and waits for a busy database for as long as it is
            wanted. None is for a person who waits: a few seconds at most.

    Raises:
        NotSupported: There is no kind of installation for its address.
        InstallationError: It does not answer, or does not let us in.
    """
    caller = ConnectOptions(
        access=connection.access,
        name=connection.name,
        should_continue=should_continue or _never_cancelled,
        waits_for_lock=should_continue is not None,
    )
    return connect(connection.url, caller)


def _never_cancelled() -> bool:
    return True


def find_entity_type(entity_types: Sequence[EntityType], name: str) -> EntityType:
    """Return the entity type that answers to *name*: short name or class key.

    Raises:
        UnknownName: There is none; the error lists those there are.
    """
    for entity_type in entity_types:
        if entity_type.is_named(name):
            return entity_type
    known = tuple(entity_type.name for entity_type in entity_types)
    raise UnknownName(kind="entity type", name=name, known=known)


def require_permission(
    installation: Installation, entity_type: EntityType, policy: Policy, scope: str = ""
) -> None:
    """Refuse what the installation would refuse record by record, if it can tell.

    Raises:
        InstallationError: Whoever asks there lacks a permission.
    """
    if isinstance(installation, PermissionChecker):
        installation.require_permission(entity_type, policy, scope)


@contextmanager
def open_snapshot(installation: Installation) -> Iterator[Installation]:
    """Give *installation* as it is now, where it can be read so; else as it is.

    A server has no such thing: what is written there meanwhile may be read, too.
    """
    if isinstance(installation, SnapshotReader):
        with installation.snapshot() as snapshot:
            yield snapshot
    else:
        yield installation
