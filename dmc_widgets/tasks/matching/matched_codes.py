"""The codes under which a target has the entries that records name by other ones.

An entry that was matched by a key keeps its external reference code in the target, so
whatever names it by the code of the source has to name it by that of the target:
children, links, and records of later files of a package. What differs is kept with the
task, before it is written, so that it is known after a crash, and to a repair and a
verification.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from ...model.entity_type import OBJECT_ENTRY, EntityType
from ...model.mapping import Values
from ...model.outcome import Problem
from ...objects.entries.system_properties import has_site_scope
from ...objects.errors.entry_problem_types import EntryProblemType
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc, format_json
from ...ports import Installation, Item
from ...workspace import Workspace

MatchedCode = tuple[str, str, str]
"""A site, the code that a record has, and the code of the same item in the target.

The latter is empty if nothing tells which item that is: then the target may have an
item of the same code, which is another one, and nothing may name it.
"""

_ID_TYPE: Final = "integer"


class MatchedCodes:
    """What one task knows of matched entries.

    Args:
        workspace: Keeps the codes.
        task_id: The task.
        earlier: Tasks whose matches count as well.
        is_check: Nothing is kept once this is gone.
    """

    def __init__(
        self,
        workspace: Workspace,
        task_id: int,
        earlier: Sequence[int] = (),
        *,
        is_check: bool = False,
    ) -> None:
        self._checked: dict[tuple[str, str, str], str] | None = {} if is_check else None
        self._store = workspace.matched_codes
        self._task_id = task_id
        self._tasks = (*earlier, task_id)

    def note(self, entity_type: str, codes: Iterable[MatchedCode]) -> None:
        """Remember what was matched; little is kept where the codes are the same."""
        noted = [*codes]
        if self._checked is not None:
            self._checked |= {(entity_type, site, x): y for site, x, y in noted}
            return
        before = {
            (site, code)
            for site in {site for site, _, _ in noted}
            for code in self._store.find(
                [self._task_id], entity_type, site, [x[1] for x in noted]
            )
        }
        changed = (x for x in noted if x[1] != x[2] or x[:2] in before)
        self._store.add(self._task_id, entity_type, changed)

    def find(self, entity_type: str, site: str, codes: Iterable[str]) -> dict[str, str]:
        """Return the target's codes of entries, where they differ."""
        asked = [*codes]
        found = self._store.find(self._tasks, entity_type, site, asked)
        for code in asked if self._checked else ():
            for key in ((entity_type, "", code), (entity_type, site, code)):
                if self._checked and key in self._checked:
                    found[code] = self._checked[key]
        return found

    def find_records(
        self, entity_type: str, site: str, stored: Iterable[str]
    ) -> dict[str, str]:
        """Return the codes that the task's records had, where they differ."""
        return self._store.find_records(self._task_id, entity_type, site, stored)


class ReferenceTranslation:
    """Replaces the codes by which items name other entries.

    Args:
        codes: The codes under which the target has them.
        entity_type: The entity type of the items, in the target.
        scope: The key of the site of all items; empty where each states its own.
        own: Translate the code of each item itself as well.
    """

    def __init__(
        self,
        codes: MatchedCodes,
        entity_type: EntityType,
        scope: str = "",
        *,
        own: bool = False,
    ) -> None:
        self._codes = codes
        self._scope = scope
        self._has_sites = has_site_scope(entity_type)
        is_entry = entity_type.class_name == OBJECT_ENTRY
        self._parents = {
            field.name: field.parent or field.linked
            for field in entity_type.fields
            if is_entry and (field.parent or field.linked) and field.type != _ID_TYPE
        }
        if own:
            self._parents[ERC] = entity_type.key

    @property
    def names(self) -> frozenset[str]:
        """The fields that name other entries."""
        return frozenset(self._parents)

    def translate(
        self, items: Sequence[Values], names: Iterable[str] | None = None
    ) -> list[Values | Problem]:
        """Return items that name other entries as the target does.

        Args:
            items: The items.
            names: The fields to translate; None for all.

        Returns:
            A problem in place of an item that names an entry which was not matched.
        """
        translated: list[Values | Problem] = [*items]
        chosen = self._parents.keys() if names is None else self._parents.keys() & names
        for name in sorted(chosen):
            known = self._find(items, name)
            for place, item in enumerate(translated):
                if isinstance(item, Problem) or name not in item:
                    continue
                found = known.get(self._site(item), {})
                missing = (x for x in codes_in(item[name]) if found.get(x) == "")
                if code := next(missing, ""):
                    translated[place] = _missing(name, code)
                elif found:
                    translated[place] = {**item, name: _translate(item[name], found)}
        return translated

    def _find(self, items: Sequence[Values], name: str) -> dict[str, dict[str, str]]:
        """Return the codes that a field of items names, by site, where they differ."""
        wanted: dict[str, dict[str, None]] = {}
        for item in items:
            codes = dict.fromkeys(codes_in(item.get(name)))
            if codes:
                wanted.setdefault(self._site(item), {}).update(codes)
        find = self._codes.find
        return {site: find(self._parents[name], site, x) for site, x in wanted.items()}

    def _site(self, item: Values) -> str:
        if not self._has_sites:
            return ""
        stated = item.get(SCOPE_KEY)
        return self._scope or (stated if isinstance(stated, str) else "")


def _missing(name: str, code: str) -> Problem:
    message = (
        f"The entry {code!r}, which {name!r} names, was not matched with one of the "
        "target. An entry that has this code there is another one."
    )
    return Problem(EntryProblemType.NO_PARENT.code, message, name, format_json(code))


def codes_in(value: Any) -> Iterator[str]:
    """Yield the codes in a value: a text, an object with a code, or a list of them."""
    for named in value if isinstance(value, list) else [value]:
        code = format_erc(named.get(ERC) if isinstance(named, dict) else named)
        if code.strip():
            yield code


def _translate(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_translate(inner, known) for inner in value]
    if isinstance(value, dict):
        code = format_erc(value.get(ERC))
        return {**value, ERC: known[code]} if code in known else value
    return known.get(format_erc(value), value)


def fetch_as_sent(
    source: Installation,
    source_type: EntityType,
    codes: MatchedCodes,
    keys: Sequence[str],
    scope: str,
) -> dict[str, Item]:
    """Return entries of a source by the codes that a target knows them by.

    What they name, they name as the target does, too.

    Args:
        source: The installation to read.
        source_type: The entity type of the entries there.
        codes: What was matched.
        keys: The codes in the target.
        scope: The key of the site; empty for company scope.

    Raises:
        InstallationError: The source does not answer.
    """
    own = codes.find_records(source_type.key, scope, keys)
    wanted = [own.get(key, key) for key in keys]
    fetched = source.fetch(source_type, wanted, scope)
    found = [key for key in keys if own.get(key, key) in fetched]
    references = ReferenceTranslation(codes, source_type, scope)
    items = references.translate([fetched[own.get(key, key)] for key in found])
    sent: dict[str, Item] = {}
    for key, translated in zip(found, items, strict=True):
        if not isinstance(translated, Problem):
            sent[key] = {**translated, ERC: key}
    return sent
