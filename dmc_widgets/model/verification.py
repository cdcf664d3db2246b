"""Verification: whether a target holds what was sent, or what a source holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from struct import unpack
from typing import Any, Final, NamedTuple

from .entity_type import simple_name
from .representation import html_fields, html_table


class MismatchKind(StrEnum):
    """How an item of the target differs from what is expected there."""

    DIFFERENT = "different"
    MISSING = "missing"
    SURPLUS = "surplus"


class ValueDifference(NamedTuple):
    """A field whose value in the target is not the expected one.

    Attributes:
        field: The name of the field; of a part of a value, its path:
            ``title_i18n.de_DE``, ``scan.sha256``, ``objectFields.title.required``.
        expected: The value that was sent, or that the source holds; None for none.
        actual: The value in the target; None for none.
    """

    field: str
    expected: Any
    actual: Any


class Mismatch(NamedTuple):
    """An item of the target that is not as expected.

    Attributes:
        kind: How it differs.
        part: The title of its part of the report, such as ``C_Ticket``.
        key: The external reference code of the item.
        site: The key of its site; empty where it belongs to none.
        record: The number of the record in the task; 0 where there is none.
        fields: The fields that differ, if the kind is *different*.
        note: What is to be known of it; empty for nothing.
    """

    kind: MismatchKind
    part: str
    key: str
    site: str = ""
    record: int = 0
    fields: tuple[ValueDifference, ...] = ()
    note: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`mismatch_from_dict` reads back."""
        return {
            "kind": self.kind.value,
            "part": self.part,
            "externalReferenceCode": self.key,
            "site": self.site,
            "record": self.record,
            "fields": [field._asdict() for field in self.fields],
            "note": self.note,
        }

    def _repr_html_(self) -> str:
        return html_fields(self)


