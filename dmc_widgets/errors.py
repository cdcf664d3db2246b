"""Everything this package raises on purpose.

* DmcError
  - RequestError          the request is at fault; nothing was written
      - UnknownName         nothing answers to that name
      - NameTaken           the name is in use already
      - NotSupported        what was asked cannot be done here
      - InvalidPlan         a choice is missing, or choices exclude each other
      - InvalidQuery        a filter or an order cannot be understood
  - FileError             the file is at fault; what was written stays, and is told
      - FileUnreadable      what stands in the file is not what its name promises
      - FileBroken          the file is sound up to a place, and no further
  - InstallationError     the other side is at fault; the task stops
      - Refused             trying again gives the same answer
      - Unreachable         trying again may help
  - WorkspaceError        the folder of connections, templates and tasks is at fault
      - DiskFull            there is no room for a file
      - WorkspaceUnusable   the folder cannot be read or written

The branch tells the program what to do; the leaf tells the person what
happened. A message says what was met, where, and what would put it right.
The failure of one record is no exception: it is a
:class:`~dmc_widgets.model.outcome.Problem`, a value that travels on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(eq=False)
class DmcError(Exception):
    """Base of the tree. Errors cross processes, so they pickle."""

    code: ClassVar[str]  # stable, for reports and for tests

    def __reduce__(self) -> tuple[Callable[..., DmcError], tuple[Any, ...]]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _rebuild, (type(self), values)


def _rebuild(cls: type[DmcError], values: dict[str, Any]) -> DmcError:
    return cls(**values)


class RequestError(DmcError):
    """The request is at fault; raised before anything is written."""


@dataclass(eq=False)
class UnknownName(RequestError):
    """An installation, entity type, field, format, template or task not there."""

    code = "unknown-name"
    kind: str
    name: str
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        known = ", ".join(self.known) or "none"
        return f"There is no {self.kind} named {self.name!r}. Known: {known}."


@dataclass(eq=False)
class NameTaken(RequestError):
    """A template or an installation of that name is there already."""

    code = "name-taken"
    kind: str
    name: str

    def __str__(self) -> str:
        return f"A {self.kind} named {self.name!r} already exists. Choose another name."


@dataclass(eq=False)
class NotSupported(RequestError):
    """What was asked cannot be done here; *instead* says what can."""

    code = "not-supported"
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.what} {self.instead}"


@dataclass(eq=False)
class InvalidPlan(RequestError):
    """What was chosen does not make an export or an import yet."""

    code = "invalid-plan"
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class InvalidQuery(RequestError):
    """A filter or an order cannot be understood.

    Attributes:
        what: filter or sort.
        reason: A sentence that begins small.
        position: Of the character that does not fit, from 1; 0 for no single one.
    """

    code = "invalid-query"
    what: str
    reason: str
    position: int = 0

    def __str__(self) -> str:
        place = f" at character {self.position}" if self.position else ""
        return f"The {self.what} cannot be used{place}: {self.reason}"


@dataclass(eq=False)
class FileError(DmcError):
    """A file is at fault. *source* is its name, *reason* a sentence about it."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class FileUnreadable(FileError):
    """What stands in the file is not what its name promises; nothing was read."""

    code = "file-unreadable"


class FileBroken(FileError):
    """The file is sound up to a place, which *reason* names, and no further."""

    code = "file-broken"


@dataclass(eq=False)
class InstallationError(DmcError):
    """The installation, or the way to it, is at fault."""

    installation: str
    reason: str


class Refused(InstallationError):
    """The installation said no, and will say it again."""

    code = "refused"

    def __str__(self) -> str:
        return f"{self.installation}: {self.reason}"


class Unreachable(InstallationError):
    """No usable answer came; a later one may."""

    code = "unreachable"

    def __str__(self) -> str:
        return f"{self.installation}: {self.reason} Try again later."


@dataclass(eq=False)
class WorkspaceError(DmcError):
    """The workspace cannot do its work."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class DiskFull(WorkspaceError):
    """There is no room for a file; what was begun has been removed."""

    code = "disk-full"


class WorkspaceUnusable(WorkspaceError):
    """The folder cannot be read or written, or holds something else."""

    code = "workspace-unusable"
