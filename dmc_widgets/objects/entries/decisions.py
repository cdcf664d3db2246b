"""What becomes of an item, judged against what is stored.

A :class:`EntryDecider` serves one batch. It is handed what the batch's look-ups found,
keeps it true while it decides item after item, and so lets an item meet what
earlier items of the same batch have made: the same external reference code twice,
a unique value, a parent. It writes nothing; :attr:`EntryDecider.changes` says what to.

Kept values become bytes here (orjson, keys sorted), because equal entries are told
by equal bytes, and the bytes are what is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orjson import OPT_SORT_KEYS, dumps, loads

from ...model.outcome import (
    GENERATED_KEY,
    OTHER_PARENT_ID,
    Outcome,
    OutcomeKind,
    Problem,
)
from ...model.strategies import ImportStrategy, Policy, UpdateStrategy
from ..errors.entry_problem_types import EntryProblemType
from ..errors.entry_problems import (
    duplicate_erc,
    duplicate_unique_value,
    explain_existing_entry,
    no_such_related_entry,
    second_child,
)
from ..fields.auto_increment import AutoIncrement
from ..fields.many_to_many import LinkDecider
from ..fields.picklist import check_transition
from ..fields.relationship import ParentRelationship
from ..names import ERC
from .stored_entries import (
    BatchContext,
    StoredEntry,
    WriteSet,
    check_read_only_fields,
    is_same_entry,
)
from .system_properties import APPROVED, DRAFT
from .validation import EntryRules, ValidatedEntry, format_unique_value


class EntryDecider:
    """Decide a batch of checked items, one after the other.

    Args:
        rules: Of the definition.
        policy: Of the batch.
        found: What the look-ups brought.
        new_id: Gives the id of the next new entry.
        new_key: Gives an external reference code to an item or a file without one.
    """

    def __init__(
        self,
        rules: EntryRules,
        policy: Policy,
        found: BatchContext,
        new_id: Callable[[], int],
        new_key: Callable[[], str],
    ) -> None:
        self._many = LinkDecider(rules.many, found.many)
        self.changes = WriteSet(many=self._many.changes)
        self._rules = rules
        self._found = found
        self._new_id = new_id
        self._new_key = new_key
        self._sealer = rules.sealer()
        self._staying = {link.erc_name for link in rules.links}
        self._staying |= {key for key, _ in rules.read_only}
        self._adds_only = policy.import_strategy is ImportStrategy.INSERT
        self._updates_only = policy.import_strategy is ImportStrategy.UPDATE
        self._replaces = policy.update_strategy is UpdateStrategy.UPDATE
        # Most definitions need little of this, and there is one decision a record.
        self._looks_before = bool(
            self._updates_only or rules.links or rules.attachments
        )
        self._booleans = {
            field.name for field in rules.fields if field.type == "Boolean"
        }
        self._keeps_keys = bool(rules.links or rules.uniques)
        self._keeps_beside = bool(rules.numberings or rules.attachments)

    def decide(self, checked: ValidatedEntry) -> Outcome:
        """Say what becomes of one item, and note what to write."""
        erc = checked.erc
        stored = self._found.entries.get(erc) if erc else None
        looks = self._looks_before
        problem = self._early_fault(checked, stored) if looks else checked.problem
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, erc, problem)
        many = checked.many
        linked = self._many.resolved(many, erc, self._own_id) if many else {}
        if isinstance(linked, Problem):
            return Outcome(OutcomeKind.FAILED, erc, linked)
        old = None if self._adds_only else stored
        values = self._merged(checked, old)
        for numbering in self._rules.numberings:
            self._number(numbering, values, old)
        status = self._status(checked, old)
        problem = self._late_fault(values, status, old)
        if self._adds_only and stored is not None:
            problem = self._duplicate(erc, problem)
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, erc, problem)
        if old is None:
            outcome = self._create(erc, values, status)
        else:
            relinked = bool(linked) and self._many.differs(linked, old.id)
            outcome = self._update(erc, values, status, old, relinked=relinked)
        if linked:
            self._many.link(linked, self._found.entries[outcome.key].id)
        if checked.beside and not outcome.note and self._names_another(checked):
            return outcome._replace(note=OTHER_PARENT_ID)
        if checked.note and not outcome.note:
            return outcome._replace(note=checked.note)
        return outcome

    def _duplicate(self, erc: str, problem: Problem | None) -> Problem:
        """Report first that the entry exists, which explains a unique value, too.

        Liferay names the unique value alone then (docs/liferay/objects.md, Errors of entries).
        """
        if problem is None:
            return duplicate_erc(erc, self._rules.definition_id)
        if problem.code == EntryProblemType.UNIQUE_VALUE.code:
            return problem.with_cause(explain_existing_entry(erc))
        return problem

    def _names_another(self, checked: ValidatedEntry) -> bool:
        """Say whether an id names another parent here than the code beside it."""
        for link in self._rules.links:
            number = checked.beside.get(link.erc_name, 0)
            definition_id, erc = self._found.by_id.get(number, (0, ""))
            known = link.parent is not None and definition_id == link.parent.id
            if known and erc != checked.values.get(link.erc_name):
                return True
        return False

    def _early_fault(
        self, checked: ValidatedEntry, stored: StoredEntry | None
    ) -> Problem | None:
        """Judge the item before it meets what is stored.

        An entry that is not there to be updated comes before any fault of values:
        Liferay looks for it first.
        """
        if self._updates_only and stored is None:
            if checked.erc:
                return EntryProblemType.NOT_THERE.problem(
                    ERC, checked.erc, erc=checked.erc
                )
            return checked.problem or EntryProblemType.NOTHING_TO_UPDATE.problem(ERC)
        problem = checked.problem
        if problem is None and self._rules.links:
            problem = self._resolve_links(checked.values)
        if problem is None and self._rules.attachments:
            before = loads(stored.body) if stored else {}
            problem = self._found.files.settle(
                checked.values, self._rules.attachments, before, self._new_key
            )
        return problem

    def _merged(
        self, checked: ValidatedEntry, old: StoredEntry | None
    ) -> dict[str, Any]:
        """Join the item's values with what it leaves out.

        On replacing, fields that are left out lose their value or take the
        default, while relationships stay (docs/liferay/objects.md, Errors of entries), and so does what
        is read-only.
        """
        if old is not None and not self._replaces:
            values = self._changed(checked, loads(old.body))
        else:
            values = self._replaced(checked, old)
        for each in self._rules.localized:
            each.settle(values)
        return values

    def _changed(
        self, checked: ValidatedEntry, before: dict[str, Any]
    ) -> dict[str, Any]:
        for each in self._rules.localized:
            each.join(checked.values, before)
        values = {**before, **checked.values}
        for name in checked.nulls:
            values.pop(name, None)
        return values

    def _replaced(
        self, checked: ValidatedEntry, old: StoredEntry | None
    ) -> dict[str, Any]:
        values = checked.values
        if old is not None and self._staying:
            self._keep(checked, old)
        for name, default in self._rules.defaults:
            if name not in values and name not in checked.nulls:
                values[name] = default
        return values

    def _number(
        self, numbering: AutoIncrement, values: dict[str, Any], old: StoredEntry | None
    ) -> None:
        """Give a new entry its number; one that it has is never lost.

        The number counts as given only when the entry is made.
        """
        name = numbering.name
        if name in values:
            return
        if old is None:
            last = self._found.counters.get(name, numbering.first - 1)
            values[name] = numbering.text(last + 1)
            return
        before = loads(old.body).get(name)
        if before is not None:
            values[name] = before

    def _keep_beside(self, values: dict[str, Any]) -> None:
        """Keep the files of an entry that will be written, and pass its numbers."""
        self._found.files.keep()
        counters = self._found.counters
        for numbering in self._rules.numberings:
            number = numbering.number(values.get(numbering.name))
            last = counters.get(numbering.name, numbering.first - 1)
            if number is not None and number > last:
                counters[numbering.name] = self.changes.counters[numbering.name] = (
                    number
                )

    def _keep(self, checked: ValidatedEntry, old: StoredEntry) -> None:
        before = loads(old.body)
        for name in self._staying:
            stays = name not in checked.values and name not in checked.nulls
            if stays and name in before:
                checked.values[name] = before[name]

    def _status(self, checked: ValidatedEntry, old: StoredEntry | None) -> int:
        if checked.status is not None:
            return checked.status
        return old.status if old is not None and not self._replaces else APPROVED

    def _own_id(self, erc: str) -> int | None:
        entry = self._found.entries.get(erc)
        return None if entry is None else entry.id

    def _late_fault(
        self, values: dict[str, Any], status: int, old: StoredEntry | None
    ) -> Problem | None:
        problem = None
        if self._rules.required and status != DRAFT:
            problem = self._missing(values)
        if problem is None and self._rules.flows and old is not None:
            problem = check_transition(self._rules.flows, loads(old.body), values)
        if problem is None and self._rules.uniques:
            problem = self._clash(values, old.id if old is not None else 0)
        if problem is None and self._rules.encrypted:
            own_id, body = (0, b"") if old is None else (old.id, old.body)
            problem = self._sealer.fault(values, own_id, body)
        if problem is None and self._rules.read_only:
            problem = check_read_only_fields(self._rules, self._sealer, values, old)
        return problem

    def _missing(self, values: dict[str, Any]) -> Problem | None:
        for key, name in self._rules.required:
            value = values.get(key)
            if value is None or value is False:
                return self._required(name, value, values)
            if isinstance(value, str) and not value.strip():
                return self._required(name, value, values)
        return None

    def _required(self, name: str, value: Any, values: dict[str, Any]) -> Problem:
        """Name the default language where only other languages have a value."""
        for each in self._rules.localized:
            if each.name == name and values.keys() >= {each.map_name}:
                others = values[each.map_name].keys() - {each.language}
                if others:
                    return EntryProblemType.REQUIRED_LANGUAGE.problem(
                        name, language=each.language
                    )
        return EntryProblemType.REQUIRED.problem(name, value)

    def _resolve_links(self, values: dict[str, Any]) -> Problem | None:
        for link in self._rules.links:
            value = values.get(link.erc_name)
            if value is None:
                continue
            erc = self._parent(link, value)
            if erc is None:
                name = link.id_name if isinstance(value, int) else link.erc_name
                return no_such_related_entry(name, value)
            values[link.erc_name] = erc
        return None

    def _parent(self, link: ParentRelationship, value: str | int) -> str | None:
        if isinstance(value, str) and link.system:
            return value
        if link.parent is None:
            return None
        if isinstance(value, int):
            definition_id, erc = self._found.by_id.get(value, (0, ""))
            return erc if definition_id == link.parent.id else None
        if value in self._found.parents.get(link.parent.id, ()):
            return value
        own = link.parent.id == self._rules.definition_id
        return value if own and value in self._found.entries else None

    def _clash(self, values: dict[str, Any], own_id: int) -> Problem | None:
        for name in self._rules.uniques:
            text = format_unique_value(values.get(name))
            if text and self._found.owners.get((name, text), own_id) != own_id:
                return self._taken(name, values[name])
        return None

    def _taken(self, name: str, value: Any) -> Problem:
        for link in self._rules.links:
            if link.erc_name == name:
                return second_child(self._rules.short_name, link.id_name, value)
        label = next(field.label for field in self._rules.fields if field.name == name)
        return duplicate_unique_value(self._rules.short_name, name, value, label)

    def _create(self, erc: str, values: dict[str, Any], status: int) -> Outcome:
        note = ""
        if not erc:
            erc, note = self._new_key(), GENERATED_KEY
        if self._keeps_beside:
            self._keep_beside(values)
        entry_id = self._new_id()
        if self._rules.encrypted:
            self._sealer.seal(values, entry_id, b"")
        body = _copy_compact(dumps(values, option=OPT_SORT_KEYS))
        entry = StoredEntry(entry_id, status, body)
        self.changes.created[entry.id] = (erc, status, entry.body)
        self._found.entries[erc] = entry
        if self._keeps_keys:
            self._note_keys({}, values, entry.id)
        return Outcome(OutcomeKind.CREATED, erc, None, note)

    def _update(
        self,
        erc: str,
        values: dict[str, Any],
        status: int,
        old: StoredEntry,
        *,
        relinked: bool = False,
    ) -> Outcome:
        if self._rules.encrypted:
            self._sealer.seal(values, old.id, old.body)
        body = dumps(values, option=OPT_SORT_KEYS)
        same = status == old.status and not relinked
        same = same and is_same_entry(values, body, old.body, self._booleans)
        if same and not (self._rules.attachments and self._found.files.are_pending):
            return Outcome(OutcomeKind.UNCHANGED, erc)
        body = _copy_compact(body)
        if self._keeps_beside:
            self._keep_beside(values)
        if old.id in self.changes.created:  # an earlier item of this batch made it
            self.changes.created[old.id] = (erc, status, body)
        else:
            self.changes.updated[old.id] = (status, body)
        self._found.entries[erc] = StoredEntry(old.id, status, body)
        if self._keeps_keys:
            self._note_keys(loads(old.body), values, old.id)
        return Outcome(OutcomeKind.UPDATED, erc)

    def _note_keys(
        self, before: dict[str, Any], after: dict[str, Any], entry_id: int
    ) -> None:
        """Keep the side tables' contents in step with the entry."""
        for name in self._rules.uniques:
            old, new = (
                format_unique_value(before.get(name)),
                format_unique_value(after.get(name)),
            )
            if old != new:
                self._move_key(name, old, new, entry_id)
        for link in self._rules.links:
            if link.parent is None or link.system:
                continue
            old_erc, new_erc = before.get(link.erc_name), after.get(link.erc_name)
            if old_erc != new_erc:
                key = (entry_id, link.id_name)
                if old_erc is not None:
                    self.changes.unlinked.add(key)
                    self.changes.linked.pop(key, None)
                if new_erc is not None:
                    self.changes.linked[key] = (link.parent.id, new_erc)

    def _move_key(self, name: str, old: str, new: str, entry_id: int) -> None:
        if old:
            self._found.owners.pop((name, old), None)
            self.changes.freed.add((name, old))
            self.changes.taken.pop((name, old), None)
        if new:
            self._found.owners[name, new] = entry_id
            self.changes.taken[name, new] = entry_id


def _copy_compact(body: bytes) -> bytes:
    """Copy what orjson made: however short, it stays in four kilobytes of memory.

    A batch holds a thousand, and goes through them again and again.
    """
    return bytes(memoryview(body))
