"""Everything chosen for one export or one import, and templates of it.

Moving many entity types at once: what was chosen, and the parts of the task.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..errors import InvalidPlan
from .entity_type import simple_name
from .mapping import Mapping
from .mapping_serialization import pair_from_list, pair_to_list
from .query.filter_parser import parse_filter
from .query.sort_order import parse_sort
from .reading_options import DETECT_ALL, ReadingOptions, reading_options_from_dict
from .strategies import ErrorStrategy, ImportStrategy, Policy, UpdateStrategy


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which entity types move, and what comes along.

    Attributes:
        entity_types: Keys; short names are resolved by the center. Empty for all
            that the source has.
        with_needed: What the chosen ones need comes along where the target lacks
            it: definitions, their picklists and folders, and of parent objects the
            entries that chosen entries name.
        filters: Pairs of an entity type's key and an OData expression that its
            entries fulfil.
        sites: Keys of the sites whose entries move, of objects that have sites;
            empty for all.
    """

    entity_types: tuple[str, ...] = ()
    with_needed: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    sites: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What lists show: ``C_Bicycle, C_Customer``; ``All`` for all."""
        return ", ".join(map(simple_name, self.entity_types)) or "All"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`selection_from_dict` reads back."""
        return {
            "entityTypes": list(self.entity_types),
            "withNeeded": self.with_needed,
            "filters": dict(self.filters),
            "sites": list(self.sites),
        }


def selection_from_dict(data: dict[str, Any]) -> Selection:
    """Build the selection that *as_dict* wrote down."""
    return Selection(
        entity_types=tuple(data["entityTypes"]),
        with_needed=data["withNeeded"],
        filters=tuple(data["filters"].items()),
        sites=tuple(data.get("sites", ())),
    )


def policy_to_dict(policy: Policy) -> dict[str, str]:
    """Write the three strategies down in the batch engine's words."""
    return {
        "createStrategy": policy.import_strategy.value,
        "updateStrategy": policy.update_strategy.value,
        "importStrategy": policy.error_strategy.value,
    }


def policy_from_dict(data: dict[str, Any]) -> Policy:
    """Read what :func:`policy_to_dict` wrote."""
    return Policy(
        import_strategy=ImportStrategy(data["createStrategy"]),
        update_strategy=UpdateStrategy(data["updateStrategy"]),
        error_strategy=ErrorStrategy(data["importStrategy"]),
    )


