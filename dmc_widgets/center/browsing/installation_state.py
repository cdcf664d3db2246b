"""What is known of an installation: its kind, where it is, and whether it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from ...model.entity_type import OBJECT_ENTRY
from ...model.representation import ValueDisplay
from ...model.task import Task
from ...objects.names import ERC
from ...ports import Installation, Query
from ...tasks.site_checks import list_sites
from .entry_pages import read_entry_page

_SQLITE: Final = "sqlite:///"
_SERVERS: Final = ("http://", "https://")
_POSTGRESQL: Final = ("postgresql://", "postgres://")


class InstallationKind(StrEnum):
    """The kinds of installations. The value is the label."""

    DATABASE = "Embedded Database"
    POSTGRESQL = "PostgreSQL Database"
    SERVER = "Liferay Server"
    OTHER = "Plug-in"


class Place(NamedTuple):
    """Where an installation is, without its whole address.

    Attributes:
        kind: Its kind.
        name: The name of the file, or the host.
        folder: The folder of the file, or the path at the host; may be empty.
    """

    kind: InstallationKind
    name: str
    folder: str = ""


def describe_place(url: str) -> Place:
    """Describe where an installation is.

    >>> describe_place("sqlite:////srv/data/target.db")
    Place(kind=<InstallationKind.DATABASE: ...>, name='target.db', folder='/srv/data')
    """
    if url.lower().startswith(_SQLITE):
        path = Path(unquote(url[len(_SQLITE) :]))
        return Place(InstallationKind.DATABASE, path.name, str(path.parent))
    if url.lower().startswith(_SERVERS):
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        return Place(InstallationKind.SERVER, place, parts.path.rstrip("/"))
    if url.lower().startswith(_POSTGRESQL):
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2]
        return Place(InstallationKind.POSTGRESQL, parts.path.lstrip("/"), place)
    return Place(InstallationKind.OTHER, url.partition("://")[2] or url)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InstallationState(ValueDisplay):
    """What an installation has answered.

    Attributes:
        version: The published version of Liferay that it is like; empty if unknown.
        entity_types: The number of entity types that can be moved.
        objects: How many of them are published objects.
    """

    version: str
    entity_types: int
    objects: int


def read_state(installation: Installation) -> InstallationState:
    """Ask an open installation for its version and its entity types.

    Raises:
        InstallationError: It does not answer.
    """
    types = [kind for kind in installation.entity_types() if not kind.part_of]
    return InstallationState(
        version=str(getattr(installation, "release_name", "")),
        entity_types=len(types),
        objects=sum(kind.class_name == OBJECT_ENTRY for kind in types),
    )


def count_entries(installation: Installation) -> dict[str, int]:
    """Return how many entries each published object has, on all sites.

    Raises:
        InstallationError: It does not answer.
    """
    numbers = {}
    for kind in installation.entity_types():
        if kind.class_name == OBJECT_ENTRY and not kind.part_of:
            scopes = [site.key for site in list_sites(installation, kind)] or [""]
            queries = (Query(fields=(ERC,), scope=scope) for scope in scopes)
            numbers[kind.name] = sum(
                read_entry_page(installation, kind, query, 1, 1).total
                for query in queries
            )
    return numbers


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InstallationUse(ValueDisplay):
    """The tasks that name an installation.

    Attributes:
        tasks: Their number.
        unfinished: The ids of those that run, wait or can go on.
        last_used: The time at which the latest one was created; empty if there is none.
    """

    tasks: int = 0
    unfinished: tuple[int, ...] = ()
    last_used: str = ""


def find_use(name: str, tasks: Iterable[Task]) -> InstallationUse:
    """Find the tasks that read from an installation or write to it."""
    naming = [
        task
        for task in tasks
        if name in {task.installation, getattr(task.plan, "source", "")}
    ]
    return InstallationUse(
        tasks=len(naming),
        unfinished=tuple(task.id for task in naming if not task.status.is_final),
        last_used=max((task.created for task in naming), default=""),
    )
