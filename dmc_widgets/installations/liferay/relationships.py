"""Links of many-to-many relationships, written one by one after the entries are stored.

A server takes a list of related entries inside an item for the entries themselves: it
would store them anew, with nothing but the code in them. So a batch is sent without its
lists, and each link that is missing or left over is one request, which may be repeated.
Whether the named entries are stored is checked before the batch is sent, so that a
record with a wrong list changes nothing.

Links are written by ids. A server has no path by codes that ends a link, none by codes
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
_NOT_FOUND: Final = 404

LinkCodes = Mapping[str, tuple[str, ...]]
"""The codes of the entries that an item names, by relationship."""

WantedLinks = Mapping[int, LinkCodes | Problem]
"""By place in the batch: the links of an item, or the problem that they have."""


class _LinkChange(NamedTuple):
    """A link to be set or ended.

    Attributes:
        method: ``PUT`` or ``DELETE``.
        base: The path of the relationship, without the related entry.
        relationship: The name of the relationship.
        code: The code of the related entry.
        id: The id of that entry; 0 if it is not stored any more.
    """

    method: str
    base: str
    relationship: str
    code: str
    id: int


class LinkWriter:
    """Writes the many-to-many links of one entity type's entries.

    Args:
        client: The client of the server.
        fetcher: Reads entries by code.
        entity_type: The entity type that the entries belong to.
        is_needed: The items themselves do not bring their links.
    """

    def __init__(
        self,
        client: Client,
        fetcher: ItemFetcher,
        entity_type: EntityType,
        *,
        is_needed: bool = True,
    ) -> None:
        self._client = client
        self._fetcher = fetcher
        self._type = entity_type
        self._related = fetcher.related_types(entity_type) if is_needed else {}

    def resolve_links(self, part: BatchPart) -> dict[int, LinkCodes | Problem]:
        """Return the links of each item that names any, by place in the batch.

        An entry of the same object may be named once an item before adds it.

        Raises:
            InstallationError: The server does not answer, or refuses.
        """
        named_by_place = {item.place: self._read_keys(item) for item in part.items}
        readable = [
            named for named in named_by_place.values() if not isinstance(named, Problem)
        ]
        codes = {
            name: self._stored_codes(
                name,
                part.site,
                [key for named in readable for key in named.get(name, ())],
            )
            for name in self._related
        }
        preceding: set[str] = set()
        links: dict[int, LinkCodes | Problem] = {}
        for item in part.items:
            preceding.add(item.key)
            named = named_by_place[item.place]
            if isinstance(named, Problem):
                links[item.place] = named
            elif named:
                links[item.place] = self._resolve(named, codes, preceding)
        return links

    def write_links(
        self, part: BatchPart, outcomes: Mapping[int, Outcome], links: WantedLinks
    ) -> dict[int, Outcome]:
        """Give the stored entries the links that they ask for.

        Returns:
            New outcomes of the entries with links: *updated* where links changed,
            *failed* where one was refused, *unknown* where the server did not answer.
        """
        linked = _items_with_links(part, outcomes, links)
        new = {item.place: _as_unknown(outcomes[item.place]) for item, _ in linked}
        if not linked:
            return new
        try:
            changes = self._compare(part.site, linked)
            jobs = [
                partial(
                    self._apply_changes, item, outcomes[item.place], changes[item.place]
                )
                for item, _ in linked
            ]
            results = self._client.cancel_token.run_all(
                jobs, self._client.limits.at_once
            )
            for (item, _), outcome in zip(linked, results, strict=True):
                new[item.place] = outcome
        except (InstallationError, OperationCancelled):
            return new
        return new

    def recall_links(
        self, part: BatchPart, outcomes: Mapping[int, Outcome], links: WantedLinks
    ) -> dict[int, Outcome]:
        """Return *unknown* for entries of which links are missing, and set none.

        The program that wrote these links did not finish.

        Raises:
            InstallationError: The server does not answer, or refuses.
        """
        linked = _items_with_links(part, outcomes, links)
        changes = self._compare(part.site, linked) if linked else {}
        return {
            place: _as_unknown(outcomes[place])
            for place, missing in changes.items()
            if missing
        }

    def _compare(
        self, site: str, linked: Sequence[tuple[PreparedItem, LinkCodes]]
    ) -> dict[int, list[_LinkChange]]:
        """Return the changes that lead from the stored links to the wanted ones."""
        keys = [item.key for item, _ in linked]
        names = dict.fromkeys(name for _, links in linked for name in links)
        entries = self._fetcher.fetch_links(self._type, keys, site, list(names))
        ids = {
            name: self._ids(
                name,
                site,
                [code for _, links in linked for code in links.get(name, ())],
            )
            for name in self._related
        }
        path = self._fetcher.list_path(self._type)
        changes: dict[int, list[_LinkChange]] = {}
        for item, links in linked:
            entry = entries.get(item.key, {})
            of_item = changes[item.place] = []
            for name, codes in links.items():
                stored = _read_links(entry.get(name))
                wanted = {code: ids[name].get(code, 0) for code in codes}
                base = f"{path}/{entry.get('id', 0)}/{name}"
                of_item += [
                    _LinkChange("DELETE", base, name, code, stored[code])
                    for code in stored
                    if code not in wanted
                ]
                of_item += [
                    _LinkChange("PUT", base, name, code, wanted[code])
                    for code in wanted
                    if code not in stored
                ]
        return changes

    def _apply_changes(
        self, item: PreparedItem, outcome: Outcome, changes: Sequence[_LinkChange]
    ) -> Outcome:
        """Make all changes, even after one was refused.

        Raises:
            InstallationError: The server does not answer, or the user cannot sign in.
        """
        results = [self._apply_change(item, change) for change in changes]
        problems = [problem for problem in results if problem is not None]
        if problems:
            return Outcome(OutcomeKind.FAILED, item.key, _combine_problems(problems))
        if changes and outcome.kind is OutcomeKind.UNCHANGED:
            return outcome._replace(kind=OutcomeKind.UPDATED)
        return outcome

    def _apply_change(self, item: PreparedItem, change: _LinkChange) -> Problem | None:
        """Make a change, or return the problem with which it was refused."""
        if not change.id:
            relationship = _relationship(
                change.relationship, self._related[change.relationship]
            )
            return _describe_refusal(change, relationship.missing(change.code))
        response = self._client.send(change.method, f"{change.base}/{change.id}")
        if response.is_login_required:
            raise self._client.error_for(response)
        is_gone = change.method == "DELETE" and response.status == _NOT_FOUND
        if response.is_success or is_gone:
            return None
        return _describe_refusal(change, parse_answer_problem(response, item.item))

    def _read_keys(
        self, item: PreparedItem
    ) -> dict[str, tuple[EntryKey, ...]] | Problem:
        """Return the keys of the entries that an item names, by relationship."""
        named: dict[str, tuple[EntryKey, ...]] = {}
        for name, related in self._related.items():
            keys = _relationship(name, related).read(item.item)
            if isinstance(keys, Problem):
                return keys
            if keys is not ABSENT:
                named[name] = keys
        return named

    def _resolve(
        self,
        named: Mapping[str, tuple[EntryKey, ...]],
        stored_codes: Mapping[str, Mapping[EntryKey, str]],
        preceding: Collection[str],
    ) -> LinkCodes | Problem:
        links: dict[str, tuple[str, ...]] = {}
        for name, keys in named.items():
            related = self._related[name]
            is_same_object = related.type.name == self._type.name
            codes: list[str] = []
            for key in keys:
                code = stored_codes[name].get(key)
                if code is None and is_same_object and key in preceding:
                    code = str(key)
                if code is None:
                    return _relationship(name, related).missing(key)
                codes.append(code)
            links[name] = tuple(dict.fromkeys(codes))
        return links

    def _stored_codes(
        self, name: str, site: str, keys: Iterable[EntryKey]
    ) -> dict[EntryKey, str]:
        """Return the codes of those entries that are stored, by code or id."""
        unique = dict.fromkeys(keys)
        codes = [key for key in unique if isinstance(key, str)]
        stored: dict[EntryKey, str] = {
            code: code for code in self._ids(name, site, codes)
        }
        path = self._fetcher.list_path(self._related[name].type)
        ids = [key for key in unique if isinstance(key, int)]
        requests = [(f"{path}/{id_}", {"fields": CODE_AND_ID}) for id_ in ids]
        for id_, response in zip(ids, self._client.get_many(requests), strict=True):
            if response.status not in {400, _NOT_FOUND}:
                stored[id_] = str(self._client.require_json(response).get(ERC))
        return stored

    def _ids(self, name: str, site: str, codes: Iterable[str]) -> dict[str, int]:
        """Return the ids of those entries that are stored, by code."""
        related = self._related[name]
        scope = site if related.has_sites else ""
        unique = list(dict.fromkeys(codes))
        entries = self._fetcher.fetch(related.type, unique, scope, CODE_AND_ID)
        return {code: int(entry["id"]) for code, entry in entries.items()}


def _items_with_links(
    part: BatchPart, outcomes: Mapping[int, Outcome], links: WantedLinks
) -> list[tuple[PreparedItem, LinkCodes]]:
    """Return the items that are stored and ask for links, with the links."""
    linked = []
    for item in part.items:
        codes = links.get(item.place)
        outcome = outcomes.get(item.place)
        if outcome is None or codes is None or isinstance(codes, Problem):
            continue
        if outcome.kind in _STORED_KINDS:
            linked.append((item, codes))
    return linked


def _describe_refusal(change: _LinkChange, problem: Problem) -> Problem:
    """Add that the entry is stored; the server's problem is about the link alone."""
    verb = "set" if change.method == "PUT" else "ended"
    message = (
        f"The entry is stored, but its link to {change.code} could not be {verb}: "
        f"{problem.message}"
    )
    value = format_json(change.code)
    return Problem(problem.code, message, change.relationship, value)


def _combine_problems(problems: Sequence[Problem]) -> Problem:
    """Return the first problem, with the number of the others in its message."""
    first, others = problems[0], len(problems) - 1
    if not others:
        return first
    links = "1 other link was" if others == 1 else f"{others} other links were"
    return replace(first, message=f"{first.message} ({links} refused as well.)")


def _relationship(name: str, related: RelatedType) -> ManyToManyRelationship:
    short_name = related.type.short_name
    return ManyToManyRelationship(
        name=name, other=ParentDefinition(id=0), other_name=short_name
    )


def _read_links(value: Any) -> dict[str, int]:
    """Return code and id of the entries that a server returns within an entry."""
    entries = value if isinstance(value, list) else []
    return {
        str(entry[ERC]): int(entry["id"])
        for entry in entries
        if isinstance(entry, dict) and entry.get(ERC) and entry.get("id")
    }


def _as_unknown(outcome: Outcome) -> Outcome:
    return outcome._replace(kind=OutcomeKind.UNKNOWN)
