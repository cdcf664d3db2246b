"""Finds the center, the installation and the task that a public widget works on.

People pass what they have: a center, an open installation, a name, an address, a task
or its number. A widget passes it on to one of these functions, and closes at its end
what was opened for it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ... import connect, open_center
from ...center import Center, OpenInstallation, TaskHandle
from ...center.mapping_editing import FileHead
from ...errors import UnknownName
from ...model.entity_type import EntityType
from ...model.plan import ImportPlan
from ...model.preview import Preview
from ...model.task import Task

InstallationLike = Center | OpenInstallation | str | None
"""Where entity types come from. A text is the name of an installation of the default
workspace, or an address such as ``sqlite:///archive.db``."""

CenterLike = Center | Path | str | None
"""A center, or the folder of its workspace; None for the default workspace."""

TaskLike = TaskHandle | Task | int
"""A task, or its number."""


@dataclass(slots=True)
class OpenedCenter:
    """A center, and whether it was opened for one widget alone.

    Attributes:
        center: The center.
        is_own: The center is closed together with the widget.
    """

    center: Center
    is_own: bool = False

    def close(self) -> None:
        """Close the center unless somebody else has opened it."""
        if self.is_own:
            self.center.close()


def find_center(given: CenterLike = None) -> OpenedCenter:
    """Return the center that was given, or open one.

    Raises:
        TypeError: Something else was given.
        WorkspaceError: The folder cannot be used.
    """
    if isinstance(given, Center):
        return OpenedCenter(given)
    if given is None or isinstance(given, (str, Path)):
        return OpenedCenter(open_center(given), is_own=True)
    msg = (
        "A center is expected, or the path of its workspace, not "
        f"{type(given).__name__}."
    )
    raise TypeError(msg)


def find_task(given: TaskLike, center: CenterLike = None) -> tuple[OpenedCenter, Task]:
    """Return a task and its center.

    Args:
        given: The task or its number.
        center: The center of the task. A task of ``center.task(3)`` knows its own.

    Raises:
        TypeError: Something else was given.
        UnknownName: The center has no such task.
    """
    if isinstance(given, TaskHandle):
        found = OpenedCenter(given.center) if center is None else find_center(center)
        return found, found.center.tasks.get(given.id)
    if isinstance(given, bool) or not isinstance(given, (Task, int)):
        msg = f"A task or its number is expected, not {type(given).__name__}."
        raise TypeError(msg)
    found = find_center(center)
    return found, found.center.tasks.get(given)


class InstallationSource:
    """One installation, by its name in a center or opened by itself.

    Args:
        given: The installation, or the center that knows it.
        name: The name of the installation in the center; empty for its first one.

    Attributes:
        center: The center; None for an installation without one.
        name: The name in the center, or the address.
        names: The names of all installations of the center.

    Raises:
        TypeError: Something else was given.
        UnknownName: The center has no installation of that name.
    """

    def __init__(self, given: InstallationLike = None, name: str = "") -> None:
        self._opened: OpenInstallation | None = None
        self._own: list[OpenedCenter | OpenInstallation] = []
        self.center: Center | None = None
        self.names: tuple[str, ...] = ()
        if isinstance(given, str) and "://" in given:
            self._opened = connect(given)
            self._own.append(self._opened)
        elif isinstance(given, OpenInstallation):
            self._opened = given
        elif isinstance(given, str):
            self._take_center(None, given)
        elif given is None or isinstance(given, Center):
            self._take_center(given, name)
        else:
            msg = (
                "A center, an open installation, a name or an address is expected, "
                f"not {type(given).__name__}."
            )
            raise TypeError(msg)
        if self._opened is not None:
            self.name = self._opened.url

    def entity_types(self) -> tuple[EntityType, ...]:
        """Return the entity types by label; parts of others come last.

        Raises:
            InstallationError: The installation does not answer.
        """
        if self._opened is not None:
            return tuple(self._opened.entity_types())
        if self.center is None or not self.name:
            return ()
        return tuple(self.center.installations.entity_types(self.name))

    def connect(self) -> AbstractContextManager[OpenInstallation]:
        """Open the installation to read from it, for a ``with`` block."""
        return self.open()

    def open(self) -> OpenInstallation:
        """Open the installation; one that was given stays open when this is closed.

        Raises:
            InstallationError: It does not answer.
        """
        if self._opened is not None:
            return _LentInstallation(self._opened)
        if self.center is None or not self.name:
            raise UnknownName(kind="installation", name=self.name, known=self.names)
        return self.center.installations.connect(self.name)

    def preview(
        self, plan: ImportPlan, head: FileHead, rows: int, *, sample: bool
    ) -> Preview:
        """Return what an import of a file would make of some records.

        Raises:
            RequestError: The import would be refused; the error is the same.
            InstallationError: The installation does not answer.
        """
        if self.center is None:
            with self.connect() as opened:
                return opened.preview_records(plan, head, rows, sample=sample)
        return self.center.files.preview_records(
            self.name, plan, head, rows, sample=sample
        )

    def select(self, name: str) -> None:
        """Work on another installation of the center.

        Raises:
            UnknownName: The center has no installation of that name.
        """
        if self.center is None or name not in self.names:
            raise UnknownName(kind="installation", name=name, known=self.names)
        self.name = name

    def close(self) -> None:
        """Close what was opened for this source alone."""
        while self._own:
            self._own.pop().close()

    def _take_center(self, given: Center | None, name: str) -> None:
        found = find_center(given)
        self._own.append(found)
        self.center = found.center
        self.names = tuple(x.name for x in found.center.installations.list())
        self.name = self.names[0] if self.names else ""
        if name:
            self.select(name)


class _LentInstallation(OpenInstallation):
    """An open installation of somebody else, who closes it."""

    def __init__(self, lender: OpenInstallation) -> None:
        super().__init__(lender._adapter, lender.url)

    def close(self) -> None:
        """Leave it open."""


def find_entity_type(
    entity_types: Sequence[EntityType], given: EntityType | str
) -> EntityType:
    """Return an entity type by its name, label or key.

    Raises:
        UnknownName: There is none; the error lists the known ones.
    """
    name = given.key if isinstance(given, EntityType) else given
    found = next((one for one in entity_types if one.is_named(name)), None)
    if found is None:
        known = tuple(entity_type.name for entity_type in entity_types)
        raise UnknownName(kind="entity type", name=name, known=known)
    return found
