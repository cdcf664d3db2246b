"""The façade: everything that people can do, in one place.

The command line, the forms, the notebooks and the server call this and nothing
below it.
"""

from __future__ import annotations

from ..tasks.packages.report import PackageReport, PackageStep
from .center import Center
from .open_installation import OpenInstallation
from .task_handle import RecordOutcome, TaskHandle

__all__ = [
    "Center",
    "OpenInstallation",
    "PackageReport",
    "PackageStep",
    "RecordOutcome",
    "TaskHandle",
]