class Action(StrEnum):
    """Out of an installation, into one, or from one into another."""

    EXPORT = "Export"
    IMPORT = "Import"
    MIGRATION = "Migration"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What to take out of an installation, and how to write it.

    Attributes:
        entity_type: The key; a short name is resolved by the center.
        format: The name of a format: CSV, JSON, JSONL, JSONT or XLSX.
        fields: Names of the fields to write; None for all of them.
        include_headers: CSV and XLSX: the first line names the columns.
        guard_formulas: CSV only: a text that a spreadsheet would run as a formula gets
            a leading apostrophe, which Liferay before 2026 and other readers store.
        scope: A site's key; empty for company scope.
        name: Of the task; generated when empty.
        filter: An OData expression that the records meet; empty for all.
        sort: Such as ``title:asc,priority:desc``; empty for the order of creation.
        search: A text that the records hold; empty for all.

    Raises:
        InvalidQuery: The filter or the order cannot be read.
    """

    entity_type: str
    format: str = "JSON"
    fields: tuple[str, ...] | None = None
    include_headers: bool = True
    guard_formulas: bool = True
    scope: str = ""
    name: str = ""
    filter: str = ""
    sort: str = ""
    search: str = ""

    action = Action.EXPORT

    def __post_init__(self) -> None:
        if self.fields is not None and not self.fields:
            reason = "Please select at least one field."
            raise InvalidPlan(reason)
        parse_filter(self.filter)
        parse_sort(self.sort)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "entityType": self.entity_type,
            "format": self.format,
            "fields": None if self.fields is None else list(self.fields),
            "includeHeaders": self.include_headers,
            "guardFormulas": self.guard_formulas,
            "scope": self.scope,
            "name": self.name,
            "filter": self.filter,
            "sort": self.sort,
            "search": self.search,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What to bring into an installation, and by which rules.

    Attributes:
        entity_type: The key; a short name is resolved by the center.
        mapping: Which source field fills which target field.
        policy: The three strategies.
        reading: How a CSV file is read; what it leaves open is detected.
        scope: A site's key; empty for company scope, and where each record names
            its site.
        new_sites: Sites that are named and not there are added, where the
            installation can do that. Otherwise their records fail.
        name: Of the task; generated when empty.
    """

    entity_type: str
    mapping: Mapping = Mapping(same_names=True)
    policy: Policy = Policy()
    reading: ReadingOptions = DETECT_ALL
    scope: str = ""
    new_sites: bool = False
    name: str = ""

    action = Action.IMPORT

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "entityType": self.entity_type,
            "mapping": [pair_to_list(pair) for pair in self.mapping.pairs],
            "sameNames": self.mapping.same_names,
            **policy_to_dict(self.policy),
            "reading": self.reading.as_dict(),
            "scope": self.scope,
            "newSites": self.new_sites,
            "name": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePlan:
    """Many entity types to take out of an installation, into one package.

    Attributes:
        chosen: Which, and what comes along.
        policy: The strategies that the package states for whoever imports it.
        name: Of the task; generated when empty.
    """

    chosen: Selection = Selection()
    policy: Policy = Policy()
    name: str = ""

    action = Action.EXPORT

    @property
    def entity_type(self) -> str:
        """What lists show in place of a single type."""
        return self.chosen.title

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "chosen": self.chosen.as_dict(),
            **policy_to_dict(self.policy),
            "name": self.name,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """Many entity types to bring from one installation into another.

    Attributes:
        source: The name of the installation to take from.
        chosen: Which entity types, and what comes along.
        policy: The three strategies.
        dry_run: Say what would become of each record, and write nothing.
        match_names: Definitions, picklists and folders of the same name are the
            same, whatever their external reference codes.
        allow_deletions: What only the target has of a definition or picklist may go
            when it is overwritten, with the values of its entries.
        name: Of the task; generated when empty.
    """

    source: str
    chosen: Selection = Selection()
    policy: Policy = Policy()
    dry_run: bool = False
    match_names: bool = False
    allow_deletions: bool = False
    name: str = ""

    action = Action.MIGRATION

    @property
    def entity_type(self) -> str:
        """What lists show in place of a single type."""
        return self.chosen.title

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`plan_from_dict` reads back."""
        return {
            "action": self.action.value,
            "source": self.source,
            "chosen": self.chosen.as_dict(),
            **policy_to_dict(self.policy),
            "dryRun": self.dry_run,
            "matchNames": self.match_names,
            "allowDeletions": self.allow_deletions,
            "name": self.name,
        }


SinglePlan = ExportPlan | ImportPlan
"""A plan for one entity type, which a form fills and a template keeps."""

Plan = SinglePlan | MigrationPlan | PackagePlan


def plan_from_dict(data: dict[str, Any]) -> Plan:
    """Build the plan that *as_dict* wrote down.

    Raises:
        InvalidPlan: *data* is no plan, or names a choice that does not exist.
        InvalidQuery: Its filter or its order cannot be read.
    """
    try:
        if data["action"] == Action.MIGRATION:
            return _migration_plan(data)
        if data["action"] == Action.EXPORT:
            return _package_plan(data) if "chosen" in data else _export_plan(data)
        return _import_plan(data)
    except (KeyError, TypeError, ValueError) as exc:
        reason = f"This is not a plan that can be read: {exc!r}."
        raise InvalidPlan(reason) from exc


def single_plan_from_dict(data: dict[str, Any]) -> SinglePlan:
    """Build the plan of one entity type that *as_dict* wrote down.

    Raises:
        InvalidPlan: *data* is no such plan.
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
        scope=data["scope"],
        name=data["name"],
        filter=data.get("filter", ""),
        sort=data.get("sort", ""),
        search=data.get("search", ""),
    )


def _package_plan(data: dict[str, Any]) -> PackagePlan:
    return PackagePlan(
        chosen=selection_from_dict(data["chosen"]),
        policy=policy_from_dict(data),
        name=data["name"],
    )


def _migration_plan(data: dict[str, Any]) -> MigrationPlan:
    return MigrationPlan(
        source=data["source"],
        chosen=selection_from_dict(data["chosen"]),
        policy=policy_from_dict(data),
        dry_run=data["dryRun"],
        match_names=data.get("matchNames", False),
        allow_deletions=data.get("allowDeletions", False),
        name=data["name"],
    )


def _import_plan(data: dict[str, Any]) -> ImportPlan:
    pairs = tuple(pair_from_list(each) for each in data["mapping"])
    return ImportPlan(
        entity_type=data["entityType"],
        mapping=Mapping(pairs, same_names=data["sameNames"]),
        policy=policy_from_dict(data),
        reading=reading_options_from_dict(data.get("reading", {})),
        scope=data["scope"],
        new_sites=data.get("newSites", False),
        name=data["name"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A named plan without its file.

    Attributes:
        id: Grows; 0 until the workspace holds it.
        name: Unique among templates, at most 75 characters.
        plan: Everything that was chosen.
        created: ISO 8601 in UTC, empty until the workspace holds it.
        author: Who saved it.
    """

    name: str
    plan: SinglePlan
    id: int = 0
    created: str = ""
    author: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip():
            reason = "The template needs a name."
            raise InvalidPlan(reason)
        if len(self.name) > 75:
            reason = f"The name has {len(self.name)} characters; 75 are allowed."
            raise InvalidPlan(reason)
