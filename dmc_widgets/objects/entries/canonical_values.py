"""The values of an entry in a form in which two installations can be compared.

The same value can be written in several ways: ``"7"`` and ``7``, a picklist's key and
its entry, a parent's code and the parent, a file's content and the stored file. The
rules of the definition bring what is sent and what is stored into one form; values that
mean that there is none are left out. What a definition's rules refuse is compared as it
is.

A value with parts gets a name for each of them: ``scan.sha256``. Encrypted values are
left out, because servers do not give them out and no report may show them. Computed
fields and the ids of taxonomy categories differ between installations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import blake2b
from typing import Any, Final

from orjson import OPT_SORT_KEYS, dumps

from ...model.change import has_value
from ...model.outcome import Problem
from ...model.record import LargeText
from ...model.verification import ValueDifference
from ..fields.attachment import CONTENT, IncomingFile
from ..names import ERC
from .system_properties import CATEGORY_BRIEFS, CATEGORY_IDS, KEYWORDS
from .validation import EntryRules, ValidatedEntry

DIGEST_BYTES: Final = 16

STATUS: Final = "status"
_NOT_COMPARED: Final = frozenset({CATEGORY_BRIEFS, CATEGORY_IDS})
_SHOWN_CHARS: Final = 2000

CanonicalValues = dict[str, Any]
"""Values by name; a value that means that there is none is None."""


class CanonicalEntries:
    """Brings the entries of one definition into canonical form.

    Args:
        rules: The rules of the definition, in the installation that is verified.
    """

    def __init__(self, rules: EntryRules) -> None:
        self._rules = rules
        self._left_out = _NOT_COMPARED.union(rules.encrypted)
        self._maps = {field.map_name: field for field in rules.localized}
        self._plain = {field.name for field in rules.localized}
        self._links = {link.erc_name: link for link in rules.links}
        self._attachments = {rule.name for rule in rules.attachments}
        self._parted = {KEYWORDS, *self._maps, *self._links, *self._attachments}
        self._synonyms = _find_synonyms(rules)
        self._stated: dict[tuple[str, ...], tuple[str, ...]] = {}

    def not_compared(self, names: Iterable[str]) -> list[str]:
        """Return those of the names of an item whose values are not compared."""
        return sorted(self._left_out.intersection(names))

    def expected(self, item: Mapping[str, Any], *, replaces: bool) -> CanonicalValues:
        """Return the values that the target should hold once *item* was written.

        Args:
            item: The item as it is sent.
            replaces: The item replaces a stored one; otherwise the languages that it
                does not name keep their values.
        """
        values = self._canonical(item)
        for name in self._maps.keys() & values.keys():
            languages = values[name]
            if replaces or languages is None:
                values[name] = _stated_texts(languages)
            else:
                del values[name]
                values.update(_by_language(name, languages))
        return values

    def digest_actual(self, item: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
        """Return the digest of those of a stored entry's values that were sent."""
        stated = self._stated.get(names)
        if stated is None:
            stated = self._stated[names] = self._state(names)
        needed = {name: item[name] for name in stated if name in item}
        return digest_values(names, self.actual(needed))

    def actual(self, item: Mapping[str, Any]) -> CanonicalValues:
        """Return the values of a stored entry, by all names that may be expected."""
        values = self._canonical(item)
        for name in self._maps.keys() & values.keys():
            values.update(_by_language(name, values[name] or {}))
            values[name] = _stated_texts(values[name])
        for link in self._links.values():
            values[link.id_name] = item.get(link.id_name) or None
        for name in self._attachments:
            file = item.get(name)
            values[f"{name}.id"] = file.get("id") if isinstance(file, dict) else None
        return values

    def _state(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names under which an item states some canonical values."""
        stated: set[str] = set()
        for name in names:
            base = name.partition(".")[0]
            stated |= self._synonyms.get(base, {base})
        return tuple(sorted(stated))

    def stored(self, item: Mapping[str, Any]) -> CanonicalValues:
        """Return the values that an installation holds of an entry, each once.

        Two installations hold the same if these are equal.
        """
        values = self.expected(item, replaces=True)
        return {
            name: values[name] for name in sorted(values) if has_value(values[name])
        }

    def _canonical(self, item: Mapping[str, Any]) -> CanonicalValues:
        checked, values = self._check(item)
        parted, plain = self._parted, self._plain
        if checked.nulls:
            values.update((name, None) for name in checked.nulls if name not in plain)
        for name, value in checked.values.items():
            if name in parted:
                values.update(self._parts(name, value))
            elif name not in plain:
                kind = type(value)  # mostly one of these
                is_plain = kind is int or (kind is str and value)
                values[name] = value if is_plain else normalize_value(value)
        for name, keys in checked.many.items():
            values[name] = sorted(map(str, keys)) or None
        if checked.status is not None:
            values[STATUS] = checked.status
        if checked.nulls:
            for name in self._attachments & checked.nulls:
                values[f"{name}.{ERC}"] = values.pop(name)
        return values

    def _check(self, item: Mapping[str, Any]) -> tuple[ValidatedEntry, CanonicalValues]:
        """Check an item, and again without what the rules refuse, until it passes.

        Returns:
            What passes, and what was refused, as it is.
        """
        if not self._left_out.isdisjoint(item):
            item = {x: value for x, value in item.items() if x not in self._left_out}
        checked = self._rules.check(item)
        if checked.problem is None:
            return checked, {}
        rest = dict(item)
        refused: dict[str, Any] = {}
        while checked.problem is not None:
            name = checked.problem.field.partition(".")[0]
            failed = self._synonyms.get(name, {name}) & rest.keys()
            if not failed:
                break
            refused |= {name: rest.pop(name) for name in failed}
            checked = self._rules.check(rest)
        return checked, {name: plain_value(value) for name, value in refused.items()}

    def _parts(self, name: str, value: Any) -> Iterator[tuple[str, Any]]:
        if name in self._maps:
            yield name, value
        elif isinstance(value, IncomingFile):
            yield from _file_parts(name, value)
        elif name in self._links and isinstance(value, int):
            yield self._links[name].id_name, value or None
        elif name == KEYWORDS:
            yield name, sorted(value) or None
        elif not isinstance(value, Problem):
            yield name, normalize_value(value)


def normalize_value(value: Any) -> Any:
    """Return a checked value in the one form that it is compared in."""
    if isinstance(value, float):
        return value + 0.0  # -0.0 is 0.0
    return value if has_value(value) else None


def _file_parts(name: str, file: IncomingFile) -> Iterator[tuple[str, Any]]:
    """Yield what identifies a file: its code or id, and its content."""
    if file.erc:
        yield f"{name}.{ERC}", file.erc
    elif file.content is None:
        yield f"{name}.id", file.id
    if file.content is not None:
        yield f"{name}.name", file.name
        yield f"{name}.sha256", file.content.sha256
        yield f"{name}.size", file.content.size


def _find_synonyms(rules: EntryRules) -> dict[str, set[str]]:
    """Group the names under which an item may state the same value."""
    groups = [{link.id_name, link.erc_name, link.nested_name} for link in rules.links]
    groups += [{field.name, field.map_name} for field in rules.localized]
    return {name: group for group in groups for name in group}


def plain_value(value: Any) -> Any:
    """Return a refused value as plain data, without the content of files."""
    if isinstance(value, Mapping):
        return {
            str(key): plain_value(inner)
            for key, inner in value.items()
            if key != CONTENT
        }
    if isinstance(value, list | tuple):
        return [plain_value(inner) for inner in value]
    if isinstance(value, LargeText | Decimal):
        return str(value)
    return value if has_value(value) else None


def _stated_texts(languages: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the languages that have a value; None without any."""
    texts = {key: text for key, text in (languages or {}).items() if has_value(text)}
    return texts or None


def _by_language(name: str, languages: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}.{language}": text if has_value(text) else None
        for language, text in languages.items()
    }


