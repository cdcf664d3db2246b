"""What a fresh workspace begins with: two installations to try everything on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

from ..installations import connect
from ..ports import Installation
from ..private_files import make_private_folder
from ..workspace import Workspace
from ..workspace.files import translated_oserrors
from .sample import fill

SAMPLE_SOURCE = "Sample source"
SAMPLE_TARGET = "Sample target"
_SETTING = "furnished"


def furnish(workspace: Workspace) -> None:
    """Give a fresh workspace its sample installations; leave others alone.

    Each database is made beside its place and moved there whole, so a process
    that is killed meanwhile leaves nothing behind that looks finished.
    """
    if workspace.setting(_SETTING):
        return
    folder = workspace.path / "sample"
    for name, file, content in (
        (SAMPLE_SOURCE, "source.db", fill),
        (SAMPLE_TARGET, "target.db", _nothing),
    ):
        _make(folder / file, content)
        workspace.connections.put(name, f"sqlite:///{folder / file}")
    workspace.keep_setting(_SETTING, "yes")


def _make(path: Path, content: Callable[[Installation], None]) -> None:
    if path.exists():
        return
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    with translated_oserrors(path.parent):
        make_private_folder(path.parent)
    try:
        installation = connect(f"sqlite:///{part}")
        try:
            content(installation)
        finally:
            installation.close()
        with translated_oserrors(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _nothing(_installation: Installation) -> None:
    """Leave the target empty."""
