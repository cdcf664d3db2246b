"""The tree of errors: everything that this package raises on purpose.

* DmcError
  - RequestError          the request is at fault; nothing was written
      - UnknownName         there is nothing of that name
      - NameTaken           the name is in use already
      - NotSupported        what was asked cannot be done here
      - NotPermitted        the user of a shared workspace lacks a role
      - InvalidPlan         a choice is missing, or choices exclude each other
      - UnknownChoice       a word is not one of the choices
      - InvalidQuery        a filter or a sort order cannot be understood
  - FileError             the file is at fault; what was written stays, and is reported
      - FileUnreadable      the content is not what the file's name promises
      - FileBroken          the file is sound up to a place, and no further
  - InstallationError     the other side is at fault; the task stops
      - Refused             trying again gives the same answer
      - Unreachable         trying again may help
      - TargetChanged       it is another one than a dry run has shown
  - WorkersLost           the workers of one task ended again and again
  - WorkspaceError        the folder of connections, templates and tasks is at fault
      - DiskFull            there is no room for a file
      - WorkspaceUnusable   the folder cannot be read or written

The branch tells the program what to do; the leaf tells the person what happened. A
message says what was found, where, and what would put it right. The failure of one
record is not an exception: it is a :class:`~dmc_widgets.model.outcome.Problem`, a value
that is passed on.
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
    """There is no installation, entity type, format, template or task of that name."""

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
class NotPermitted(RequestError):
    """The user of a shared workspace lacks a role.

    Attributes:
        user: The name of the user.
        role: The role that is needed: ``import``.
        installation: The installation that it concerns; ``*`` for the workspace.
    """

    code = "not-permitted"
    user: str
    role: str
    installation: str

    def __str__(self) -> str:
        where = "" if self.installation == "*" else f" on {self.installation!r}"
        return (
            f"{self.user} does not have the role {str(self.role)!r}{where}. "
            "Ask an administrator for it."
        )


@dataclass(eq=False)
class InvalidPlan(RequestError):
    """A choice is missing, or two choices exclude each other."""

    code = "invalid-plan"
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class UnknownChoice(RequestError):
    """A word is not one of the choices.

    Attributes:
        what: What is chosen: ``import strategy``.
        value: The value that was given, as Python writes it.
        known: The words of the choices.
    """

    code = "unknown-choice"
    what: str
    value: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        article = "an" if self.what[:1] in "aeiou" else "a"
        known = ", ".join(map(repr, self.known))
        return f"{self.value} is not {article} {self.what}. Choose one of: {known}."


@dataclass(eq=False)
class InvalidQuery(RequestError):
    """A filter or a sort order cannot be understood.

    Attributes:
        what: ``filter`` or ``sort``.
        reason: A sentence that begins with a small letter.
        position: The character that does not fit, counted from 1; 0 where it is not a
            single one.
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
    """A file is at fault: *source* is its name, *reason* a sentence."""

    source: str
    reason: str

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class FileUnreadable(FileError):
    """The content of the file is not what its name promises; nothing was read."""

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
    """The installation refused, and would refuse again."""

    code = "refused"

    def __str__(self) -> str:
        return f"{self.installation}: {self.reason}"


class Unreachable(InstallationError):
    """The installation gave no usable answer; a later attempt may succeed."""

    code = "unreachable"

    def __str__(self) -> str:
        return f"{self.installation}: {self.reason} Try again later."


@dataclass(eq=False)
class TargetChanged(InstallationError):
    """A run met another state than its dry run: *record* would end otherwise.

    In a task of several entity types it is counted within *part*.
    """

    code = "target-changed"
    record: int
    dry_run: int
    part: str = ""

    def __str__(self) -> str:
        place = f"{self.record} of {self.part}" if self.part else f"{self.record}"
        return (
            f"{self.installation}: Record {place} is not as the dry run (task "
            f"{self.dry_run}) has shown. {self.reason} Nothing was written from its "
            "batch on. Do the dry run again."
        )


@dataclass(eq=False)
class WorkersLost(DmcError):
    """The workers of a task ended again and again, as if they were killed.

    Attributes:
        number: How many have ended.
        place: What they were doing: the subject of a sentence.
        instead: What to do with fewer of them.
    """

    code = "workers-lost"
    number: int
    place: str
    instead: str = "resume the task"

    def __str__(self) -> str:
        return (
            f"{self.number} workers have ended before {self.place} did. Most often the "
            f"memory of the machine is too small for them: {self.instead} with fewer. "
            "The worker's log beside the task's files may say more."
        )


@dataclass(eq=False)
class WorkspaceError(DmcError):
    """The workspace cannot be used."""

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
