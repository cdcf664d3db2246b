"""Plans: everything that is chosen for one export, import or migration."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidPlan, UnknownChoice
from .action import Action
from .backup_plan import BackupPlan, backup_plan_from_dict
from .coercion import (
    name_tuple,
    parse_choice,
    require_flags,
    require_instance,
    require_text,
    set_texts,
)
from .compression import COMPRESSION_WORDS, Compression
from .entity_type import EntityType
from .mapping import Mapping
from .mapping_serialization import pair_from_list, pair_to_list
from .match_keys import MatchKeys, match_keys, match_keys_to_dict
from .query.filter_parser import parse_filter
from .query.sort_order import parse_sort
from .reading_options import DETECT_ALL, ReadingOptions, reading_options_from_dict
from .representation import ValueDisplay, html_pairs
from .run_options import DEFAULT_OPTIONS, RunOptions, run_options_from_dict
from .selection import Selection, selection_from_dict
from .strategies import Policy, policy_from_dict
from .undo_plan import UndoPlan, undo_plan_from_dict
from .verification_plan import VerificationPlan, verification_plan_from_dict

__all__ = [
    "DRY_RUN_SUFFIX",
    "Action",
    "BackupPlan",
    "ExportPlan",
    "ImportPlan",
    "MigrationPlan",
    "PackagePlan",
    "Plan",
    "Selection",
    "SinglePlan",
    "Template",
    "UndoPlan",
    "VerificationPlan",
    "is_dry_run",
    "plan_from_dict",
    "single_plan_from_dict",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """The choices of an export: what to read, and how to write it.

    Attributes:
        entity_type: The entity type's key, short name or value.
        format: The name of a format: CSV, JSON, JSONL, JSONT, PARQUET or XLSX.
        fields: The names of the fields to write; None for all of them.
        include_headers: CSV and XLSX: the first line names the columns.
        guard_formulas: CSV only: a text that a spreadsheet would run as a formula gets
            a leading apostrophe, which Liferay before 2026 and other readers store.
        compression: PARQUET only: how the columns are compressed.
        scope: A site's key; empty for company scope.
        name: The name of the task; generated when empty.
        filter: An OData expression that the records meet; empty for all.
        sort: Such as ``title:asc,priority:desc``; empty for the order of creation.
        search: A text that the records hold; empty for all.
        for_version: The version of Liferay that the file is for, such as
            ``7.4.3.112``: what it does not know is left out. Empty for any.

    Raises:
        InvalidPlan: No field is chosen, or a value is of another kind.
        InvalidQuery: The filter or the sort order cannot be read.
    """

    entity_type: str
    format: str = "JSON"
    fields: tuple[str, ...] | None = None
    include_headers: bool = True
    guard_formulas: bool = True
    compression: Compression = Compression.ZSTD
    scope: str = ""
    name: str = ""
    filter: str = ""
    sort: str = ""
    search: str = ""
    for_version: str = ""

    action = Action.EXPORT

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            entity_type: str | EntityType,
            format: str = ...,
            fields: str | Iterable[str] | None = ...,
            include_headers: bool = ...,
            guard_formulas: bool = ...,
            compression: Compression | str = ...,
            scope: str = ...,
            name: str = ...,
            filter: str = ...,
            sort: str = ...,
            search: str = ...,
            for_version: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        _set_entity_type(self)
        set_texts(self, "format", "scope", "name", "filter", "sort", "search")
        set_texts(self, "for_version")
        require_flags(self, "include_headers", "guard_formulas")
        compression = parse_choice(
            Compression, self.compression, "compression", COMPRESSION_WORDS
        )
        object.__setattr__(self, "compression", compression)
        if self.fields is not None:
            object.__setattr__(self, "fields", name_tuple(self.fields, "fields"))
            if not self.fields:
                reason = "Please select at least one field."
                raise InvalidPlan(reason)
        parse_filter(self.filter)
        parse_sort(self.sort)

    def __repr__(self) -> str:
        return _plan_repr(self)

    def _repr_html_(self) -> str:
        return _plan_html(self)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "entityType": self.entity_type,
            "format": self.format,
            "fields": None if self.fields is None else list(self.fields),
            "includeHeaders": self.include_headers,
            "guardFormulas": self.guard_formulas,
            "compression": self.compression.value,
            "scope": self.scope,
            "name": self.name,
            "filter": self.filter,
            "sort": self.sort,
            "search": self.search,
            "forVersion": self.for_version,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """The choices of an import: what fills which field, and by which rules.

    Attributes:
        entity_type: The entity type's key, short name or value.
        mapping: The source field, constant or expression that fills each target field.
        policy: The three strategies.
        reading: How a CSV or Excel file is read; the rest is detected.
        scope: A site's key; empty for company scope, and where each record names
            its site.
        new_sites: Add sites that are named but missing, where the installation can do
            that. Otherwise their records fail.
        options: How the task runs: with a journal, and so on.
        allow_deletions: Parts of a definition or picklist that only the target has may
            be deleted when it is overwritten, with the values of its entries.
        name: The name of the task; generated when empty.
        dry_run: Report the outcome of each record with its changes, and write nothing.
        matched_in: The ids of earlier tasks. What they matched by a key is named here
            by the codes of their records, and gets those of the target.

    Raises:
        InvalidPlan: A value is of another kind.
    """

    entity_type: str
    mapping: Mapping = Mapping(same_names=True)
    policy: Policy = Policy()
    reading: ReadingOptions = DETECT_ALL
    scope: str = ""
    new_sites: bool = False
    options: RunOptions = DEFAULT_OPTIONS
    allow_deletions: bool = False
    name: str = ""
    dry_run: bool = False
    matched_in: tuple[int, ...] = ()

    action = Action.IMPORT

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            entity_type: str | EntityType,
            mapping: Mapping = ...,
            policy: Policy = ...,
            reading: ReadingOptions = ...,
            scope: str = ...,
            new_sites: bool = ...,
            options: RunOptions = ...,
            allow_deletions: bool = ...,
            name: str = ...,
            dry_run: bool = ...,
            matched_in: Iterable[int] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        _set_entity_type(self)
        object.__setattr__(self, "matched_in", tuple(self.matched_in))
        require_instance(self.mapping, Mapping, "mapping")
        require_instance(self.policy, Policy, "policy")
        require_instance(self.reading, ReadingOptions, "reading")
        require_instance(self.options, RunOptions, "options")
        self.options.require_policy(self.policy)
        set_texts(self, "scope", "name")
        require_flags(self, "new_sites", "dry_run")
        require_flags(self, "new_sites", "allow_deletions")

    def __repr__(self) -> str:
        return _plan_repr(self)

    def _repr_html_(self) -> str:
        return _plan_html(self)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "entityType": self.entity_type,
            "mapping": [pair_to_list(pair) for pair in self.mapping.pairs],
            "sameNames": self.mapping.same_names,
            "match": list(self.mapping.match),
            **self.policy.as_dict(),
            "reading": self.reading.as_dict(),
            "scope": self.scope,
            "newSites": self.new_sites,
            "options": self.options.as_dict(),
            "allowDeletions": self.allow_deletions,
            "name": self.name,
            "dryRun": self.dry_run,
            **({"matchedIn": list(self.matched_in)} if self.matched_in else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """The choices of an export of many entity types into one package.

    Attributes:
        selection: The entity types, and what comes along.
        policy: The strategies that the package states for its import.
        name: The name of the task; generated when empty.
        for_version: The version of Liferay that the package is for, such as
            ``7.4.3.112``: what it does not know is left out. Empty for any.

    Raises:
        InvalidPlan: A value is of another kind, or the policy is a merge, which no
            file can state because Liferay has none.
    """

    selection: Selection = Selection()
    policy: Policy = Policy()
    name: str = ""
    for_version: str = ""

    action = Action.EXPORT

    def __post_init__(self) -> None:
        require_instance(self.selection, Selection, "selection")
        require_instance(self.policy, Policy, "policy")
        set_texts(self, "name", "for_version")
        if self.policy.merges:
            reason = (
                "A package cannot state MERGE, which Liferay does not have. State "
                "UPDATE or PARTIAL_UPDATE, and choose MERGE where it is imported."
            )
            raise InvalidPlan(reason)

    @property
    def entity_type(self) -> str:
        """The text that lists show in place of a single entity type."""
        return self.selection.title

    def __repr__(self) -> str:
        return _plan_repr(self)

    def _repr_html_(self) -> str:
        return _plan_html(self)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "chosen": self.selection.as_dict(),
            **self.policy.as_dict(),
            "name": self.name,
            "forVersion": self.for_version,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """The choices of a migration from one installation into another.

    Attributes:
        source: The name of the installation to read from.
        selection: The entity types, and what comes along.
        policy: The three strategies.
        dry_run: Report the outcome of each record, and write nothing.
        match_names: Treat definitions, picklists and folders of the same name as the
            same, whatever their external reference codes.
        match: Pairs of an entity type and the fields that identify an entry of it, in
            place of its external reference code; a dict is taken as well, and a single
            field may stand alone. An entry that the target has by these keeps its
            code, and whatever names it follows.
        allow_deletions: Parts of a definition or picklist that only the target has may
            be deleted when it is overwritten, with the values of its entries.
        options: How the task runs: with a journal, and so on.
        name: The name of the task; generated when empty.
    """

    source: str
    selection: Selection = Selection()
    policy: Policy = Policy()
    dry_run: bool = False
    match_names: bool = False
    match: MatchKeys = ()
    allow_deletions: bool = False
    options: RunOptions = DEFAULT_OPTIONS
    name: str = ""

    action = Action.MIGRATION

    if TYPE_CHECKING:  # what may be given is wider than what is stored

        def __init__(
            self,
            *,
            source: str,
            selection: Selection = ...,
            policy: Policy = ...,
            dry_run: bool = ...,
            match_names: bool = ...,
            match: AbstractMapping[str, str | Iterable[str]] | MatchKeys = ...,
            allow_deletions: bool = ...,
            options: RunOptions = ...,
            name: str = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        require_instance(self.selection, Selection, "selection")
        require_instance(self.policy, Policy, "policy")
        require_instance(self.options, RunOptions, "options")
        self.options.require_policy(self.policy)
        if self.options.is_divided:
            reason = (
                "A migration has one worker, because parents come before their "
                "children. Choose one worker."
            )
            raise InvalidPlan(reason)
        set_texts(self, "source", "name")
        object.__setattr__(self, "match", match_keys(self.match))
        require_flags(self, "dry_run", "match_names", "allow_deletions")

    @property
    def entity_type(self) -> str:
        """The text that lists show in place of a single entity type."""
        return self.selection.title

    def __repr__(self) -> str:
        return _plan_repr(self)

    def _repr_html_(self) -> str:
        return _plan_html(self)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "source": self.source,
            "chosen": self.selection.as_dict(),
            **self.policy.as_dict(),
            "dryRun": self.dry_run,
            "matchNames": self.match_names,
            "match": match_keys_to_dict(self.match),
            "allowDeletions": self.allow_deletions,
            "options": self.options.as_dict(),
            "name": self.name,
        }


def _plan_repr(plan: Plan) -> str:
    """Return a plan in one line, without the choices that are defaults."""
    required = {"entity_type", "source", "selection"}
    shown = [
        f"{field.name}={getattr(plan, field.name)!r}"
        for field in dataclass_fields(plan)
        if field.name in required or getattr(plan, field.name) != field.default
    ]
    return f"{type(plan).__name__}({', '.join(shown)})"


def _plan_html(plan: Plan) -> str:
    pairs = [
        (field.name.replace("_", " ").capitalize(), getattr(plan, field.name))
        for field in dataclass_fields(plan)
    ]
    return html_pairs(f"{plan.action} plan", pairs)


def _set_entity_type(plan: ExportPlan | ImportPlan) -> None:
    given: object = plan.entity_type
    key = given.key if isinstance(given, EntityType) else given
    object.__setattr__(plan, "entity_type", require_text(key, "entity_type"))


SinglePlan = ExportPlan | ImportPlan
"""A plan for one entity type, which a form fills and a template keeps."""

Plan = (
    SinglePlan | MigrationPlan | PackagePlan | UndoPlan | VerificationPlan | BackupPlan
)


DRY_RUN_SUFFIX: Final = " (Dry Run)"
"""What the name of a task ends with that is a dry run of a named plan."""


def has_several_workers(plan: Plan) -> bool:
    """Return True if a plan lets several workers import the partitions of its file."""
    return isinstance(plan, ImportPlan) and plan.options.is_divided


def worker_clusters(plans: Iterable[Plan]) -> set[str]:
    """Return the clusters of the plans with several workers, empty for processes."""
    chosen = (
        plan if isinstance(plan, VerificationPlan) else plan.options
        for plan in plans
        if isinstance(plan, (ImportPlan, VerificationPlan))
    )
    return {workers.cluster for workers in chosen if workers.is_divided}


def is_dry_run(plan: Plan) -> bool:
    """Return True for the plan of a dry run, which writes nothing."""
    writing = (ImportPlan, MigrationPlan, UndoPlan)
    return isinstance(plan, writing) and plan.dry_run


def plan_from_dict(data: dict[str, Any]) -> Plan:
    """Build the plan that *as_dict* wrote.

    Raises:
        InvalidPlan: *data* is not a plan, or names a choice that does not exist.
        InvalidQuery: Its filter or its sort order cannot be read.
    """
    try:
        if data["action"] == Action.MIGRATION:
            return _migration_plan(data)
        if data["action"] == Action.VERIFICATION:
            return verification_plan_from_dict(data)
        if data["action"] == Action.BACKUP:
            return backup_plan_from_dict(data)
        if data["action"] == Action.UNDO:
            return undo_plan_from_dict(data)
        if data["action"] == Action.EXPORT:
            return _package_plan(data) if "chosen" in data else _export_plan(data)
        return _import_plan(data)
    except (KeyError, TypeError, ValueError, UnknownChoice) as exc:
        reason = f"This is not a plan that can be read: {exc!r}."
        raise InvalidPlan(reason) from exc


def single_plan_from_dict(data: dict[str, Any]) -> SinglePlan:
    """Build the plan of one entity type that *as_dict* wrote.

    Raises:
        InvalidPlan: *data* is not such a plan.
    """
    plan = plan_from_dict(data)
    if isinstance(plan, (ExportPlan, ImportPlan)):
        return plan
    reason = f"This is a plan for several entity types: {plan.entity_type}."
    raise InvalidPlan(reason)


def _export_plan(data: dict[str, Any]) -> ExportPlan:
    fields = data["fields"]
    return ExportPlan(
        entity_type=data["entityType"],
        format=data["format"],
        fields=None if fields is None else tuple(fields),
        include_headers=data["includeHeaders"],
        guard_formulas=data.get("guardFormulas", True),
        compression=data.get("compression", Compression.ZSTD),
        scope=data["scope"],
        name=data["name"],
        filter=data.get("filter", ""),
        sort=data.get("sort", ""),
        search=data.get("search", ""),
        for_version=data.get("forVersion", ""),
    )


def _package_plan(data: dict[str, Any]) -> PackagePlan:
    return PackagePlan(
        selection=selection_from_dict(data["chosen"]),
        policy=policy_from_dict(data),
        name=data["name"],
        for_version=data.get("forVersion", ""),
    )


def _migration_plan(data: dict[str, Any]) -> MigrationPlan:
    return MigrationPlan(
        source=data["source"],
        selection=selection_from_dict(data["chosen"]),
        policy=policy_from_dict(data),
        dry_run=data["dryRun"],
        match_names=data.get("matchNames", False),
        match=data.get("match", {}),
        allow_deletions=data.get("allowDeletions", False),
        options=run_options_from_dict(data.get("options", {})),
        name=data["name"],
    )


def _import_plan(data: dict[str, Any]) -> ImportPlan:
    pairs = tuple(pair_from_list(pair) for pair in data["mapping"])
    return ImportPlan(
        entity_type=data["entityType"],
        mapping=Mapping(
            pairs, same_names=data["sameNames"], match=data.get("match", ())
        ),
        policy=policy_from_dict(data),
        reading=reading_options_from_dict(data.get("reading", {})),
        scope=data["scope"],
        new_sites=data.get("newSites", False),
        options=run_options_from_dict(data.get("options", {})),
        allow_deletions=data.get("allowDeletions", False),
        name=data["name"],
        dry_run=data.get("dryRun", False),
        matched_in=tuple(data.get("matchedIn", ())),
    )


MAX_TEMPLATE_NAME: Final = 75
"""The number of characters that the name of a template may have."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Template(ValueDisplay):
    """A named plan without its file.

    Attributes:
        name: Unique among templates, at most 75 characters.
        plan: The plan that the template repeats.
        id: The number that the workspace gave it; 0 before.
        created: ISO 8601 in UTC; empty before the workspace holds it.
        author: The user who saved it.
        modified: When it was changed last; empty if it never was.
        used: When it was used last; empty if it never was.
    """

    name: str
    plan: SinglePlan
    id: int = 0
    created: str = ""
    author: str = ""
    modified: str = ""
    used: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            reason = "The template needs a name."
            raise InvalidPlan(reason)
        if len(self.name) > MAX_TEMPLATE_NAME:
            reason = (
                f"The name has {len(self.name)} characters; {MAX_TEMPLATE_NAME} are "
                "allowed."
            )
            raise InvalidPlan(reason)
