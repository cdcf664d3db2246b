"""The journal of entries: what a write did to one, and what it takes to take it back.

A before-image holds the differences between the stored values before and after, not the
whole entry. It is complete nevertheless: an entry is restored only if its fingerprint
says that it still is what the write left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, Final, NamedTuple
from zlib import crc32

from orjson import loads

from ...model.alike_changes import AddedChanges, ReplacedChanges, ReplacedValues
from ...model.change import (
    MODIFIED,
    VALUES,
    FieldChange,
    ItemChange,
    find_field_changes,
    has_value,
    new_item_change,
)
from ...model.outcome import Outcome, OutcomeKind
from ..fields.encrypted import HIDDEN, Secret, is_sealed
from ..fields.many_to_many import NO_LINKS, MovedLinks
from ..names import ERC
from .attachment_files import StoredFile
from .stored_entries import BatchContext, StoredEntry
from .system_properties import APPROVED, DRAFT, EMPTY
from .validation import EntryRules

STATUS: Final = "status"
_STATUS_LABELS: Final = {APPROVED: "approved", DRAFT: "draft", EMPTY: "empty"}

LINKED: Final = "linked"
UNLINKED: Final = "unlinked"
FILES: Final = "files"
CHOICES: Final = "choices"
"""The keys of a before-image: the stored values that changed (None for none), the
status, the date of change, the links that were added and removed as lists of
relationship and id, the files that were written as lists of their id and what they were
before, and the picklist entries that were added."""


class SideEffects(NamedTuple):
    """What an item did besides writing its entry.

    Attributes:
        links: The links that were added and removed.
        files: The files that were written, each before and after.
        choices: The keys that were added to picklists, with their picklists' ERCs.
    """

    links: MovedLinks = NO_LINKS
    files: tuple[tuple[StoredFile | None, StoredFile], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()


NO_EFFECTS: Final = SideEffects()


def collect_effects(
    links: MovedLinks,
    files: tuple[tuple[StoredFile | None, StoredFile], ...],
    choices: tuple[tuple[str, str], ...],
) -> SideEffects:
    """Return what an item did besides writing its entry; mostly :data:`NO_EFFECTS`."""
    if links is NO_LINKS and not files and not choices:
        return NO_EFFECTS
    return SideEffects(links, files, choices)


class EntryJournal:
    """Makes the changes of a batch's entries.

    Each record costs this, so what few definitions need is asked once.

    Args:
        rules: The rules of the definition.
        context: What is stored, which the decider of the batch keeps up to date.
        site: The key of the batch's site; empty for company scope.
        now_ms: The time that the entries get as their date of change.
    """

    def __init__(
        self, rules: EntryRules, context: BatchContext, site: str, now_ms: int
    ) -> None:
        self._context = context
        self._site = "" if rules.company_scoped else site
        self._now_ms = now_ms
        self._encrypted = frozenset(rules.encrypted)
        self._sealer = rules.sealer()
        self._attachments = tuple(field.name for field in rules.attachments)
        self._localized = frozenset(field.name for field in rules.localized)
        self._is_plain = not (
            self._encrypted or self._attachments or self._localized or rules.many
        )

    def add_change(
        self,
        outcome: Outcome,
        entries: tuple[StoredEntry | None, StoredEntry],
        values: Mapping[str, Any],
        effects: SideEffects = NO_EFFECTS,
    ) -> Outcome:
        """Return the outcome of a created or updated entry with its change.

        Args:
            outcome: The outcome.
            entries: The entry before and after; the first is the placeholder, where
                the item fills one, and None for a new entry.
            values: The values after, as they are stored.
            effects: What else the item did.
        """
        kind, key, problem, note, _ = outcome
        old, (_, status, body, _) = entries
        fingerprint = make_fingerprint(status, body, self._now_ms)
        if kind is not OutcomeKind.CREATED and old is not None:
            fields, image = self._update(old, status, values, effects)
            change = ItemChange(fields, self._site, fingerprint, image)
        elif old is None and effects is NO_EFFECTS:
            change = ItemChange((), self._site, fingerprint)
        else:
            before = _list_effects(effects)
            if old is not None:  # a placeholder
                before |= {STATUS: EMPTY, MODIFIED: old.modified}
            change = ItemChange((), self._site, fingerprint, before or None)
        return Outcome(kind, key, problem, note, change)

    def list_added(self, bodies: Sequence[bytes]) -> AddedChanges:
        """Return the changes of new, published entries that have nothing beside."""
        checksums = list(map(crc32, bodies))
        return AddedChanges(self._site, f"{self._now_ms}.{APPROVED}.", checksums)

    def list_updated(
        self,
        before: Sequence[StoredEntry],
        bodies: Sequence[bytes],
        differences: Sequence[Sequence[FieldChange]],
    ) -> list[ItemChange]:
        """Return the changes of published entries that are plain.

        Args:
            before: The entries before.
            bodies: Their values after.
            differences: The values that differ, sorted by name.
        """
        list_fields = _list_parts if self._localized else _list_fields
        fields = [list_fields(listed, self._localized) for listed in differences]
        images = [
            {VALUES: {name: value for name, value, _ in listed}, MODIFIED: modified}
            for listed, (_, _, _, modified) in zip(differences, before, strict=True)
        ]
        fingerprints = self._list_fingerprints(bodies)
        parts = zip(fields, repeat(self._site), fingerprints, images, strict=False)
        return list(map(new_item_change, parts))

    def list_replaced(
        self,
        before: Sequence[StoredEntry],
        bodies: Sequence[bytes],
        replaced: Sequence[ReplacedValues],
        shown: Sequence[ReplacedValues],
    ) -> ReplacedChanges:
        """Do what :meth:`list_updated` does, of entries that differ in the same fields.

        Args:
            before: The entries before.
            bodies: Their values after.
            replaced: The fields that differ.
            shown: The same, with translations one by one.
        """
        checksums = list(map(crc32, bodies))
        modified = [stored.modified for stored in before]
        prefix = f"{self._now_ms}.{APPROVED}."
        values = checksums, replaced, modified
        return ReplacedChanges(self._site, prefix, *values, shown=shown)

    def _list_fingerprints(self, bodies: Sequence[bytes]) -> list[str]:
        """Return what :func:`make_fingerprint` does for published entries."""
        beginning = f"{self._now_ms}.{APPROVED}."
        return [f"{beginning}{crc:x}" for crc in map(crc32, bodies)]

    def _update(
        self,
        old: StoredEntry,
        status: int,
        values: Mapping[str, Any],
        effects: SideEffects,
    ) -> tuple[tuple[FieldChange, ...], dict[str, Any]]:
        """Return the changes of the fields, and the before-image."""
        if self._is_plain:
            changed, fields = _plain_changes(loads(old.body), values)
        else:
            changed = _changed_values(loads(old.body), values)
            fields = self._field_changes(changed, values, effects)
        before: dict[str, Any] = {VALUES: changed, MODIFIED: old.modified}
        if old.status != status:
            before[STATUS] = old.status
            labels = _STATUS_LABELS.get(old.status), _STATUS_LABELS.get(status)
            fields.append(FieldChange(STATUS, *labels))
        if self._encrypted:
            self._seal(changed, old.id)
        if effects is not NO_EFFECTS:
            before |= _list_effects(effects)
        return tuple(fields), before

    def _field_changes(
        self,
        changed: Mapping[str, Any],
        values: Mapping[str, Any],
        effects: SideEffects,
    ) -> list[FieldChange]:
        """Return the changes of fields that need more than their stored values."""
        hidden = self._encrypted & changed.keys()
        left = changed.keys() - hidden - self._localized  # translations hold them, too
        old = {name: changed[name] for name in left}
        new = {name: values.get(name) for name in left}
        for name in self._attachments:
            before, after = self._describe_files((changed, values), name, effects)
            if before != after:
                old[name], new[name] = before, after
        changes = list(find_field_changes(old, new))
        for name in hidden:
            secret = _hide(changed[name]), _hide(values.get(name))
            changes.append(FieldChange(name, *secret))
        changes += self._link_changes(effects.links)
        return sorted(changes, key=_field_name)

    def _describe_files(
        self,
        states: tuple[Mapping[str, Any], Mapping[str, Any]],
        name: str,
        effects: SideEffects,
    ) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Return the file of an Attachment field before and after."""
        changed, values = states
        new_id = values.get(name)
        old_id = changed.get(name) if name in changed else new_id
        known = self._context.files.by_id
        before = known.get(old_id) if isinstance(old_id, int) else None
        for was, now in effects.files:
            if now.id == old_id:
                before = was
        after = known.get(new_id) if isinstance(new_id, int) else None
        return _describe_file(before), _describe_file(after)

    def _link_changes(self, links: MovedLinks) -> list[FieldChange]:
        return [
            FieldChange(name, self._codes(before), self._codes(after))
            for name, before, after in links.lists
            if before != after
        ]

    def _codes(self, ids: frozenset[int]) -> list[str]:
        codes = self._context.many.codes
        own = {entry.id: erc for erc, entry in self._context.entries.items()}
        return sorted(codes.get(one) or own.get(one) or str(one) for one in ids)

    def _seal(self, changed: dict[str, Any], entry_id: int) -> None:
        """Seal the values that an older version has stored in clear."""
        for name in self._encrypted & changed.keys():
            value = changed[name]
            if isinstance(value, str) and not is_sealed(value):
                sealed: dict[str, Any] = {name: Secret(value)}
                self._sealer.seal(sealed, entry_id, b"")
                changed[name] = sealed[name] if is_sealed(sealed[name]) else HIDDEN


