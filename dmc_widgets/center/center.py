"""The data migration center: everything that people can do with a workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..errors import InvalidPlan
from ..formats.json.values import to_json
from ..model.coercion import require_instance
from ..model.compression import Compression
from ..model.entity_type import EntityType
from ..model.field_mapping import FieldMapping
from ..model.mapping import Mapping as FieldMappings
from ..model.match_keys import MatchKeys, match_keys
from ..model.merge_choices import MergeChoices
from ..model.plan import ExportPlan, ImportPlan, MigrationPlan, Selection
from ..model.reading_options import DETECT_ALL, ReadingOptions
from ..model.representation import html_pairs
from ..model.run_options import RunOptions
from ..model.strategies import Policy, UpdateStrategy
from ..model.task import Task, TaskStatus
from ..storage.private_files import write_atomically
from ..storage.remote_addresses import find_address
from ..tasks.packages.report import PackageReport
from ..tasks.samples import seed_workspace
from ..workspace import Workspace
from .base import task_id_of
from .choices import Paths, WriteChoices, choose_options, choose_policy
from .drafts import Drafts
from .exported_files import choose_format
from .files import Files
from .following import follow_package, follow_start
from .frames import frame_to_records
from .history import History
from .installations import Installations
from .mappings import Mappings
from .notifications import Notifications
from .pool import Pool
from .safeguards import Safeguards
from .source_files import SourceFile, open_source_file
from .task_handle import TaskHandle
from .tasks import Tasks
from .templates import Templates

if TYPE_CHECKING:  # few calls need them, and they take long to load
    import pandas as pd

    from .differences import Differences
    from .repair import Repair
    from .sources import Sources


class Center(Safeguards):
    """The data migration center over one workspace.

    Its own methods do a whole job: they start a task, show its progress and return it
    when it has ended. An interrupt meanwhile (Ctrl-C, or that of a notebook's kernel)
    cancels the task, and says how it goes on. The parts offer each step.

    >>> with dmc.open_center("my-workspace") as center:
    ...     task = center.import_file("Production", "Ticket", "tickets.csv")
    ...     task.failures()

    Args:
        workspace: Holds connections, templates and tasks. Closed with the center.

    Attributes:
        installations: Connects installations and shows what they hold.
        files: Reads, checks and previews files before an import.
        mappings: Suggests mappings, and reads and writes mapping files.
        tasks: Starts, watches and cancels tasks, and reads their outcomes.
        history: Lists what happened to tasks, and who asked for it.
        notifications: Sends messages when a long task ends.
        drafts: Keeps forms in progress until they are run or discarded.
        pool: Lets processes on any machine carry out the queued tasks.
        templates: Saves plans under a name and finds them again.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.installations = Installations(workspace)
        self.files = Files(workspace)
        self.mappings = Mappings(workspace)
        self.tasks = Tasks(workspace)
        self.history = History(workspace)
        self.notifications = Notifications(workspace)
        self.pool = Pool(workspace)
        self.templates = Templates(workspace)
        self.drafts = Drafts(workspace)
        if not workspace.permissions.is_restricted:
            seed_workspace(workspace)

    @cached_property
    def sources(self) -> Sources:
        """Takes files from folders of the server, other hosts and stores."""
        from .sources import Sources

        return Sources(self._workspace)

    @cached_property
    def repair(self) -> Repair:
        """Mends failed records, and tries them again."""
        from .repair import Repair

        return Repair(self._workspace)

    @cached_property
    def differences(self) -> Differences:
        """Compares definitions, picklists and folders; applies single differences."""
        from .differences import Differences

        return Differences(self._workspace, self.installations, self.tasks)

    def __enter__(self) -> Center:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the workspace. Running tasks go on."""
        self._workspace.close()

    @property
    def workspace_path(self) -> Path:
        """The folder of the workspace."""
        return self._workspace.path

    def task(self, task: Task | TaskHandle | int) -> TaskHandle:
        """Return a task as it is at this moment, to wait for it or read its outcomes.

        Raises:
            UnknownName: No task has that id.
        """
        number = task.id if isinstance(task, TaskHandle) else task_id_of(task)
        return TaskHandle(self._workspace, self.tasks.get(number))

    def export_file(
        self,
        installation: str,
        entity: EntityType | str,
        path: Path | str | None = None,
        *,
        format: str | None = None,
        fields: str | Iterable[str] | None = None,
        filter: str = "",
        sort: str = "",
        search: str = "",
        scope: str = "",
        include_headers: bool = True,
        guard_formulas: bool = True,
        compression: Compression | str = Compression.ZSTD,
        for_version: str = "",
        name: str = "",
        wait: bool = True,
    ) -> TaskHandle:
        """Export items of an entity type into a file.

        >>> center.export_file("Staging", "Ticket", "tickets.csv", filter="age gt 3")

        Args:
            installation: The name of the installation to read from.
            entity: The entity type.
            path: The file to write: a zip, unless its name ends like the format; a
                file that is there is replaced. In a folder the zip gets a name of its
                own, such as ``Ticket-2026-11-28.zip``, and replaces nothing. It may be
                an address, such as ``s3://bucket/exports/``. None leaves it in the
                workspace, where ``task.file()`` finds it.
            format: The name of the format; None takes it from *path*, else JSON.
            fields: The names of the fields; None for all of them.
            filter: An OData expression that the items meet.
            sort: Such as ``title:asc,priority:desc``.
            search: A text that the items hold in a text field.
            scope: A site's key; empty for company scope.
            include_headers: CSV and XLSX: the first line names the columns.
            guard_formulas: CSV: write an apostrophe before texts that a spreadsheet
                would run as formulas.
            compression: PARQUET: ``ZSTD``, ``SNAPPY``, ``GZIP`` or ``NONE``.
            for_version: The version of Liferay that the file is for, such as
                ``7.4.3.112``; the notes of the task say what is left out for it.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.

        Returns:
            The task. The file is written only if its status is *Completed*.

        Raises:
            InvalidPlan: A path is given although nothing waits for the file, or no file
                can be written there.
            RequestError: The plan asks for something that is not there.
            InstallationError: The installation does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        _require_waiting(path, wait=wait)
        self.tasks.require_target(path)
        plan = ExportPlan(
            entity_type=entity,
            format=format or choose_format(path),
            fields=fields,
            filter=filter,
            sort=sort,
            search=search,
            scope=scope,
            include_headers=include_headers,
            guard_formulas=guard_formulas,
            compression=compression,
            for_version=for_version,
            name=name,
        )
        task = self._handle(self.tasks.start_export(installation, plan), wait=wait)
        if path is not None and task.status is TaskStatus.COMPLETED:
            self.tasks.save_file(task.id, path)
        return task.refresh()

    def import_file(
        self,
        installation: str,
        entity: EntityType | str | None,
        path: Path | str,
        *,
        mapping: FieldMappings | Iterable[FieldMapping | str] | None = None,
        match: str | Iterable[str] | None = None,
        reading: ReadingOptions = DETECT_ALL,
        scope: str = "",
        new_sites: bool = False,
        parent: str = "",
        allow_deletions: bool = False,
        template: str | None = None,
        dry_run: bool = False,
        name: str = "",
        wait: bool = True,
        **choices: Unpack[WriteChoices],
    ) -> TaskHandle:
        """Import the records of a file into an entity type.

        >>> center.import_file(
        ...     "Production", "Ticket", "tickets.xlsx", on_error="continue"
        ... )

        Args:
            installation: The name of the installation to write to.
            entity: The entity type; None takes the one that the file states.
            path: The file, or a zip or gzip that holds one, or the address of either,
                such as ``s3://bucket/tickets.jsonl``. The workspace keeps a copy.
            mapping: The mapping, or its pairs; None maps fields of the same name.
            match: The fields whose values identify the stored entry of a record, in
                place of its external reference code: ``"email"``, or several. None
                takes what the mapping says.
            import_strategy: ``UPSERT``, ``INSERT`` or ``UPDATE``; None takes what the
                file states, else ``UPSERT``.
            update_strategy: ``UPDATE``, ``PARTIAL_UPDATE`` or ``MERGE``; None takes
                what the file states, else ``UPDATE``.
            on_error: ``stop`` or ``continue``; None takes what the file states, else
                ``stop``.
            lazy_references: Records may name entries that do not exist yet: an empty
                one is added for each, to be filled when its record comes. None takes
                the choice of the template, else False.
            reading: How to read a CSV or Excel file; the rest is detected.
            scope: A site's key; empty for company scope, and where records name sites.
            new_sites: Add sites that records name and the installation does not have.
            parent: The external reference code of the definition that fields,
                relationships and other parts belong to, or of the picklist of entries;
                empty for what the file or each record says.
            only: Paths of differences, such as ``Ticket.objectFields.state``: merge
                the definitions, picklists or folders, and accept these alone.
            leave: Paths of differences: merge, and leave these as the target has them.
            allow_deletions: Parts of a definition or picklist that only the target has
                may be deleted.
            template: The name of a template; choices that are given here override it.
            dry_run: Report the outcome and the changes of each record, and write
                nothing; ``task.run()`` then imports exactly what was shown.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.
            choices: The options of the run, such as ``journal=False`` or
                ``error_limit="50"``, which continues on errors up to that limit; see
                :class:`~dmc_widgets.model.run_options.RunOptions`.

        Raises:
            RequestError: The plan asks for something that is not there.
            FileError: The file cannot be imported.
            InstallationError: The installation does not answer.
            WorkspaceError: The file could not be copied, or the task not started.
        """
        require_instance(reading, ReadingOptions, "reading")
        self.tasks.prepare_workers()
        with open_source_file(self._workspace, path) as file:
            if template is None:
                plan = self._import_plan(installation, entity, file, reading)
            else:
                plan = self._template_plan(installation, entity, template, reading)
            policy = choose_policy(plan.policy, choices)
            chosen = None if mapping is None else _mapping_of(mapping)
            plan = replace(
                self.files.with_mapping(plan, chosen, parent, match=match),
                policy=policy,
                scope=scope or plan.scope,
                new_sites=new_sites or plan.new_sites,
                allow_deletions=allow_deletions or plan.allow_deletions,
                dry_run=dry_run,
                options=choose_options(plan.options, choices, dry_run=dry_run),
                name=name,
            )
            task = self.tasks.start_import(installation, plan, file)
        return self._handle(task, wait=wait)

    def import_frame(
        self,
        installation: str,
        entity: EntityType | str,
        frame: pd.DataFrame,
        *,
        mapping: FieldMappings | Iterable[FieldMapping | str] | None = None,
        match: str | Iterable[str] | None = None,
        scope: str = "",
        new_sites: bool = False,
        dry_run: bool = False,
        name: str = "",
        wait: bool = True,
        **choices: Unpack[WriteChoices],
    ) -> TaskHandle:
        """Import the rows of a dataframe into an entity type.

        Values keep their types: see
        :func:`dmc_widgets.center.frames.frame_to_records`. The arguments are those of
        :meth:`import_file`.

        >>> center.import_frame("Production", "Ticket", frame, update_strategy="UPDATE")
        """
        self.tasks.prepare_workers()
        entity_type = self._entity_type(installation, entity)
        policy = choose_policy(Policy(), choices)
        plan = ImportPlan(
            entity_type=entity_type,
            policy=policy,
            scope=scope,
            new_sites=new_sites,
            dry_run=dry_run,
            options=choose_options(RunOptions(), choices, dry_run=dry_run),
            name=name,
        )
        if mapping is not None:
            plan = replace(plan, mapping=_mapping_of(mapping))
        plan = self.files.with_mapping(plan, None, match=match)
        lines = (
            to_json(record) + b"\n" for record in frame_to_records(frame, entity_type)
        )
        with tempfile.TemporaryDirectory(dir=self.workspace_path) as folder:
            path = Path(folder) / "frame.jsonl"
            write_atomically(path, lines)
            task = self.tasks.start_import(installation, plan, path, consume=True)
        return self._handle(task, wait=wait)

    def import_package(
        self,
        installation: str,
        path: Path | str,
        *,
        site: str = "",
        new_sites: bool = False,
        lazy_references: bool = False,
        update_strategy: UpdateStrategy | str | None = None,
        only: Paths = (),
        leave: Paths = (),
        match: Mapping[str, str | Iterable[str]] | MatchKeys = (),
        allow_deletions: bool = False,
        resume: bool = False,
        dry_run: bool = False,
    ) -> PackageReport:
        """Import every batch file below a folder, or in a zip, and sum up.

        >>> report = center.import_package("Production", "onboarding.zip")
        >>> report.left_out, report.failed, report.is_complete

        Files are imported in the natural order of their paths, each as a task of its
        own; one that fails does not stop the files after it. An interrupt cancels the
        file that is being imported, and *resume* goes on with the package.

        Args:
            installation: The name of the target.
            path: The folder or the zip, or the address of a zip.
            site: The key of the site for all entries that belong to sites; empty for
                the site that each file or record names.
            new_sites: Add sites that entries name and the target does not have.
            lazy_references: Entries may name entries of later files.
            update_strategy: The strategy in place of that of each file.
            only: Paths of the differences that alone are accepted; see
                :meth:`import_file`.
            leave: Paths of the differences that are left.
            match: Fields that identify an item, by entity type, in place of its
                external reference code; see :meth:`migrate`.
            allow_deletions: Parts of a definition or picklist that only the target has
                may be deleted.
            resume: Go on with a package that was interrupted: files that were
                imported are left out, and a task that stopped is resumed. Files are
                known by SHA-256.
            dry_run: Report what would become of each record, and write nothing. A file
                is checked against what those before it would have written.

        Raises:
            InvalidPlan: A dry run is to be resumed.
            FileUnreadable: It is neither folder nor zip, or holds other files only.
            UnknownName: No installation has that name.
        """
        import_files = partial(
            self.tasks.import_package,
            installation,
            path,
            site=site,
            new_sites=new_sites,
            lazy_references=lazy_references,
            update_strategy=update_strategy,
            merge=MergeChoices(only, leave),
            match=match_keys(match),
            allow_deletions=allow_deletions,
            resume=resume,
            dry_run=dry_run,
        )
        name = find_address(path).name
        return follow_package(name, import_files, is_dry_run=dry_run)

    def migrate(
        self,
        source: str,
        target: str,
        entities: str | Iterable[str] = (),
        *,
        with_needed: bool = False,
        filters: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        sites: str | Iterable[str] = (),
        match_names: bool = False,
        match: Mapping[str, str | Iterable[str]] | MatchKeys = (),
        allow_deletions: bool = False,
        dry_run: bool = False,
        name: str = "",
        wait: bool = True,
        **choices: Unpack[WriteChoices],
    ) -> TaskHandle:
        """Move entity types from one installation into another.

        >>> center.migrate("Staging", "Production", "Ticket", with_needed=True)

        Args:
            source: The name of the installation to read from.
            target: The name of the installation to write to.
            entities: Entity types; empty for everything that the source has.
            with_needed: Bring what the chosen ones need and the target lacks.
            filters: OData expressions by entity type, for entries that move.
            sites: Keys of the sites whose entries move; empty for all.
            import_strategy: ``UPSERT`` (the default), ``INSERT`` or ``UPDATE``.
            update_strategy: ``UPDATE`` (the default), ``PARTIAL_UPDATE`` or ``MERGE``.
            on_error: ``stop`` (the default) or ``continue``.
            lazy_references: Entries may name entries that the target does not have: an
                empty one is added for each. None is False.
            match_names: Treat definitions, picklists and folders of the same name as
                the same, whatever their external reference codes.
            match: Fields that identify an entry, by entity type, in place of its
                external reference code: ``{"Customer": "email"}``. An entry that the
                target has by these keeps its code there.
            only: Paths of differences, as ``center.installations.compare`` lists
                them: merge, and accept these alone.
            leave: Paths of differences: merge, and leave these.
            allow_deletions: Parts of a definition or picklist that only the target has
                may be deleted.
            dry_run: Report the outcome of each record, and write nothing.
            name: The name of the task; generated when empty.
            wait: Return when the task has ended; otherwise at once.
            choices: The options of the run, such as ``journal=False`` or
                ``error_limit="50"``, which continues on errors up to that limit; see
                :class:`~dmc_widgets.model.run_options.RunOptions`.

        Raises:
            RequestError: The plan asks for something that is not there.
            InstallationError: One of the installations does not answer.
            WorkspaceError: The task could not be recorded or started.
        """
        plan = MigrationPlan(
            source=source,
            selection=Selection(
                entity_types=entities,
                with_needed=with_needed,
                filters=filters,
                sites=sites,
            ),
            policy=choose_policy(Policy(), choices),
            match_names=match_names,
            match=match,
            allow_deletions=allow_deletions,
            options=choose_options(RunOptions(), choices, dry_run=dry_run),
            dry_run=dry_run,
            name=name,
        )
        return self._handle(self.tasks.start_migration(target, plan), wait=wait)

    def _handle(self, task: Task, *, wait: bool) -> TaskHandle:
        return TaskHandle(self._workspace, follow_start(self.tasks, task, wait=wait))

    def _entity_type(self, installation: str, entity: EntityType | str) -> EntityType:
        if isinstance(entity, EntityType):
            return entity
        return self.installations.entity_type(installation, entity)

    def _import_plan(
        self,
        installation: str,
        entity: EntityType | str | None,
        file: SourceFile,
        reading: ReadingOptions,
    ) -> ImportPlan:
        head = self.files.read_head(file, options=reading)
        name = entity.key if isinstance(entity, EntityType) else entity
        plan = self.files.plan_from_file(installation, head, name)
        return replace(plan, reading=reading)

    def _template_plan(
        self,
        installation: str,
        entity: EntityType | str | None,
        template: str,
        reading: ReadingOptions,
    ) -> ImportPlan:
        plan = self.templates.get(template).plan
        if not isinstance(plan, ImportPlan):
            reason = f"The template {template!r} is for exports. Choose another one."
            raise InvalidPlan(reason)
        name = plan.entity_type if entity is None else entity
        entity_type = self._entity_type(installation, name)
        return replace(
            plan, entity_type=entity_type.key, reading=reading.over(plan.reading)
        )

    def __repr__(self) -> str:
        return f"<Center {str(self.workspace_path)!r}>"

    def _repr_html_(self) -> str:
        """Show what is in the workspace, and what each part is for."""
        tasks = self.tasks.count()
        pairs = [
            ("Installations", ", ".join(x.name for x in self.installations)),
            ("Tasks", f"{tasks:,}"),
            ("Templates", ", ".join(x.name for x in self.templates.list())),
        ]
        return html_pairs(f"Center {self.workspace_path}", pairs)


def _mapping_of(given: Any) -> FieldMappings:
    return given if isinstance(given, FieldMappings) else FieldMappings(given)


def _require_waiting(path: Path | str | None, *, wait: bool) -> None:
    if path is not None and not wait:
        reason = "Nothing would write the file. Leave out the path, or wait."
        raise InvalidPlan(reason)
