"""Links of many-to-many relationships, set one by one after the entries are stored.

A server takes a list of related entries within an item for the entries themselves:
it would store them anew, with nothing but the code in them. So a batch is sent without
its lists, and each link that is lacking or too many is one request, which changes
nothing where it is made twice. Whether the entries that are named are there is asked
before the batch is sent, so that a record with a wrong list changes nothing.

Links are set by ids. A server has no path by codes that ends a link, none by codes
for entries of sites, and many refuse a code that holds a slash.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final, NamedTuple

from ...errors import InstallationError
from ...model.entity_type import EntityType
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...objects.fields.many_to_many import EntryKey, ManyToManyRelationship
from ...objects.fields.relationship import ABSENT, ParentDefinition
from ...objects.names import ERC
from ...objects.text import format_json
from .batch_plan import BatchPart, PreparedItem
from .http.cancellation import OperationCancelled
from .http.client import Client
from .items import CODE_AND_ID, ItemFetcher, RelatedType
from .problems import parse_answer_problem

_STORED_KINDS: Final = frozenset(
    {OutcomeKind.CREATED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED}
)

LinkCodes = Mapping[str, tuple[str, ...]]
"""The codes of the entries that an item names, by relationship."""

WantedLinks = Mapping[int, LinkCodes | Problem]
"""By place in the batch: what an item names, or what is wrong with that."""

_NOT_FOUND: Final = 404


class _LinkChange(NamedTuple):
    """A link to be set or ended.

    Attributes:
        method: ``PUT`` or ``DELETE``.
        base: The path without the entry that is named.
        relationship: The name of it.
        code: Of the entry that is named.
        number: The id of that entry; 0 where it is there no more.
    """

    method: str
    base: str
    relationship: str
    code: str
    number: int


class LinkWriter:
    """Sets the many-to-many links of one entity type's entries.

    Args:
        client: Of the server.
        fetcher: Of the server.
        entity_type: Of the entries.
    """

    def __init__(
        self, client: Client, fetcher: ItemFetcher, entity_type: EntityType
    ) -> None:
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._related = fetcher.related(entity_type)

    def wanted(self, part: BatchPart) -> dict[int, LinkCodes | Problem]:
        """Find what items name, by place; items that name nothing are left out.

        Entries of the same object may be named as soon as an item before makes them.

        Raises:
            InstallationError: The server does not tell.
        """
        read = {each.place: self._read(each) for each in part.items}
        lists = [each for each in read.values() if not isinstance(each, Problem)]
        codes = {
            name: self._codes(
                name, part.site, [x for y in lists for x in y.get(name, ())]
            )
            for name in self._related
        }
        made: set[str] = set()
        found: dict[int, LinkCodes | Problem] = {}
        for each in part.items:
            made.add(each.key)
            named = read[each.place]
            if isinstance(named, Problem):
                found[each.place] = named
            elif named:
                found[each.place] = self._resolved(named, codes, made)
        return found

    def link(
        self,
        part: BatchPart,
        outcomes: Mapping[int, Outcome],
        wanted: WantedLinks,
    ) -> dict[int, Outcome]:
        """Give the entries that are stored the links they want.

        Returns:
            The outcomes of these entries: changed where links were, failed where one
            was refused, unknown where nobody tells.
        """
        named = _items_with_links(part, outcomes, wanted)
        linked = {each.place: _as_unknown(outcomes[each.place]) for each, _ in named}
        if not named:
            return linked
        try:
            changes = self._changes(part.site, named)
            jobs = [
                partial(self._changed, each, outcomes[each.place], changes[each.place])
                for each, _ in named
            ]
            for (each, _), outcome in zip(
                named,
                self._client.patience.run_all(jobs, self._client.limits.at_once),
                strict=True,
            ):
                linked[each.place] = outcome
        except (InstallationError, OperationCancelled):
            return linked
        return linked

    def recall(
        self, part: BatchPart, outcomes: Mapping[int, Outcome], wanted: WantedLinks
    ) -> dict[int, Outcome]:
        """Return what is known of entries that want links, without setting any.

        Where links are lacking, whoever set them did not come to the end.

        Raises:
            InstallationError: The server does not tell.
        """
        named = _items_with_links(part, outcomes, wanted)
        changes = self._changes(part.site, named) if named else {}
        return {
            place: _as_unknown(outcomes[place])
            for place, lacking in changes.items()
            if lacking
        }

    def _changes(
        self, site: str, named: Sequence[tuple[PreparedItem, LinkCodes]]
    ) -> dict[int, list[_LinkChange]]:
        """Compare the links that are there with those that are wanted, by place."""
        keys = [each.key for each, _ in named]
        there = self._fetcher.raw_items(self._type, keys, site)
        ids = {
            name: self._ids(name, site, [x for _, y in named for x in y.get(name, ())])
            for name in self._related
        }
        path = self._fetcher.path_of(self._type)
        found: dict[int, list[_LinkChange]] = {}
        for each, codes in named:
            entry = there.get(each.key, {})
            changes: list[_LinkChange] = []
            for name, some in codes.items():
                have = _read_links(entry.get(name))
                want = {code: ids[name].get(code, 0) for code in some}
                base = f"{path}/{entry.get('id', 0)}/{name}"
                changes += [
                    _LinkChange("DELETE", base, name, x, have[x])
                    for x in have
                    if x not in want
                ]
                changes += [
                    _LinkChange("PUT", base, name, x, want[x])
                    for x in want
                    if x not in have
                ]
            found[each.place] = changes
        return found

    def _changed(
        self, each: PreparedItem, outcome: Outcome, changes: Sequence[_LinkChange]
    ) -> Outcome:
        """Make all changes, whatever becomes of the first ones.

        Raises:
            InstallationError: The server does not answer, or lets nobody in.
        """
        made = [self._made(each, change) for change in changes]
        refused = [found for found in made if found is not None]
        if refused:
            return Outcome(OutcomeKind.FAILED, each.key, _combine_problems(refused))
        if changes and outcome.kind is OutcomeKind.UNCHANGED:
            return outcome._replace(kind=OutcomeKind.UPDATED)
        return outcome

    def _made(self, each: PreparedItem, change: _LinkChange) -> Problem | None:
        """Make a change; say what is wrong where it was refused."""
        if not change.number:
            other = self._related[change.relationship]
            missing = _make_many_link(change.relationship, other).missing(change.code)
            return _describe_refusal(change, missing)
        path = f"{change.base}/{change.number}"
        answer = self._client.persist(change.method, path)
        if answer.is_login_required:
            raise self._client.fault(answer)
        is_gone = change.method == "DELETE" and answer.status == _NOT_FOUND
        if answer.is_good or is_gone:
            return None
        return _describe_refusal(change, parse_answer_problem(answer, each.item))

    def _read(self, each: PreparedItem) -> dict[str, tuple[EntryKey, ...]] | Problem:
        named: dict[str, tuple[EntryKey, ...]] = {}
        for name, other in self._related.items():
            stated = _make_many_link(name, other).read(each.item)
            if isinstance(stated, Problem):
                return stated
            if stated is not ABSENT:
                named[name] = stated
        return named

    def _resolved(
        self,
        named: Mapping[str, tuple[EntryKey, ...]],
        known: Mapping[str, Mapping[EntryKey, str]],
        made: Collection[str],
    ) -> LinkCodes | Problem:
        found: dict[str, tuple[str, ...]] = {}
        for name, some in named.items():
            other = self._related[name]
            codes: list[str] = []
            for each in some:
                code = known[name].get(each)
                if code is None and other.type.name == self._type.name and each in made:
                    code = str(each)
                if code is None:
                    return _make_many_link(name, other).missing(each)
                codes.append(code)
            found[name] = tuple(dict.fromkeys(codes))
        return found

    def _codes(
        self, name: str, site: str, named: Iterable[EntryKey]
    ) -> dict[EntryKey, str]:
        """Return the codes of those that are there."""
        some = dict.fromkeys(named)
        codes = [each for each in some if isinstance(each, str)]
        found: dict[EntryKey, str] = {x: x for x in self._ids(name, site, codes)}
        other = self._related[name]
        path = self._fetcher.path_of(other.type)
        numbers = [each for each in some if isinstance(each, int)]
        asked = [(f"{path}/{number}", {"fields": CODE_AND_ID}) for number in numbers]
        for number, answer in zip(numbers, self._client.get_all(asked), strict=True):
            if answer.status not in {400, _NOT_FOUND}:
                found[number] = str(self._client.value(answer).get(ERC))
        return found

    def _ids(self, name: str, site: str, codes: Iterable[str]) -> dict[str, int]:
        other = self._related[name]
        scope = site if other.has_sites else ""
        wanted = list(dict.fromkeys(codes))
        found = self._fetcher.raw_items(other.type, wanted, scope, CODE_AND_ID)
        return {code: int(item["id"]) for code, item in found.items()}


def _items_with_links(
    part: BatchPart, outcomes: Mapping[int, Outcome], wanted: WantedLinks
) -> list[tuple[PreparedItem, LinkCodes]]:
    """Return the items that are stored and have lists of links, with these."""
    found = []
    for each in part.items:
        codes = wanted.get(each.place)
        outcome = outcomes.get(each.place)
        if outcome is None or codes is None or isinstance(codes, Problem):
            continue
        if outcome.kind in _STORED_KINDS:
            found.append((each, codes))
    return found


def _describe_refusal(change: _LinkChange, problem: Problem) -> Problem:
    """Say what stands and what does not; the server only speaks of the link."""
    done = "set" if change.method == "PUT" else "ended"
    message = (
        f"The entry is stored, but its link to {change.code} could not be {done}: "
        f"{problem.message}"
    )
    value = format_json(change.code)
    return Problem(problem.code, message, change.relationship, value)


def _combine_problems(refused: Sequence[Problem]) -> Problem:
    """Make one problem of many: the first, and how many there are beside it."""
    first, others = refused[0], len(refused) - 1
    if not others:
        return first
    links = "1 other link was" if others == 1 else f"{others} other links were"
    return replace(first, message=f"{first.message} ({links} refused as well.)")


def _make_many_link(name: str, other: RelatedType) -> ManyToManyRelationship:
    short = other.type.short_name
    return ManyToManyRelationship(
        name=name, other=ParentDefinition(id=0), other_name=short
    )


def _read_links(given: Any) -> dict[str, int]:
    """Return code and id of the entries that a server gives out with an entry."""
    some = [x for x in given if isinstance(x, dict)] if isinstance(given, list) else []
    return {str(x[ERC]): int(x["id"]) for x in some if x.get(ERC) and x.get("id")}


def _as_unknown(outcome: Outcome) -> Outcome:
    return outcome._replace(kind=OutcomeKind.UNKNOWN)
