"""The façade: everything that people can do, in one place.

The command line, the forms, the notebooks and the server call this and nothing
below it.
"""

from __future__ import annotations

from ..tasks.samples import seed_workspace
from ..workspace import Workspace
from .installations import InstallationsMixin
from .launch import MultiTypeLaunchMixin
from .templates import TemplatesMixin


class Center(InstallationsMixin, MultiTypeLaunchMixin, TemplatesMixin):
    """The data migration center over one workspace.

    Args:
        workspace: Holds connections, templates and tasks. Closed with the center.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        seed_workspace(workspace)

    def __enter__(self) -> Center:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the workspace. Tasks that run go on."""
        self._workspace.close()
