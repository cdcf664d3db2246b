"""Files that are to be imported: their first records, checks and previews."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..model.entity_type import EntityType, sort_entity_types
from ..model.mapping import Mapping, key_fields
from ..model.plan import ExportPlan, ImportPlan
from ..model.preview import PlanCheck, Preview
from ..model.reading_options import DETECT_ALL, ReadingOptions
from ..ports import Installation
from ..storage.ranged_files import RangedFile
from ..storage.remote_addresses import find_address, find_local_path
from ..tasks.imports.entity_suggestions import (
    EntityTypeSuggestion,
    suggest_entity_types,
)
from ..tasks.imports.file_check import check_file
from ..tasks.imports.file_head import (
    HEAD_RECORDS,
    FileHead,
    FileKind,
    read_head,
    recognise_file,
)
from ..tasks.imports.part_parents import of_parent, with_mapping, with_parent
from ..tasks.imports.preflight import plan_from_file
from ..tasks.packages.contents import describe_package
from ..tasks.preview.dataframe import preview_to_frame
from ..tasks.preview.import_preview import create_preview
from ..tasks.preview.sampling import require_rows, take_sample
from ..workspace import Upload
from ..workspace.file_transfer import UnfinishedUpload
from .base import CenterPart
from .known_files import (
    InstallationSuggestion,
    describe_earlier_import,
    find_earlier_use,
    find_last_target,
)
from .source_files import (
    SourceFile,
    fetch_file,
    find_ranged,
    join_folder,
    look_at_source,
    open_package,
    record_file,
)

__all__ = [
    "EntityTypeSuggestion",
    "Files",
    "InstallationSuggestion",
    "UnfinishedUpload",
    "preview_in",
    "preview_to_frame",
    "read_head",
]

if TYPE_CHECKING:  # pandas takes a second to load, so only frames load it
    import pandas as pd

_UPLOADS: Final = ("uploads", "drafts")
_Readable = Path | str | SourceFile | RangedFile
"""A file, its address, or what :meth:`~.sources.Sources.look_at` has opened."""


class Files(CenterPart):
    """Reads, checks and previews files before an import: ``center.files``."""

    def new_upload(self, name: str, size_bytes: int) -> Upload:
        """Start to receive a file in pieces. Errors are those of :class:`Upload`."""
        return self._workspace.new_upload(name, size_bytes)

    def unfinished_uploads(self) -> list[UnfinishedUpload]:
        """Return the uploads that a page of the user has left, the latest first.

        They go on once the same file is chosen again, within a day.
        """
        return self._workspace.list_unfinished_uploads()

    def discard_upload(self, key: str) -> None:
        """Remove an unfinished upload. Harmless if it is gone."""
        self._workspace.discard_unfinished_upload(key)

    def is_upload(self, path: Path) -> bool:
        """Return True for a file that a task may take over: an upload, or a draft's."""
        folder = self._workspace.path
        return any(path.is_relative_to(folder / name) for name in _UPLOADS)

    def read_head(
        self,
        path: _Readable,
        name: str | None = None,
        options: ReadingOptions = DETECT_ALL,
    ) -> FileHead:
        """Read the first 100 records of a file.

        Of a large file at an address only what is read is fetched, also by what reads
        on with the head. Where that cannot be, and of a small file, there is a copy,
        which stays in the workspace for a day.

        Args:
            path: The file, or a zip or gzip that holds one, or the address of either.
            name: The file's own name, where *path* is only where it is stored.
            options: How to read a CSV or Excel file; the rest is detected.

        Raises:
            FileError: The file cannot be read.
        """
        file, own_name = record_file(self._keep(path, name))
        return read_head(file, own_name, options)

    def recognise(self, path: Path | str, name: str | None = None) -> FileKind:
        """Return the format of a file without reading a record."""
        with look_at_source(self._workspace, path, name) as opened:
            return recognise_file(*record_file(opened))

    def describe_package(self, path: Path | str) -> str:
        """Return how many files a package has, and which of them do not move.

        Args:
            path: The folder or the zip, or the address of a zip.

        Returns:
            One or two sentences; empty if it is not a package of several files.
        """
        with open_package(self._workspace, path) as package:
            return describe_package(package, self._workspace.path)

    def suggest_entity_types(
        self,
        target: str | Sequence[EntityType],
        source: _Readable | FileHead,
    ) -> tuple[EntityTypeSuggestion, ...]:
        """Return the entity types that a file's records may belong to, and why.

        What the file states decides; else its columns, its name, and earlier imports.

        >>> found = center.files.suggest_entity_types("Production", "people.csv")
        >>> print(found[0].sentence)
        Customer: 7 of 8 columns are its fields.

        Args:
            target: The name of the target, or its entity types.
            source: The file, its address, or its head.

        Returns:
            The likeliest first. Where its *clear* is False a person should choose.

        Raises:
            FileError: The file cannot be read.
            InstallationError: The installation does not answer.
        """
        if isinstance(target, str):
            with closing(self._open(target)) as opened:
                target = sort_entity_types(opened.entity_types())
        with self._open_head(source, DETECT_ALL) as head:
            earlier = find_earlier_use(self._workspace, head)
            return suggest_entity_types(target, head, earlier)

    def suggest_installation(
        self, source: _Readable | FileHead
    ) -> InstallationSuggestion | None:
        """Return where a file, or one of its name, was imported the last time.

        Raises:
            FileError: The file cannot be read.
        """
        with self._open_head(source, DETECT_ALL) as head:
            return find_last_target(self._workspace, head)

    def plan_from_file(
        self, installation: str, head: FileHead, entity: str | None = None
    ) -> ImportPlan:
        """Return the plan that a file states, completed by the defaults.

        Args:
            installation: The name of the target.
            head: The first records of the file.
            entity: The entity type; None takes the one that the file states.

        Raises:
            InvalidPlan: Neither the file nor *entity* names an entity type.
            UnknownName: The installation has no such entity type.
        """
        with closing(self._open(installation)) as opened:
            types = sort_entity_types(opened.entity_types())
        return plan_from_file(types, head, entity)

    @staticmethod
    def with_mapping(
        plan: ImportPlan,
        mapping: Mapping | None,
        parent: str = "",
        *,
        match: str | Iterable[str] | None = None,
    ) -> ImportPlan:
        """Return a plan with another mapping, and another parent of its parts.

        Args:
            plan: The plan.
            mapping: The mapping; None leaves that of the plan.
            parent: The external reference code of the definition or picklist that all
                parts belong to; empty leaves what the plan says.
            match: The fields that identify a stored item, in place of its external
                reference code; None leaves what the mapping says.

        Raises:
            InvalidPlan: The plan is for an entity type that has no parent.
        """
        changed = with_mapping(plan, mapping)
        if match is not None:
            key = replace(changed.mapping, match=key_fields(match))
            changed = replace(changed, mapping=key)
        return with_parent(changed, parent) if parent else changed

    @staticmethod
    def of_parent(plan: ExportPlan, parent: str) -> ExportPlan:
        """Return an export of the parts of one definition or picklist.

        Raises:
            InvalidPlan: The plan is for an entity type that has no parent.
        """
        return of_parent(plan, parent)

    def check_import(
        self,
        installation: str,
        plan: ImportPlan,
        source: _Readable | FileHead,
    ) -> PlanCheck:
        """Check a plan against a file, as ``tasks.start_import`` does; start nothing.

        Args:
            installation: The name of the target.
            plan: The plan of the import.
            source: The file, its address, or its head.

        Returns:
            The problems for which the import would be refused, and the warnings
            that its task would keep as notes.

        Raises:
            RequestError: The plan asks for something that is not there.
            FileError: The file cannot be read.
            InstallationError: The installation does not answer.
        """
        with (
            closing(self._open(installation)) as opened,
            self._open_head(source, plan.reading) as head,
        ):
            check = check_file(opened, plan, head)
            earlier = self.describe_earlier_import(installation, head.path)
        return replace(check, warnings=(*earlier, *check.warnings))

    def preview(
        self,
        installation: str,
        plan: ImportPlan,
        source: _Readable | FileHead,
        rows: int = HEAD_RECORDS,
        *,
        sample: bool = False,
    ) -> pd.DataFrame:
        """Return what an import would make of some records, as a dataframe.

        Nothing is written, and no more of a large file is read than necessary.

        Args:
            installation: The name of the target.
            plan: The plan of the import.
            source: The file, its address, or its head.
            rows: The number of records.
            sample: Take records from the whole file instead of its beginning.

        Returns:
            One line a record. The index is the record's number in the file, or the
            byte at which it begins where the sample was taken by position. Columns
            have two levels: ``source`` and the file's fields, as they were read;
            ``target`` and the fields that are filled, after mapping and checks, in
            the types of :mod:`dmc_widgets.tasks.preview.dataframe`, empty where a
            field has a problem; and ``result`` with *expected* (created, updated,
            unchanged or failed, if the import wrote these records alone and went on
            after a failure) and *problems*, a text. ``attrs`` holds how much of the
            file was read, and the *warnings* with which the import would begin.

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
        source: _Readable | FileHead,
        rows: int = HEAD_RECORDS,
        *,
        sample: bool = False,
    ) -> Preview:
        """Return the content of :meth:`preview` as a value, without a dataframe."""
        with (
            self._open_head(source, plan.reading) as head,
            closing(self._open(installation)) as opened,
        ):
            preview = preview_in(opened, plan, head, rows, sample=sample)
            earlier = self.describe_earlier_import(installation, head.path)
        return replace(preview, warnings=(*earlier, *preview.warnings))

    def describe_earlier_import(
        self, installation: str, path: Path | str | RangedFile
    ) -> tuple[str, ...]:
        """Return a warning if the same file was imported into an installation before.

        Files are known by their SHA-256, whatever their names; large ones at an
        address, of which only parts are fetched, by the address and the version.

        Returns:
            What became of the file the last time; empty if it is new there.

        Raises:
            FileUnreadable: The file cannot be read.
        """
        with look_at_source(self._workspace, path) as opened:
            file, _ = record_file(opened)
            return describe_earlier_import(self._workspace, installation, file)

    def _keep(self, source: _Readable, name: str | None) -> SourceFile | RangedFile:
        """Return a file whose copy, if it needs one, stays for a while."""
        if isinstance(source, (SourceFile, RangedFile)):
            return source
        found = find_address(source)
        if isinstance(found, Path):
            if found.is_dir():
                return join_folder(self._workspace, found, name)
            return SourceFile(found, name)
        ranged = find_ranged(self._workspace, source, name)
        if ranged is not None:
            return ranged
        copy = fetch_file(self._workspace, str(source))
        if copy is None:
            raise TypeError(source)  # nothing cancels it
        return replace(copy, name=name or copy.name)

    @contextmanager
    def _open_head(
        self, source: _Readable | FileHead, reading: ReadingOptions
    ) -> Iterator[FileHead]:
        """Read the head of a file, which can be read on until the block ends."""
        if isinstance(source, FileHead):
            yield source
            return
        with look_at_source(self._workspace, source) as opened:
            yield read_head(*record_file(opened), reading)


def preview_in(
    installation: Installation,
    plan: ImportPlan,
    source: Path | str | FileHead,
    rows: int = HEAD_RECORDS,
    *,
    sample: bool = False,
) -> Preview:
    """Preview an import into an open installation; see :meth:`Files.preview`."""
    require_rows(rows)
    head = _head_of(source, plan.reading)
    check = check_file(installation, plan, head).without_question()
    check.require_startable()
    records = take_sample(head, rows, plan.reading, spread=sample)
    preview = create_preview(installation, plan, records)
    notes = tuple(note for note in preview.notes if note not in check.warnings)
    return replace(preview, warnings=check.warnings, notes=notes)


def _head_of(source: Path | str | FileHead, reading: ReadingOptions) -> FileHead:
    if isinstance(source, FileHead):
        return source
    return read_head(find_local_path(source), None, reading)