def mismatch_from_dict(data: Mapping[str, Any]) -> Mismatch:
    """Build the mismatch that *as_dict* wrote."""
    return Mismatch(
        MismatchKind(data["kind"]),
        data["part"],
        data["externalReferenceCode"],
        data["site"],
        data["record"],
        tuple(ValueDifference(**field) for field in data["fields"]),
        data["note"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVerification:
    """The result for one entity type.

    Attributes:
        entity_type: The key of the entity type.
        links: Only the relationships of the second pass of a migration were verified.
        expected: The items that should be in the target, or that the source holds.
        equal: Those of them that the target holds with equal values.
        different: Those of them that it holds with other values.
        missing: Those of them that it does not hold.
        surplus: The items that only the target holds, where that was asked for.
        superseded: The records that a later record of the same item replaced; the
            later one counts.
        unverified: The records that cannot be verified: they have no code, or what
            was sent is not known any more.
        found: The items of the target; None where they were not counted.
        fields: The fields whose values were compared.
        not_compared: The fields that the records have and no target gives out.
        expected_digest: A digest of all expected keys and values, whatever their
            order; empty where values were not compared by digests.
        actual_digest: The same of the target. The two are equal if nothing differs.
    """

    entity_type: str
    links: bool = False
    expected: int = 0
    equal: int = 0
    different: int = 0
    missing: int = 0
    surplus: int = 0
    superseded: int = 0
    unverified: int = 0
    found: int | None = None
    fields: tuple[str, ...] = ()
    not_compared: tuple[str, ...] = ()
    expected_digest: str = ""
    actual_digest: str = ""

    @property
    def title(self) -> str:
        """The text that lists show: ``C_Ticket``, and what was verified of it."""
        name = simple_name(self.entity_type)
        return f"{name} (relationships)" if self.links else name

    @property
    def mismatches(self) -> int:
        """The items that are different, missing or surplus."""
        return self.different + self.missing + self.surplus


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of a verification, without the list of what differs.

    Attributes:
        task: The task that was verified; 0 where two installations were compared.
        source: The name of the file or the installation that the items come from.
        target: The name of the installation that was verified.
        started: When it began: ISO 8601 in UTC, like *ended*.
        ended: When it ended.
        author: The user who had it done.
        parts: The result for each entity type.
        notes: Sentences that a reader should know.
        listed: The mismatches that are listed in detail; all are counted.
    """

    target: str
    source: str = ""
    task: int = 0
    started: str = ""
    ended: str = ""
    author: str = ""
    parts: tuple[PartVerification, ...] = ()
    notes: tuple[str, ...] = ()
    listed: int = 0

    @property
    def expected(self) -> int:
        """The items that should be in the target."""
        return sum(part.expected for part in self.parts)

    @property
    def equal(self) -> int:
        """The items that are as expected."""
        return sum(part.equal for part in self.parts)

    @property
    def unverified(self) -> int:
        """The records that could not be verified."""
        return sum(part.unverified for part in self.parts)

    @property
    def mismatches(self) -> int:
        """The items that are different, missing or surplus."""
        return sum(part.mismatches for part in self.parts)

    @property
    def is_equal(self) -> bool:
        """True if the target holds everything as expected, as far as was verified."""
        return self.mismatches == 0

    @property
    def summary(self) -> str:
        """The result in a sentence."""
        return _summarize(self)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data that :func:`verification_from_dict` reads back."""
        return {
            "task": self.task,
            "source": self.source,
            "target": self.target,
            "started": self.started,
            "ended": self.ended,
            "author": self.author,
            "isEqual": self.is_equal,
            "summary": self.summary,
            "parts": [_part_to_dict(part) for part in self.parts],
            "notes": list(self.notes),
            "listed": self.listed,
        }

    def __repr__(self) -> str:
        return f"<Verification of {self.target}: {self.summary}>"

    def _repr_html_(self) -> str:
        rows = [
            (part.title, *(f"{getattr(part, name):,}" for name in _COUNTS))
            for part in self.parts
        ]
        columns = ("Type", *(name.capitalize() for name in _COUNTS))
        return html_table(self.summary, columns, rows)


_COUNTS: Final = ("expected", "equal", "different", "missing", "surplus", "unverified")


def _summarize(found: Verification) -> str:
    """Return a sentence that says what is equal, and what is not."""
    items = _count_items(found.expected - found.unverified)
    if found.is_equal:
        verb = "is" if found.expected - found.unverified == 1 else "are"
        text = f"{items} {verb} in {found.target} as expected"
    else:
        totals = {
            kind: sum(getattr(part, kind.value) for part in found.parts)
            for kind in MismatchKind
        }
        parts = [f"{number:,} {kind}" for kind, number in totals.items() if number]
        text = f"{items} expected in {found.target}: {', '.join(parts)}"
    if found.unverified:
        text += f"; {_count_items(found.unverified)} could not be verified"
    return f"{text}."


def _count_items(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


_NAMES: Final = {
    "entity_type": "entityType",
    "not_compared": "notCompared",
    "expected_digest": "expectedDigest",
    "actual_digest": "actualDigest",
}


def _part_to_dict(part: PartVerification) -> dict[str, Any]:
    return {
        "title": part.title,
        **{
            _NAMES.get(name, name): list(value) if isinstance(value, tuple) else value
            for name, value in asdict(part).items()
        },
    }


def verification_from_dict(data: Mapping[str, Any]) -> Verification:
    """Build the verification that *as_dict* wrote."""
    return Verification(
        task=data["task"],
        source=data["source"],
        target=data["target"],
        started=data["started"],
        ended=data["ended"],
        author=data["author"],
        parts=tuple(_part_from_dict(part) for part in data["parts"]),
        notes=tuple(data["notes"]),
        listed=data["listed"],
    )


def _part_from_dict(data: Mapping[str, Any]) -> PartVerification:
    names = {written: name for name, written in _NAMES.items()}
    values = {names.get(name, name): value for name, value in data.items()}
    values.pop("title")
    for name in ("fields", "not_compared"):
        values[name] = tuple(values[name])
    return PartVerification(**values)


def sum_digests(digests: Iterable[bytes], start: int = 0) -> int:
    """Return the sum of digests, which does not depend on their order."""
    return sum((int.from_bytes(digest) for digest in digests), start) % (1 << 128)


def sum_joined_digests(joined: bytes, start: int = 0) -> int:
    """Return the sum of digests of 16 bytes that follow one another."""
    halves: tuple[int, ...] = unpack(f">{len(joined) // 8}Q", joined)
    return (start + (sum(halves[::2]) << 64) + sum(halves[1::2])) % (1 << 128)


def format_digest(total: int) -> str:
    """Return a sum of digests as a text."""
    return f"{total:032x}"
