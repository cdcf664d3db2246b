"""What an import would make of some records of a file."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Bool, Dict, Instance, Int, observe

from ...center.files import preview_to_frame, read_head
from ...center.mapping_editing import FileHead
from ...errors import InvalidPlan
from ...languages import gettext as _
from ...languages import lazy
from ...model.mapping import FieldMapping, Mapping
from ...model.plan import ImportPlan
from ...model.preview import Preview
from ...model.strategies import Policy
from ...states.background_work import BackgroundWork
from ...states.toolkit.sources import (
    InstallationLike,
    InstallationSource,
    find_entity_type,
)
from ..controls import PreviewGrid
from ..forms.preview_panel import format_limits, show_preview
from ..parts.form_inputs import call_on_change, html
from ..theme import render_alert
from .base import MappingTrait, PublicWidget, mapping_of, repr_names
from .mapping_table import MappingTable
from .strategy_picker import StrategyPicker

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

_EMPTY = lazy("Choose a file, an entity type and a mapping to see a preview.")


class PreviewTable(PublicWidget):
    """Shows some records of a file as they are read and as they would be written.

    Nothing is written. The table follows its mapping and its strategies.

    >>> preview = PreviewTable("Sample target", "Bicycle", "bicycles.csv")
    >>> preview.frame["result"]

    >>> table = MappingTable("Sample target", "Bicycle", "bicycles.csv")
    >>> PreviewTable(table, policy=StrategyPicker())

    Args:
        source: A :class:`MappingTable` to follow, with its file and entity type; or
            where the entity type is: a center, an open installation, an address or a
            name.
        entity: The entity type by its name, label or key.
        path: The file.
        installation: The name of the installation in a center.
        mapping: The mapping, or its pairs; None maps fields of the same name.
        policy: The strategies, or a :class:`StrategyPicker` to follow.
        rows: The number of records.
        sample: Take records from all over the file instead of the first ones.

    Attributes:
        value: The number of records by what would become of them, such as
            ``{"created": 2, "failed": 1}``.
        mapping: The mapping that is previewed.
        policy: The strategies that are previewed.
        rows: The number of records.
        sample: Records are taken from all over the file.
        preview: The preview as a value; None while there is none.

    Raises:
        TypeError: The source is something else.
        UnknownName: There is no such installation or entity type.
        FileError: The file cannot be read.
    """

    value = Dict()
    mapping = MappingTrait(kw={"same_names": True})
    policy = Instance(Policy, args=())
    rows = Int(20)
    sample = Bool(False)
    preview = Instance(Preview, allow_none=True)

    def __init__(
        self,
        source: MappingTable | InstallationLike = None,
        entity: str = "",
        path: Path | str | None = None,
        *,
        installation: str = "",
        mapping: Mapping | Iterable[FieldMapping | str] | str | None = None,
        policy: Policy | StrategyPicker | None = None,
        rows: int = 20,
        sample: bool = False,
    ) -> None:
        super().__init__()
        self._limits = html("", "dmc-help")
        self._warnings = html("")
        self._table = PreviewGrid()
        self._show([self._warnings, self._limits, self._table])
        self._background = BackgroundWork()
        self._entity = ""
        self._head: FileHead | None = None
        self._is_stale = False
        self.rows, self.sample = rows, sample
        if mapping is not None:
            self.mapping = mapping_of(mapping)
        self._follow_policy(policy)
        self._follow_source(source, entity, path, installation)
        self.refresh()
        self._poll(self._tick)

    @property
    def frame(self) -> pd.DataFrame:
        """The preview as a dataframe, as ``center.files.preview`` returns it."""
        preview = self.preview or self._load()
        self._show_preview(preview)
        return preview_to_frame(preview)

    def refresh(self) -> None:
        """Preview the records at once; a change does this by itself, a moment later."""
        self._is_stale = False
        if self._head is None or not self._entity:
            self._show_preview(None)
            return
        with self._guard:
            self._show_preview(None)
            self._show_preview(self._load())

    def __repr__(self) -> str:
        return repr_names(self, "value")

    def _follow_policy(self, policy: Policy | StrategyPicker | None) -> None:
        if isinstance(policy, StrategyPicker):
            picker = policy
            call_on_change(picker, "value", lambda: self._set(policy=picker.value))
            self.policy = picker.value
        elif policy is not None:
            self.policy = policy

    def _follow_source(
        self,
        source: MappingTable | InstallationLike,
        entity: str,
        path: Path | str | None,
        installation: str,
    ) -> None:
        if isinstance(source, MappingTable):
            self._source = source.source
            traits = ["mapping", "entity", "path"]
            call_on_change(source, traits, lambda: self._take(source))
            self._take(source)
            return
        self._source = InstallationSource(source, installation)
        self._own(self._source)
        if entity:
            types = self._source.entity_types()
            self._entity = find_entity_type(types, entity).key
        if path is not None:
            self._head = read_head(Path(path))

    def _take(self, table: MappingTable) -> None:
        entity_type = table.entity_type
        self._entity = entity_type.key if entity_type else ""
        self._head = table.head
        self._set(mapping=table.mapping)
        self._is_stale = True

    def _set(self, **traits: Any) -> None:
        for name, value in traits.items():
            setattr(self, name, value)

    @observe("mapping", "policy", "rows", "sample")
    def _ask_again(self, _change: Any) -> None:
        self._is_stale = True

    def _tick(self) -> None:
        self._background.take()
        if self._is_stale and not self._background.is_busy:
            self._is_stale = False
            self._page.message = None
            self._show_preview(None)
            if self._head is not None and self._entity:
                self._background.start(self._load, self._show_preview)

    def _load(self) -> Preview:
        head = self._head
        if head is None:
            raise InvalidPlan(_EMPTY)
        plan = ImportPlan(
            entity_type=self._entity, mapping=self.mapping, policy=self.policy
        )
        return self._source.preview(plan, head, self.rows, sample=self.sample)

    def _show_preview(self, preview: Preview | None) -> None:
        self.preview = preview
        if preview is None:
            self.value = {}
            self._limits.value, self._table.rows = escape(_(_EMPTY)), []
            self._warnings.value = ""
            return
        self.value = {kind.value: n for kind, n in preview.counts.items() if n}
        self._limits.value = escape(format_limits(preview))
        show_preview(self._table, preview, {})
        self._warnings.value = "".join(
            render_alert(warning, "warning") for warning in preview.warnings
        )
