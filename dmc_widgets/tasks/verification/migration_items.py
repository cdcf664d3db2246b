"""What a migration sent, derived again from its source as it is now."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.entity_type import EntityType
from ...model.mapping import Mapping
from ...model.plan import ImportPlan, MigrationPlan
from ...model.task import TaskPart
from ...objects.comparison.erc_matching import NO_TRANSLATION, match_by_name
from ...objects.documents.definition_bodies import is_system_definition
from ...objects.documents.folders import remove_definitions
from ...objects.documents.kinds import KINDS_BY_NAME
from ...objects.names import ERC
from ...ports import Installation, Item, Query
from ..installation_access import find_entity_type
from ..installation_comparison import read_documents
from ..matching.matched_codes import MatchedCodes
from ..migration.part_policy import part_policy
from ..migration.selection import MigrationPart
from ..migration.source_items import fields_to_move
from .sent_items import OpenSource, SourceEntries


def part_plan(plan: MigrationPlan, part: TaskPart) -> ImportPlan:
    """Return the plan with which a part of a migration was written."""
    return ImportPlan(
        entity_type=part.entity_type,
        mapping=Mapping(same_names=True),
        policy=part_policy(
            plan.policy, is_second_pass=part.links, is_dependency=part.needed
        ),
        new_sites=True,
        options=plan.options,
    )


def migrated_entries(
    open_source: OpenSource,
    part: TaskPart,
    target_type: EntityType,
    codes: MatchedCodes,
) -> SourceEntries:
    """Return what derives again the entries that a part has sent."""

    def find_names(source_type: EntityType) -> tuple[str, ...] | None:
        return fields_to_move(MigrationPart(entity_type=source_type), target_type)

    return SourceEntries(open_source, part.entity_type, find_names, codes)


def migrated_documents(
    open_source: OpenSource,
    plan: MigrationPlan,
    part: TaskPart,
    target: Installation,
) -> Iterator[Item]:
    """Yield the definitions, picklists or folders of a part as the source has them."""
    with open_source() as source:
        kind = find_entity_type(source.entity_types(), part.entity_type)
        codes = NO_TRANSLATION
        if plan.match_names:
            codes = match_by_name(read_documents(source), read_documents(target))
        builtin = KINDS_BY_NAME[kind.name].builtin_ercs
        for item in source.read(kind, Query()):
            if item.get(ERC) not in builtin and not is_system_definition(item):
                yield remove_definitions(codes.translate(kind.name, item))
