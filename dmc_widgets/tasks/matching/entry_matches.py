"""The entries of a migration, or of a verification, that are matched by a key.

Entries of the source have the codes of the source. Those of an entity type with a key
are written under the code of the target's entry with the same key, and whatever names
them follows. Entries that do not move themselves, such as parents that the target has,
are asked for when they are named for the first time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...errors import InvalidPlan, NotSupported
from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.mapping import Mapping
from ...model.match_keys import MatchKeys, find_key
from ...model.plan import ImportPlan
from ...objects.entries.system_properties import has_site_scope
from ...objects.names import ERC, SCOPE_KEY
from ...ports import Installation, Item
from ..imports.record_matching import RecordMatcher, require_match_fields
from ..installation_access import find_entity_type
from ..migration.key_store import KeyStore
from ..task_run import TaskRun
from .matched_codes import MatchedCode, MatchedCodes


class EntryMatches(MatchedCodes):
    """What a task knows of matched entries, and finds out where it has to.

    Args:
        run: The running task, which keeps the codes.
        match: The keys.
        source: The installation that entries come from.
        target: The installation that they go to; it is only read.
        store: Receives which entries have been asked for.
    """

    def __init__(
        self,
        run: TaskRun,
        match: MatchKeys,
        source: Installation,
        target: Installation,
        store: KeyStore,
    ) -> None:
        super().__init__(run.workspace, run.task.id, is_check=run.is_check)
        self._match = match
        self._source = source
        self._target = target
        self._asked = store
        self._types = {
            entity_type.key: entity_type
            for entity_type in (source.entity_types() if match else ())
            if find_key(match, entity_type)
        }
        self._matchers: dict[str, RecordMatcher] = {}

    def note(self, entity_type: str, codes: Iterable[MatchedCode]) -> None:
        """Remember what was matched."""
        noted = [*codes]
        keys = ((site, code) for site, code, _ in noted)
        self._asked.add(_group(entity_type), keys)
        super().note(entity_type, noted)

    def find(self, entity_type: str, site: str, codes: Iterable[str]) -> dict[str, str]:
        """Return the target's codes of entries, where they differ.

        Raises:
            InstallationError: One of the installations does not answer.
        """
        asked = [*codes]
        source_type = self._types.get(entity_type)
        if source_type is None:  # a repair may have given entries other codes
            return super().find(entity_type, site, asked)
        scope = site if has_site_scope(source_type) else ""
        known = self._asked.find(_group(entity_type), scope, asked)
        unknown = [code for code in asked if code not in known]
        if unknown:
            self._ask(source_type, scope, unknown)
        return super().find(entity_type, scope, asked)

    def identify(
        self, source_type: EntityType, scope: str, items: Iterable[Item]
    ) -> None:
        """Match entries of a site that were read from the source.

        Raises:
            InstallationError: The target does not answer.
        """
        matcher = self._matcher(source_type)
        if matcher is None:
            return
        names = (*find_key(self._match, source_type), ERC, SCOPE_KEY)
        read = [{x: item.get(x) for x in names} for item in items]
        matcher.identify(read)
        keys = ((scope, str(item[ERC])) for item in read)
        self._asked.add(_group(source_type.key), keys)

    def _ask(self, source_type: EntityType, scope: str, codes: list[str]) -> None:
        if self._matcher(source_type) is None:
            return
        items = self._source.fetch(source_type, codes, scope).values()
        self.identify(source_type, scope, items)
        self._asked.add(_group(source_type.key), ((scope, code) for code in codes))

    def _matcher(self, source_type: EntityType) -> RecordMatcher | None:
        """Return what matches entries with those of the target; None without any."""
        key = source_type.key
        if key not in self._matchers:
            types = (x for x in self._target.entity_types() if x.key == key)
            target_type = next(types, None)
            if target_type is None:  # its definition is yet to come
                return None
            plan = ImportPlan(
                entity_type=key,
                mapping=Mapping(match=find_key(self._match, source_type)),
            )
            self._matchers[key] = RecordMatcher(self._target, plan, target_type, self)
        return self._matchers[key]


def require_match_keys(
    match: MatchKeys,
    source_types: Sequence[EntityType],
    target_types: Sequence[EntityType],
) -> None:
    """Refuse a key by which entries cannot be matched.

    Raises:
        UnknownName: The source has no such entity type.
        NotSupported: A key is for definitions, picklists or folders.
        InvalidPlan: The error names the field, and those that can be used.
    """
    for name, fields in match:
        source_type = find_entity_type(source_types, name)
        if source_type.class_name != OBJECT_ENTRY:
            raise NotSupported(
                what=f"{source_type.name} cannot be matched by {', '.join(fields)}.",
                instead="Match definitions, picklists and folders by name "
                "(--match-names).",
            )
        same = [source_type, *(x for x in target_types if x.key == source_type.key)]
        for entity_type in same:
            mapping = Mapping(match=fields)
            wanted = ImportPlan(entity_type=entity_type.key, mapping=mapping)
            require_match_fields(wanted, entity_type)
        readable = {field.name for field in source_type.export_fields}
        if missing := [field for field in fields if field not in readable]:
            reason = f"{source_type.name} does not export {', '.join(missing)}."
            raise InvalidPlan(reason)


def _group(entity_type: str) -> str:
    return f"matched {entity_type}"
