"""The public widgets: each a part of the dashboard that stands alone.

A widget takes what it works on, shows its own errors, and has its result as a plain
value that can be observed, linked, or passed to ``interact``:

>>> from dmc_widgets.widgets import EntityPicker, FieldPicker
>>> picker = EntityPicker("Sample source", value="Bicycle")
>>> fields = FieldPicker(picker)
>>> fields.observe(lambda change: print(change["new"]), "value")
"""

from __future__ import annotations

from .definition_diff import DefinitionDiff
from .entity_picker import EntityPicker
from .field_picker import FieldPicker
from .file_chooser import FileChooser
from .forms import ExportForm, ImportForm, MigrationForm
from .mapping_table import MappingTable
from .object_browser import ObjectBrowser
from .preview_table import PreviewTable
from .strategy_picker import StrategyPicker
from .task_list import TaskList
from .tasks import ChangesTable, FailuresTable, TaskProgress

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
]