def digest_values(names: Sequence[str], values: Mapping[str, Any]) -> bytes:
    """Return a digest of some values, in the order of *names*."""
    return digest_row([values.get(name) for name in names])


def digest_row(row: Sequence[Any]) -> bytes:
    """Return a digest of canonical values."""
    try:
        content = dumps(row, option=OPT_SORT_KEYS)
    except TypeError:  # an integer beyond 64 bits, or half of a surrogate pair
        content = repr([*row]).encode(errors="backslashreplace")
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def digest_all(values: CanonicalValues) -> bytes:
    """Return a digest of values and of their names, in the order that they have."""
    names = blake2b(dumps(list(values)), digest_size=DIGEST_BYTES).digest()
    content = names + digest_values(list(values), values)
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def digest_entry(site: str, key: str, digest: bytes) -> bytes:
    """Return a digest of an entry's site, code and the digest of its values."""
    identity = dumps([site, key])
    return blake2b(identity + digest, digest_size=DIGEST_BYTES).digest()


def find_value_differences(
    expected: Mapping[str, Any], actual: Mapping[str, Any], names: Iterable[str]
) -> tuple[ValueDifference, ...]:
    """Return the named values that differ, shortened where they are long."""
    return tuple(
        ValueDifference(name, _shorten(expected.get(name)), _shorten(actual.get(name)))
        for name in names
        if expected.get(name) != actual.get(name)
    )


def _shorten(value: Any) -> Any:
    if isinstance(value, str) and len(value) > _SHOWN_CHARS:
        return f"{value[:_SHOWN_CHARS]}…"
    return value