def make_fingerprint(status: int, body: bytes, modified: int) -> str:
    """Return the fingerprint of a stored entry, by its date of change and its bytes."""
    return f"{modified}.{status}.{crc32(body):x}"


def list_file(file: StoredFile | None) -> list[Any] | None:
    """Return a file as plain data: ERC, name, and the content's hash and size."""
    if file is None:
        return None
    return [file.erc, file.name, file.content.sha256, file.content.size]


def _list_effects(effects: SideEffects) -> dict[str, Any]:
    listed: dict[str, Any] = {}
    if effects.links.added:
        listed[LINKED] = _lists(effects.links.added)
    if effects.links.removed:
        listed[UNLINKED] = _lists(effects.links.removed)
    if effects.files:
        listed[FILES] = [
            [new.id, list_file(new), list_file(old)] for old, new in effects.files
        ]
    if effects.choices:
        listed[CHOICES] = _lists(effects.choices)
    return listed


def _describe_file(file: StoredFile | None) -> dict[str, Any] | None:
    if file is None:
        return None
    content = file.content
    return {
        ERC: file.erc,
        "name": file.name,
        "sha256": content.sha256,
        "size": content.size,
    }


def _changed_values(
    stored: Mapping[str, Any], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the stored values that are others now; None for those that are new."""
    get = values.get
    changed = {
        name: value
        for name, value in stored.items()
        if (new := get(name)) is not value
        and (new != value or type(new) is not type(value))
    }
    if stored.keys() != values.keys():
        for name in values.keys() - stored.keys():
            changed[name] = None
    return changed


def _plain_changes(
    stored: Mapping[str, Any], values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[FieldChange]]:
    """Return what :func:`_changed_values` does, and the changes of these fields.

    In one pass, because most definitions are plain and each update costs this.
    """
    changed: dict[str, Any] = {}
    fields = []
    for name, old in stored.items():
        new = values.get(name)
        if new is old or (new == old and type(new) is type(old)):
            continue
        changed[name] = old
        if new or old or has_value(new) or has_value(old):
            fields.append(FieldChange(name, old, new))
    if stored.keys() != values.keys():
        for name in values.keys() - stored.keys():
            changed[name] = None
            if has_value(values[name]):
                fields.append(FieldChange(name, None, values[name]))
    if len(fields) > 1:
        fields.sort(key=_field_name)
    return changed, fields


def _list_fields(
    differences: Sequence[FieldChange], _localized: Collection[str]
) -> tuple[FieldChange, ...]:
    """Return the changes of fields that have a value before or after."""
    return tuple([x for x in differences if x[1] or x[2] or _has_values(x)])


def _list_parts(
    differences: Sequence[FieldChange], localized: Collection[str]
) -> tuple[FieldChange, ...]:
    """Return the same where translations hold the values of some fields, too."""
    old, new = {}, {}
    for name, before, after in differences:
        if name not in localized:
            old[name], new[name] = before, after
    return tuple(sorted(find_field_changes(old, new), key=_field_name))


def _has_values(change: FieldChange) -> bool:
    return has_value(change.old) or has_value(change.new)


_field_name: Final = attrgetter("field")


def _lists(pairs: Iterable[tuple[str, str | int]]) -> list[list[str | int]]:
    return [list(pair) for pair in sorted(pairs)]


def _hide(value: Any) -> Any:
    return HIDDEN if has_value(value) else None
