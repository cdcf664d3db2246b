"""Decides what becomes of each item of a batch, compared with what is stored.

An :class:`EntryDecider` serves one batch. It receives the stored entries that the batch
concerns and keeps them up to date while it decides item after item, so that an item
meets what earlier items of the same batch created: the same external reference code, a
unique value, a parent. It writes nothing; :attr:`EntryDecider.changes` is what to
write.

Stored values become bytes here (orjson, keys sorted), because entries are compared as
bytes, and the bytes are what is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orjson import OPT_SORT_KEYS, dumps, loads

from ...model.outcome import (
    GENERATED_KEY,
    LAZY_CHOICE,
    LAZY_REFERENCE,
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
from ..fields.many_to_many import NO_LINKS, LinkDecider, MovedLinks
from ..fields.picklist import check_transition
from ..fields.relationship import ParentRelationship
from ..names import ERC
from .entry_journal import EntryJournal, collect_effects
from .lazy_references import NO_VALUES, PlaceholderMaker, find_new_choices
from .stored_entries import (
    BatchContext,
    StoredEntry,
    WriteSet,
    check_read_only_fields,
    is_same_entry,
    move_key,
)
from .system_properties import APPROVED, DRAFT, EMPTY
from .validation import EntryRules, ValidatedEntry, format_unique_value


class EntryDecider:
    """Decides a batch of validated items, one after the other.

    Args:
        rules: The rules of the definition.
        policy: The strategies of the batch.
        context: What is stored, as far as the batch concerns it.
        new_id: Returns the id of the next new entry.
        new_key: Generates an external reference code for an item or a file.

    Attributes:
        changes: What to write.
        journal: Makes the changes that outcomes state; None where they state none.
    """

    def __init__(
        self,
        rules: EntryRules,
        policy: Policy,
        context: BatchContext,
        new_id: Callable[[], int],
        new_key: Callable[[], str],
    ) -> None:
        self._placeholders = PlaceholderMaker(
            policy.lazy_references, rules.company_scoped, new_id
        )
        self._many = LinkDecider(
            rules.many, context.many, self._placeholders.propose_linked
        )
        self.changes = WriteSet(
            many=self._many.changes, placeholders=self._placeholders.added
        )
        self._rules = rules
        self._context = context
        self._new_id = new_id
        self._new_key = new_key
        self._sealer = rules.sealer()
        self._staying = {link.erc_name for link in rules.links}
        self._staying |= {key for key, _ in rules.read_only}
        self._adds_only = policy.import_strategy is ImportStrategy.INSERT
        self._updates_only = policy.import_strategy is ImportStrategy.UPDATE
        self._replaces = policy.update_strategy is UpdateStrategy.UPDATE
        # Most definitions need little of this, and each record is decided.
        self._checks_early = bool(
            self._updates_only or rules.links or rules.attachments
        )
        self._booleans = {
            field.name for field in rules.fields if field.type == "Boolean"
        }
        self._keeps_keys = bool(rules.links or rules.uniques)
        self._has_side_effects = bool(rules.numberings or rules.attachments)
        self.journal: EntryJournal | None = None

    def decide(self, checked: ValidatedEntry) -> Outcome:
        """Return what becomes of one item, and record what to write."""
        erc = checked.erc
        stored, placeholder = self._find_stored(erc)
        is_lazy = self._placeholders.is_enabled
        if is_lazy:
            self._placeholders.begin()
        checks_early = self._checks_early
        problem = (
            self._check_early(checked, stored) if checks_early else checked.problem
        )
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, erc, problem)
        many = checked.many
        linked = self._many.resolve(many, erc, self._own_id) if many else {}
        if isinstance(linked, Problem):
            return Outcome(OutcomeKind.FAILED, erc, linked)
        old = None if self._adds_only else stored
        values = self._merge(checked, old)
        for numbering in self._rules.numberings:
            self._set_number(numbering, values, old)
        status = self._resolve_status(checked, old)
        problem = self._check_late(values, status, old)
        if self._adds_only and stored is not None:
            problem = self._existing_entry(erc, problem)
        if problem is not None:
            return Outcome(OutcomeKind.FAILED, erc, problem)
        made = is_lazy and self._add_placeholders()
        if old is None:
            outcome = self._create(erc, values, status, placeholder)
        else:
            relinked = bool(linked) and self._many.differs(linked, old.id)
            outcome = self._update(erc, values, status, old, relinked=relinked)
        links = self._link(linked, outcome.key) if linked else NO_LINKS
        choices = self._add_choices(checked) if is_lazy else ()
        outcome = self._with_note(outcome, checked, made=made, chose=bool(choices))
        if self.journal is None or outcome.kind is OutcomeKind.UNCHANGED:
            return outcome
        entries = old or placeholder, self._context.entries[outcome.key]
        effects = collect_effects(links, self._context.files.written, choices)
        return self.journal.add_change(outcome, entries, values, effects)

    def _link(self, linked: dict[str, set[int]], erc: str) -> MovedLinks:
        return self._many.link(linked, self._context.entries[erc].id)

    def _with_note(
        self, outcome: Outcome, checked: ValidatedEntry, *, made: bool, chose: bool
    ) -> Outcome:
        """Return the outcome with the first note that there is on the item."""
        if checked.beside and not outcome.note and self._states_another_parent(checked):
            outcome = outcome._replace(note=OTHER_PARENT_ID)
        note = checked.note or (LAZY_REFERENCE if made else "")
        if chose:
            note = LAZY_CHOICE
        if note and not outcome.note:
            return outcome._replace(note=note)
        return outcome

    def _add_choices(self, checked: ValidatedEntry) -> tuple[tuple[str, str], ...]:
        """Record the keys that picklists do not have; return them with their lists."""
        choices = tuple(find_new_choices(self._rules.fields, checked.values))
        for picklist, key in choices:
            self.changes.new_choices.setdefault(picklist, set()).add(key)
        return choices

    def _find_stored(self, erc: str) -> tuple[StoredEntry | None, StoredEntry | None]:
        """Return the stored entry and the placeholder of a code; one is None."""
        stored = self._context.entries.get(erc) if erc else None
        if stored is not None and stored.status == EMPTY:
            return None, stored
        return stored, None

    def _add_placeholders(self) -> bool:
        """Add what the item names and does not exist; return True if there is any."""
        new = self._placeholders.accept()
        for (definition, erc), entry_id in new.items():
            self._context.parents.setdefault(definition.id, set()).add(erc)
            if definition.id == self._rules.definition_id:
                self._context.entries[erc] = StoredEntry(entry_id, EMPTY, NO_VALUES)
        return bool(new)

    def _existing_entry(self, erc: str, problem: Problem | None) -> Problem:
        """Report first that the entry exists, which explains a unique value, too.

        Liferay reports only the unique value in this case; see
        docs/liferay/objects.md, Errors of entries.
        """
        if problem is None:
            return duplicate_erc(erc, self._rules.definition_id)
        if problem.code == EntryProblemType.UNIQUE_VALUE.code:
            return problem.with_cause(explain_existing_entry(erc))
        return problem

    def _states_another_parent(self, checked: ValidatedEntry) -> bool:
        """Return True if a stated id belongs to another parent than the stated code."""
        for link in self._rules.links:
            number = checked.beside.get(link.erc_name, 0)
            definition_id, erc = self._context.by_id.get(number, (0, ""))
            known = link.parent is not None and definition_id == link.parent.id
            if known and erc != checked.values.get(link.erc_name):
                return True
        return False

    def _check_early(
        self, checked: ValidatedEntry, stored: StoredEntry | None
    ) -> Problem | None:
        """Check the item before it is merged with the stored entry.

        A missing entry is reported before problems of values, because Liferay looks
        for the entry first.
        """
        if self._updates_only and stored is None:
            if checked.erc:
                return EntryProblemType.NOT_THERE.problem(
                    ERC, checked.erc, erc=checked.erc
                )
            return checked.problem or EntryProblemType.NOTHING_TO_UPDATE.problem(ERC)
        problem = checked.problem
        if problem is None and self._rules.links:
            problem = self._resolve_links(checked.values, checked.erc)
        if problem is None and self._rules.attachments:
            before = loads(stored.body) if stored else {}
            problem = self._context.files.settle(
                checked.values, self._rules.attachments, before, self._new_key
            )
        return problem

    def _merge(
        self, checked: ValidatedEntry, old: StoredEntry | None
    ) -> dict[str, Any]:
        """Merge the values of the item with the stored ones.

        A replacement clears fields that are left out or sets them to their default,
        except relationships and read-only fields, which keep their value; see
        docs/liferay/objects.md, Entries.
        """
        if old is not None and not self._replaces:
            values = self._merge_patch(checked, loads(old.body))
        else:
            values = self._merge_replacement(checked, old)
        for field in self._rules.localized:
            field.settle(values)
        return values

    def _merge_patch(
        self, checked: ValidatedEntry, before: dict[str, Any]
    ) -> dict[str, Any]:
        for field in self._rules.localized:
            field.join(checked.values, before)
        values = {**before, **checked.values}
        for name in checked.nulls:
            values.pop(name, None)
        return values

    def _merge_replacement(
        self, checked: ValidatedEntry, old: StoredEntry | None
    ) -> dict[str, Any]:
        values = checked.values
        if old is not None and self._staying:
            self._keep_staying(checked, old)
        for name, default in self._rules.defaults:
            if name not in values and name not in checked.nulls:
                values[name] = default
        return values

    def _set_number(
        self, numbering: AutoIncrement, values: dict[str, Any], old: StoredEntry | None
    ) -> None:
        """Set the number of a new entry; an existing number is kept.

        The number counts as used only when the entry is created.
        """
        name = numbering.name
        if name in values:
            return
        if old is None:
            last = self._context.counters.get(name, numbering.first - 1)
            values[name] = numbering.text(last + 1)
            return
        before = loads(old.body).get(name)
        if before is not None:
            values[name] = before

    def _record_side_effects(self, values: dict[str, Any]) -> None:
        """Record the files and the numbers of an entry that will be written."""
        self._context.files.keep()
        counters = self._context.counters
        for numbering in self._rules.numberings:
            number = numbering.number(values.get(numbering.name))
            last = counters.get(numbering.name, numbering.first - 1)
            if number is not None and number > last:
                counters[numbering.name] = self.changes.counters[numbering.name] = (
                    number
                )

    def _keep_staying(self, checked: ValidatedEntry, old: StoredEntry) -> None:
        before = loads(old.body)
        for name in self._staying:
            stays = name not in checked.values and name not in checked.nulls
            if stays and name in before:
                checked.values[name] = before[name]

    def _resolve_status(self, checked: ValidatedEntry, old: StoredEntry | None) -> int:
        if checked.status is not None:
            return checked.status
        return old.status if old is not None and not self._replaces else APPROVED

    def _own_id(self, erc: str) -> int | None:
        entry = self._context.entries.get(erc)
        return None if entry is None else entry.id

    def _check_late(
        self, values: dict[str, Any], status: int, old: StoredEntry | None
    ) -> Problem | None:
        problem = None
        if self._rules.required and status != DRAFT:
            problem = self._check_required(values)
        if problem is None and self._rules.flows and old is not None:
            problem = check_transition(self._rules.flows, loads(old.body), values)
        if problem is None and self._rules.uniques:
            problem = self._check_unique(values, old.id if old is not None else 0)
        if problem is None and self._rules.encrypted:
            own_id, body = (0, b"") if old is None else (old.id, old.body)
            problem = self._sealer.fault(values, own_id, body)
        if problem is None and self._rules.read_only:
            problem = check_read_only_fields(self._rules, self._sealer, values, old)
        return problem

    def _check_required(self, values: dict[str, Any]) -> Problem | None:
        for key, name in self._rules.required:
            value = values.get(key)
            if value is None or value is False:
                return self._missing_value(name, value, values)
            if isinstance(value, str) and not value.strip():
                return self._missing_value(name, value, values)
        return None

    def _missing_value(self, name: str, value: Any, values: dict[str, Any]) -> Problem:
        """Report the default language where only other languages have a value."""
        for field in self._rules.localized:
            if field.name == name and values.keys() >= {field.map_name}:
                others = values[field.map_name].keys() - {field.language}
                if others:
                    return EntryProblemType.REQUIRED_LANGUAGE.problem(
                        name, language=field.language
                    )
        return EntryProblemType.REQUIRED.problem(name, value)

    def _resolve_links(self, values: dict[str, Any], own_erc: str) -> Problem | None:
        for link in self._rules.links:
            value = values.get(link.erc_name)
            if value is None:
                continue
            erc = self._resolve_parent(link, value)
            if erc is None and isinstance(value, str):
                erc = self._resolve_missing_parent(link, value, own_erc)
            if erc is None:
                name = link.id_name if isinstance(value, int) else link.erc_name
                return no_such_related_entry(name, value)
            values[link.erc_name] = erc
        return None

    def _resolve_parent(self, link: ParentRelationship, value: str | int) -> str | None:
        if isinstance(value, str) and link.system:
            return value
        if link.parent is None:
            return None
        if isinstance(value, int):
            definition_id, erc = self._context.by_id.get(value, (0, ""))
            return erc if definition_id == link.parent.id else None
        if value in self._context.parents.get(link.parent.id, ()):
            return value
        own = link.parent.id == self._rules.definition_id
        return value if own and value in self._context.entries else None

    def _resolve_missing_parent(
        self, link: ParentRelationship, value: str, own_erc: str
    ) -> str | None:
        """Return the code of a parent that does not exist yet, if it may be named."""
        is_own = link.parent is not None and link.parent.id == self._rules.definition_id
        if is_own and value == own_erc and self._placeholders.is_enabled:
            return value
        return value if self._placeholders.propose_parent(link, value) else None

    def _check_unique(self, values: dict[str, Any], own_id: int) -> Problem | None:
        for name in self._rules.uniques:
            text = format_unique_value(values.get(name))
            if text and self._context.owners.get((name, text), own_id) != own_id:
                return self._duplicate_value(name, values[name])
        return None

    def _duplicate_value(self, name: str, value: Any) -> Problem:
        for link in self._rules.links:
            if link.erc_name == name:
                return second_child(self._rules.short_name, link.id_name, value)
        label = next(field.label for field in self._rules.fields if field.name == name)
        return duplicate_unique_value(self._rules.short_name, name, value, label)

    def _create(
        self,
        erc: str,
        values: dict[str, Any],
        status: int,
        placeholder: StoredEntry | None,
    ) -> Outcome:
        note = ""
        if not erc:
            erc, note = self._new_key(), GENERATED_KEY
        if self._has_side_effects:
            self._record_side_effects(values)
        entry_id = self._new_id() if placeholder is None else placeholder.id
        if self._rules.encrypted:
            self._sealer.seal(values, entry_id, b"")
        body = _copy_compact(dumps(values, option=OPT_SORT_KEYS))
        entry = StoredEntry(entry_id, status, body)
        if placeholder is None:
            self.changes.created[entry.id] = (erc, status, body)
        else:
            self.changes.put_filled(entry.id, (erc, status, body))
        self._context.entries[erc] = entry
        if self._keeps_keys:
            self._record_keys({}, values, entry.id)
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
        if same and not (self._rules.attachments and self._context.files.are_pending):
            return Outcome(OutcomeKind.UNCHANGED, erc)
        body = _copy_compact(body)
        if self._has_side_effects:
            self._record_side_effects(values)
        self.changes.put_changed(old.id, (erc, status, body))
        self._context.entries[erc] = StoredEntry(old.id, status, body)
        if self._keeps_keys:
            self._record_keys(loads(old.body), values, old.id)
        return Outcome(OutcomeKind.UPDATED, erc)

    def _record_keys(
        self, before: dict[str, Any], after: dict[str, Any], entry_id: int
    ) -> None:
        """Record the changes of the side tables: unique values and parents."""
        for name in self._rules.uniques:
            old, new = (
                format_unique_value(before.get(name)),
                format_unique_value(after.get(name)),
            )
            if old != new:
                move_key((name, old, new), entry_id, self.changes, self._context)
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


def _copy_compact(body: bytes) -> bytes:
    """Copy the output of orjson, which occupies four kilobytes however short it is.

    A batch holds a thousand of them, and goes through them again and again.
    """
    return bytes(memoryview(body))
