"""Move object definitions and object entries between Liferay installations.

>>> import dmc_widgets as dmc
>>> center = dmc.open_center("my-workspace")
>>> task = center.start_export("Sample source", dmc.ExportPlan(entity_type="Bicycle"))

Importing this costs next to nothing: databases, dataframes and widgets load when
they are first used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DmcError
from .model.access import NO_ACCESS, Access
from .model.entity_type import EntityType, Field
from .model.mapping import FieldMapping, Mapping
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
from .model.strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy
from .model.task import Counts, Task, TaskStatus

if TYPE_CHECKING:  # these bring databases along
    from .center import Center
    from .objects.errors.catalogue import CatalogueEntry
    from .ports import Installation

__all__ = [
    "Access",
    "Action",
    "Counts",
    "DmcError",
    "EntityType",
    "ErrorStrategy",
    "ExportPlan",
    "Field",
    "FieldMapping",
    "ImportPlan",
    "ImportStrategy",
    "Mapping",
    "MigrationPlan",
    "Outcome",
    "OutcomeKind",
    "PackagePlan",
    "Policy",
    "Problem",
    "Selection",
    "Task",
    "TaskStatus",
    "Template",
    "UpdateStrategy",
    "connect",
    "error_catalogue",
    "open_center",
]

__version__ = "0.1.0"


def open_center(path: str | Path | None = None) -> Center:
    """Open the data migration center over a workspace.

    A fresh workspace gets the installations *Sample source* and *Sample target*.

    Args:
        path: The workspace's folder, made where it is not there. None means
            ``DMC_WORKSPACE`` if it is set, else a folder of the user's own.

    Raises:
        WorkspaceError: The folder cannot be used.
    """
    from .center import Center
    from .workspace import Workspace

    return Center(Workspace(None if path is None else Path(path)))


def connect(
    url: str, access: Access = NO_ACCESS, secret: str | None = None
) -> Installation:
    """Open an installation by its address, without a workspace.

    Args:
        url: ``sqlite:///path/to/file.db``; the file is made where it is not there.
            Or ``https://liferay.example.com``.
        access: Who signs in at a server: ``Access(user="ada@example.com")``.
        secret: The password or client secret; without it the environment is asked
            (``DMC_PASSWORD``, ``DMC_CLIENT_SECRET``).

    Raises:
        NotSupported: There is no kind of installation for such an address.
        InstallationError: It does not answer, is something else, or does not let
            us in.
    """
    from .installations import ConnectOptions, connect, normalize_address

    return connect(*normalize_address(url, ConnectOptions(access=access), secret))


def error_catalogue() -> tuple[CatalogueEntry, ...]:
    """Return every error code, with its meaning, and its texts where they are fixed."""
    from .objects.errors.catalogue import error_catalogue

    return error_catalogue()
