"""FilesMixin, mappings of their fields, and previews."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..model.entity_type import EntityType, Field
from ..model.mapping import Mapping
from ..model.plan import ImportPlan
from ..model.preview import PlanCheck, Preview
from ..model.reading_options import DETECT_ALL, ReadingOptions
from ..storage.private_files import write_atomically
from ..tasks.imports.file_head import (
    HEAD_RECORDS,
    FileHead,
    FileKind,
    read_head,
    recognise_file,
)
from ..tasks.imports.mapping_files import read_mapping, write_mapping
from ..tasks.imports.mapping_suggestions import (
    Suggestion,
    ValueSuggestion,
    mapping_from_suggestions,
    suggest_mapping,
    suggest_values,
)
from ..tasks.imports.preflight import check_import, plan_from_file
from ..tasks.preview.dataframe import preview_to_frame
from ..tasks.preview.import_preview import create_preview
from ..tasks.preview.sampling import require_rows, take_sample
from ..workspace import Upload
from .base import CenterBase

if TYPE_CHECKING:  # pandas loads in a second; only those who ask for a frame wait
    import pandas as pd


class FilesMixin(CenterBase):
    """Looking at a file before anything is imported."""

    def new_upload(self, name: str, size_bytes: int) -> Upload:
        """Begin to receive a file in pieces. Errors are those of :class:`Upload`."""
        return self._workspace.new_upload(name, size_bytes)

    def read_head(
        self,
        path: Path | str,
        name: str | None = None,
        options: ReadingOptions = DETECT_ALL,
    ) -> FileHead:
        """Read the first 100 records of a file; see :func:`.tasks.head.read_head`."""
        return read_head(Path(path), name, options)

    def recognise(self, path: Path | str, name: str | None = None) -> FileKind:
        """Say what a file is without reading a record; see *recognise_file*."""
        return recognise_file(Path(path), name)

    def suggest_mapping(self, entity_type: EntityType, head: FileHead) -> Mapping:
        """Map the file's fields as :meth:`suggestions` says, without its doubts."""
        return mapping_from_suggestions(self.suggestions(entity_type, head))

    def suggestions(
        self, entity_type: EntityType, head: FileHead
    ) -> tuple[Suggestion, ...]:
        """Say which of the file's fields probably fill which fields, and why.

        What earlier imports into the entity type mapped comes first.
        """
        remembered = self._workspace.mappings.recall(entity_type.key)
        return suggest_mapping(entity_type, head.sources, remembered)

    def suggest_values(
        self, field: Field, values: Iterable[str]
    ) -> tuple[ValueSuggestion, ...]:
        """Say which keys of a picklist field a file's values probably mean, and why."""
        return suggest_values(field, values)

    def read_mapping(self, path: Path | str, name: str | None = None) -> Mapping:
        """Read a mapping file; see :func:`.tasks.mapping_files.read_mapping`."""
        return read_mapping(Path(path), name)

    def write_mapping(self, mapping: Mapping, path: Path | str) -> None:
        """Write *mapping* as YAML, or as JSON if the file's name ends in ``.json``."""
        path = Path(path)
        write_atomically(path, [write_mapping(mapping, path.name).encode()])

    def plan_from_file(
        self, installation: str, head: FileHead, entity: str | None = None
    ) -> ImportPlan:
        """Make the plan that a file asks for; see :func:`.tasks.planning`.

        Raises:
            InvalidPlan: The file does not say what it holds, and *entity* neither.
            UnknownName: The installation has no such entity type.
        """
        return plan_from_file(self.entity_types(installation), head, entity)

    def check_import(
        self, installation: str, plan: ImportPlan, source: Path | str | FileHead
    ) -> PlanCheck:
        """Check a plan against a file, as :meth:`start_import` does, and start nothing.

        Args:
            installation: The name of the target.
            plan: What to do with the file's records.
            source: The file, or its head.

        Returns:
            The problems that the import would be refused with, and the warnings
            that its task would keep as notes.

        Raises:
            RequestError: The plan asks for something that is not there.
            FileError: The file cannot be read.
            InstallationError: The installation does not answer.
        """
        with closing(self._open(installation)) as opened:
            types = opened.entity_types()
            head = _read_head_of(source, plan)
            site_problem = self._site_problem(installation, plan)
            return check_import(opened, plan, types, head, site_problem=site_problem)

    def preview(
        self,
        installation: str,
        plan: ImportPlan,
        source: Path | str | FileHead,
        rows: int = HEAD_RECORDS,
        *,
        sample: bool = False,
    ) -> pd.DataFrame:
        """Show what an import would make of some records, as a dataframe.

        Nothing is written, and of a large file no more is read than it takes.

        Args:
            installation: The name of the target.
            plan: What to do with the file's records.
            source: The file, or its head.
            rows: How many records.
            sample: Take them from all over the file; see :mod:`.tasks.sampling`.

        Returns:
            One line a record, by its number in the file; of records that were found
            by their place, by the byte at which each begins. Columns have two
            levels: ``source`` and the file's fields, as they were read; ``target``
            and the fields that are filled, after mapping and checks, in their own
            types (:mod:`.tasks.columns`), empty where a field has a problem; and
            ``result`` with *expected* (created, updated, unchanged or failed, if
            the import wrote these records alone and went on after a failure) and
            *problems*, a text. ``attrs`` tells how much of the file was read, and
            holds the *warnings* that the import would begin with.

        Raises:
            RequestError: The import would be refused; the error is the same.
            FileError: The file cannot be read.
            InstallationError: The installation does not answer.
        """
        preview = self.preview_records(installation, plan, source, rows, sample=sample)
        return preview_to_frame(preview)

    def preview_records(
        self,
        installation: str,
        plan: ImportPlan,
        source: Path | str | FileHead,
        rows: int = HEAD_RECORDS,
        *,
        sample: bool = False,
    ) -> Preview:
        """Return what :meth:`preview` shows as a value, without any dataframe."""
        require_rows(rows)
        head = _read_head_of(source, plan)
        with closing(self._open(installation)) as opened:
            site_problem = self._site_problem(installation, plan)
            types = opened.entity_types()
            check = check_import(opened, plan, types, head, site_problem=site_problem)
            check.require_startable()
            taken = take_sample(head, rows, plan.reading, spread=sample)
            preview = create_preview(opened, plan, taken)
        told = check.warnings
        notes = tuple(note for note in preview.notes if note not in told)
        return replace(preview, warnings=told, notes=notes)


def _read_head_of(source: Path | str | FileHead, plan: ImportPlan) -> FileHead:
    if isinstance(source, FileHead):
        return source
    return read_head(Path(source), None, plan.reading)
