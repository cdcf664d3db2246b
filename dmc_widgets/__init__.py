"""Move object definitions and object entries between Liferay installations.

>>> import dmc_widgets as dmc
>>> with dmc.open_center("my-workspace") as center:
...     center.export_file("Sample source", "Bicycle", "bicycles.csv")

Importing this costs next to nothing: databases, dataframes and widgets load when
they are first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import (
    DiskFull,
    DmcError,
    FileBroken,
    FileError,
    FileUnreadable,
    InstallationError,
    InvalidPlan,
    InvalidQuery,
    NameTaken,
    NotPermitted,
    NotSupported,
    Refused,
    RequestError,
    TargetChanged,
    UnknownChoice,
    UnknownName,
    Unreachable,
    WorkersLost,
    WorkspaceError,
    WorkspaceUnusable,
)
from .model.access import DEFAULT_AT_ONCE, Access
from .model.entity_type import EntityType, Field
from .model.field_mapping import OtherValues
from .model.mapping import FieldMapping, Mapping
from .model.merge_choices import MergeChoices
from .model.outcome import Outcome, OutcomeKind, Problem
from .model.plan import (
    Action,
    ExportPlan,
    ImportPlan,
    MigrationPlan,
    PackagePlan,
    Selection,
    Template,
)
from .model.reading_options import Escapes, ReadingOptions, ShortRows
from .model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from .model.task import Counts, Task, TaskStatus
from .model.value_conversion import BooleanFormat, DateFormat, NumberFormat
from .ports import Batch, Format, Installation, Query

if TYPE_CHECKING:  # these import databases
    from .center import (
        Center,
        OpenInstallation,
        PackageReport,
        PackageStep,
        RecordOutcome,
        TaskHandle,
    )
    from .objects.errors.catalogue import CatalogueEntry

__all__ = [
    "Access",
    "Action",
    "Batch",
    "BooleanFormat",
    "Center",
    "Counts",
    "DateFormat",
    "DiskFull",
    "DmcError",
    "EntityType",
    "ErrorStrategy",
    "Escapes",
    "ExportPlan",
    "Field",
    "FieldMapping",
    "FileBroken",
    "FileError",
    "FileUnreadable",
    "Format",
    "ImportPlan",
    "ImportStrategy",
    "Installation",
    "InstallationError",
    "InvalidPlan",
    "InvalidQuery",
    "Mapping",
    "MergeChoices",
    "MigrationPlan",
    "NameTaken",
    "NotPermitted",
    "NotSupported",
    "NumberFormat",
    "OpenInstallation",
    "OtherValues",
    "Outcome",
    "OutcomeKind",
    "PackagePlan",
    "PackageReport",
    "PackageStep",
    "Policy",
    "Problem",
    "Query",
    "ReadingOptions",
    "RecordOutcome",
    "Refused",
    "RequestError",
    "Selection",
    "ShortRows",
    "TargetChanged",
    "Task",
    "TaskHandle",
    "TaskStatus",
    "Template",
    "UnknownChoice",
    "UnknownName",
    "Unreachable",
    "UpdateStrategy",
    "WorkersLost",
    "WorkspaceError",
    "WorkspaceUnusable",
    "connect",
    "error_catalogue",
    "open_center",
]

__version__ = "0.1.0"

_IN_CENTER = frozenset(
    {
        *("Center", "OpenInstallation", "PackageReport", "PackageStep"),
        *("RecordOutcome", "TaskHandle"),
    }
)


def __getattr__(name: str) -> Any:
    """Load a class that imports databases when it is first used."""
    if name in _IN_CENTER:
        return getattr(import_module(".center", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def open_center(
    path: str | Path | None = None, *, database: str | None = None
) -> Center:
    """Open the data migration center over a workspace.

    A new workspace gets the installations *Sample source* and *Sample target*.

    >>> with dmc.open_center("my-workspace") as center:
    ...     center.installations.list()

    Args:
        path: The folder of the workspace, created if it is missing. None means
            ``DMC_WORKSPACE`` if it is set, else a folder of the user's own.
        database: The PostgreSQL database of a new workspace that several machines
            share, ``postgresql://team@db.example.com/dmc``, without a password: libpq
            finds it in ``PGPASSWORD`` or ``~/.pgpass``. The workspace remembers it.
            None for what it has, by default a file in its folder.

    Raises:
        InvalidPlan: The address of the database is another one, or has a password; or
            the folder is an address.
        WorkspaceError: The folder or its database cannot be used.
    """
    from .center import Center
    from .storage.remote_addresses import find_local_path
    from .workspace import Workspace, default_path

    folder = None if path is None else find_local_path(path)
    if database is not None:
        from .workspace.database_choice import DatabaseChoice, save_choice

        save_choice(folder or default_path(), DatabaseChoice(database))
    user = os.environ.get("DMC_USER", "")  # set by the server for its kernels
    return Center(Workspace(folder, user=user))


def connect(
    url: str,
    *,
    user: str = "",
    password: str | None = None,
    client_id: str = "",
    client_secret: str | None = None,
    ca_file: str | Path | None = None,
    insecure_http: bool = False,
    at_once: int = DEFAULT_AT_ONCE,
) -> OpenInstallation:
    """Open an installation by its address, without a workspace.

    >>> with dmc.connect("https://liferay.example.com", user="ada") as staging:
    ...     frame = staging.to_pandas("Ticket", fields=["title", "state"])

    Args:
        url: ``sqlite:///path/to/file.db``; the file is created if it is missing.
            Or ``https://liferay.example.com``.
        user: The user who signs in at a server with a password.
        password: The user's password; None takes ``DMC_PASSWORD``.
        client_id: The client that signs in with a client secret (OAuth 2).
        client_secret: The client's secret; None takes ``DMC_CLIENT_SECRET``.
        ca_file: A file of certificates to trust besides those of the system.
        insecure_http: Allow http to another machine, where anybody on the network path
            can read the password.
        at_once: The number of requests that may run at the same time.

    Raises:
        NotSupported: There is no kind of installation for such an address.
        InvalidPlan: Both a user and a client are given, or a secret without the one
            that it belongs to.
        InstallationError: It does not answer, is something else, or rejects the user.
    """
    from .center import OpenInstallation
    from .installations import ConnectOptions, connect, mask_url, normalize_address
    from .storage.remote_addresses import find_local_path

    if password is not None and not user:
        reason = "A password is given without a user. Give user= as well."
        raise InvalidPlan(reason)
    if client_secret is not None and not client_id:
        reason = "A client secret is given without a client. Give client_id= as well."
        raise InvalidPlan(reason)
    access = Access(
        user=user,
        client_id=client_id,
        ca_file="" if ca_file is None else str(find_local_path(ca_file)),
        insecure_http=insecure_http,
        at_once=at_once,
    )
    secret = client_secret if client_id else password
    plain, options = normalize_address(url, ConnectOptions(access=access), secret)
    return OpenInstallation(connect(plain, options), mask_url(plain))


def error_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return every error code, with its meaning, and its texts where they are fixed."""
    from .objects.errors.catalogue import error_catalogue

    return error_catalogue()
