"""Widgets for notebooks and Voilà apps, and the dashboard that is made of them.

This is the only package that imports ipywidgets. What is listed here is public; see
:mod:`.toolkit` for how the widgets are used. Each loads when it is first used, so that
the dashboard does not wait for the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..languages import set_language
from .dashboard import dashboard

if TYPE_CHECKING:
    from .toolkit import (
        ChangesTable,
        DefinitionDiff,
        EntityPicker,
        ExportForm,
        FailuresTable,
        FieldPicker,
        FileChooser,
        ImportForm,
        MappingTable,
        MigrationForm,
        ObjectBrowser,
        PreviewTable,
        StrategyPicker,
        TaskList,
        TaskProgress,
    )

__all__ = [
    "ChangesTable",
    "DefinitionDiff",
    "EntityPicker",
    "ExportForm",
    "FailuresTable",
    "FieldPicker",
    "FileChooser",
    "ImportForm",
    "MappingTable",
    "MigrationForm",
    "ObjectBrowser",
    "PreviewTable",
    "StrategyPicker",
    "TaskList",
    "TaskProgress",
    "dashboard",
    "set_language",
]


def __getattr__(name: str) -> Any:
    """Load a public widget when it is first used."""
    if name in __all__:
        return getattr(import_module(".toolkit", __name__), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return __all__
