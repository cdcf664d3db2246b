"""Typed entries: what is decided for many at once is what is decided one by one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.record import DateCell
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.entries.decisions import EntryDecider
from dmc_widgets.objects.entries.entry_journal import EntryJournal
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.stored_entries import (
    BatchContext,
    StoredEntry,
    WriteSet,
)
from dmc_widgets.objects.entries.typed_decisions import TypedDecider, decide_all
from dmc_widgets.objects.entries.typed_entries import TypedEntries
from dmc_widgets.objects.entries.validation import EntryRules

Items = list[dict[str, Any]]

PICKLISTS = {"COLOURS": {"red": "Red", "blue": "Blue"}}
NOW_MS = 1_700_000_000_000


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a field of a definition; *more* are its settings, but for *required*."""
    listed = [{"name": key, "value": value} for key, value in more.items()]
    return {
        "name": name,
        "businessType": kind,
        "required": more.pop("required", False),
        "listTypeDefinitionExternalReferenceCode": "COLOURS",
        "objectFieldSettings": listed,
    }


RICH = [
    field("title", "Text", required=True),
    field("class", "Text", maxLength=5, showCounter=True),
    field("size", "Integer", defaultValueType="inputAsValue", defaultValue="3"),
    field("many", "LongInteger"),
    field("weight", "Decimal"),
    field("price", "PrecisionDecimal"),
    field("open", "Boolean"),
    field("day", "Date"),
    field("moment", "DateTime"),
    field("entered", "DateTime", timeStorage="useInputAsEntered"),
    field("colour", "Picklist"),
    field("colours", "MultiselectPicklist"),
    field("mail", "EmailAddress"),
    field("total", "Aggregation"),
]

ODD: list[Any] = [
    *[None, "", " ", "x", "äöü", "longer", "😀😀😀", "\ud800", "a\0b", "null", ":null"],
    *[0, 1, -1, 2**31, -(2**31) - 1, 2**53, 2**70, True, False, "true", "5", "5.0"],
    *["1e300", "-1e15", "-0", "1_000", "٥", "TRUE", "1", "0"],
    *[1.0, 1e15, 1e16, -0.0, 0.1, 1e300, Decimal("1.10"), float("nan"), "1e400"],
    *["2024-01-05", "2024-02-30", "2024-01-05T00:00:00.000Z", "2024-01-05T15:00Z"],
    *["2024-01-05T15:00:00.123Z", "2024-01-05T15:00:00.123", "2024-W01-5T15:00:00.12"],
    *["2024-01-05T24:00:00.000Z", "2024-01-05T15:00:00.12x", DateCell("2024-01-05")],
    *["red", "Red", {"key": "red"}, {"key": "none"}, {"name": "Blue"}, {"key": None}],
    *[[], ["red", "blue"], ["red", {"key": "red"}, None], ["none"], "red, blue", {}],
    *["ada@example.com", "ada@", [1], {"a": {"b": 1}}],
]

USUAL: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["One", "Two", "Ärger", 'a \\ " \x7f \u2028 /']),
    "class": st.sampled_from(["abcde", "12345", ""]),
    "size": st.integers(-(2**31), 2**31 - 1) | st.sampled_from(["7", "+7", " 7.0"]),
    "many": st.integers(-(2**53) + 1, 2**53 - 1),
    "weight": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "price": st.sampled_from(["1.50", 2, 3.25]),
    "open": st.booleans() | st.sampled_from(["true", "false"]),
    "day": st.sampled_from(["2024-01-05", "2024-01-06T00:00:00.000Z"]),
    "moment": st.sampled_from(["2024-01-05T15:00:00.000Z", "2024-12-31T23:59:59.999Z"]),
    "entered": st.just("2024-01-05T15:00:00.000"),
    "colour": st.sampled_from(["red", {"key": "blue", "name": "Blue"}]),
    "colours": st.lists(st.sampled_from(["red", "blue"]), max_size=2),
    "mail": st.just("ada@example.com"),
}

BESIDE: dict[str, st.SearchStrategy[Any]] = {
    "keywords": st.sampled_from([[], None, ["one"]]),
    "taxonomyCategoryBriefs": st.sampled_from([[], None]),
    "status": st.sampled_from([{"code": 0, "label": "approved"}, {"code": 2}, None, 0]),
    "unknown": st.sampled_from([None, 1, {"a": [1]}]),
    "total": st.just(7),
}

codes = st.sampled_from([*"ABCDEFGHIJ", *"ABCDEFGHIJ", "\t", " ", "", None, 7, "Ä"])
names = st.sampled_from([*USUAL])


@st.composite
def items(draw: st.DrawFn) -> Items:
    """Items that are mostly ordinary, of one file: with about the same fields."""
    used = draw(st.sets(names, min_size=8)) | {"title"}
    beside = draw(st.sets(st.sampled_from([*BESIDE]), max_size=1))
    drawn = []
    for number in range(draw(st.integers(1, 20))):
        item = {name: draw(USUAL[name]) for name in sorted(used)}
        item |= {name: draw(BESIDE[name]) for name in beside}
        is_odd = draw(st.integers(0, 5)) == 0
        item["externalReferenceCode"] = draw(codes) if is_odd else f"CODE-{number % 15}"
        if is_odd:
            item[draw(names)] = draw(st.sampled_from(ODD))
        if draw(st.integers(0, 9)) == 0:
            del item[draw(st.sampled_from([*item]))]
        drawn.append(item)
    return drawn


policies = st.builds(
    Policy,
    import_strategy=st.sampled_from(ImportStrategy),
    update_strategy=st.sampled_from(
        [UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE]
    ),
)


@st.composite
def definitions(draw: st.DrawFn) -> EntryRules:
    """Rules of some of the fields, one of them required."""
    fields = draw(st.sets(st.integers(0, len(RICH) - 1), min_size=6)) | {0}
    required = draw(st.sampled_from(sorted(fields)))
    listed = [
        RICH[number] | {"required": number == required} for number in sorted(fields)
    ]
    return rules_of(listed)


def rules_of(fields: list[dict[str, Any]], **more: Any) -> EntryRules:
    """Compile the rules of a definition with these fields."""
    body = {"name": "Ticket", "objectFields": fields, **more}
    return compile_entry_rules(7, body, PICKLISTS, {})


class Batches:
    """Decides batch after batch, each compared with what the others have stored.

    Args:
        rules: The rules of the definition.
        typed: The typed entries; None to decide item by item.
    """

    def __init__(self, rules: EntryRules, typed: TypedEntries | None = None) -> None:
        self._rules = rules
        self._typed = typed
        self._ids = itertools.count(1)
        self._keys = itertools.count(1)
        self._stored: dict[str, StoredEntry] = {}

    def decide(self, items: Items, policy: Policy) -> tuple[list[Outcome], WriteSet]:
        """Decide a batch; return its outcomes, and what it writes."""
        context = BatchContext(entries=dict(self._stored))
        decider = EntryDecider(
            self._rules, policy, context, self._ids.__next__, self._new_key
        )
        decider.journal = EntryJournal(self._rules, context, "", NOW_MS)

        def alone(group: Sequence[dict[str, Any]]) -> tuple[list[Outcome], bool]:
            return [decider.decide(self._rules.check(item)) for item in group], False

        if self._typed is None:
            outcomes, _ = alone(items)
        else:
            together = TypedDecider(
                typed=self._typed,
                policy=policy,
                context=context,
                changes=decider.changes,
                new_id=self._ids.__next__,
                journal=decider.journal,
                has_repeated=True,
            )
            outcomes, _ = decide_all(items, together.decide, alone)
        self._store(decider.changes)
        return outcomes, decider.changes

    def _store(self, changes: WriteSet) -> None:
        for entry_id, (erc, status, body) in changes.created.items():
            self._stored[erc] = StoredEntry(entry_id, status, body, NOW_MS)
        codes = {entry.id: erc for erc, entry in self._stored.items()}
        for entry_id, (status, body) in changes.updated.items():
            self._stored[codes[entry_id]] = StoredEntry(entry_id, status, body, NOW_MS)

    def _new_key(self) -> str:
        return f"KEY-{next(self._keys)}"


def spell(value: Any) -> str:
    """Write a value so that 1, 1.0 and True differ, and the order of keys does not."""
    return json.dumps(value, sort_keys=True, default=repr)


@given(rules=definitions(), first=items(), second=items(), policy=policies)
@settings(max_examples=150)
def test_typed_entries_are_decided_like_all_others(
    rules: EntryRules, first: Items, second: Items, policy: Policy
) -> None:
    """Outcomes, messages, changes, ids and bytes are those of the plain rules."""
    typed = TypedEntries.compile(rules)
    assert typed is not None
    fast, plain = Batches(rules, typed), Batches(rules)
    for batch, strategies in ((first, Policy()), (second, policy)):
        expected, expected_changes = plain.decide(batch, strategies)
        outcomes, changes = fast.decide(batch, strategies)

        assert spell(outcomes) == spell(expected)
        assert spell(changes.created) == spell(expected_changes.created)
        assert [*changes.created] == [*expected_changes.created]
        assert spell(changes.updated) == spell(expected_changes.updated)


def test_ordinary_items_are_decided_together() -> None:
    """A batch of new, changed and unchanged entries takes one call each."""
    rules = rules_of(RICH)
    typed = TypedEntries.compile(rules)
    assert typed is not None
    batches = Batches(rules, typed)

    def fail(_item: object) -> None:
        pytest.fail("An ordinary item was decided alone")

    rich = {
        "title": "Ärger",
        "size": 4,
        "weight": 0.5,
        "open": False,
        "day": "2024-01-05T00:00:00.000Z",
        "moment": "2024-01-05T15:00:00.000Z",
        "colour": {"key": "red", "name": "Red"},
        "keywords": [],
        "status": {"code": 0, "label": "approved"},
    }
    many = [{"externalReferenceCode": f"E-{n}", **rich} for n in range(9)]
    object.__setattr__(rules, "checks", [("title", fail)])

    outcomes, changes = batches.decide(many, Policy())
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.CREATED}
    assert changes.created[1] == (
        "E-0",
        0,
        b'{"colour":"red","day":"2024-01-05","moment":"2024-01-05T15:00:00.000Z",'
        b'"open":false,"size":4,"title":"\xc3\x84rger","weight":0.5}',
    )
    many[3] |= {"title": "Other", "size": None}
    outcomes, changes = batches.decide(many, Policy())
    assert [outcome.kind.value for outcome in outcomes] == (
        ["unchanged"] * 3 + ["updated"] + ["unchanged"] * 5
    )
    assert outcomes[3].change is not None
    assert outcomes[3].change.before["values"] == {"size": 4, "title": "Ärger"}


def test_limit_of_a_text_counts_units_of_16_bits() -> None:
    """Three emojis are six of them, and *class* takes five."""
    rules = rules_of(RICH)
    typed = TypedEntries.compile(rules)
    assert typed is not None
    batch = [
        {"externalReferenceCode": f"E-{number}", "title": "One", "class": text}
        for number, text in enumerate(["😀😀a", "😀😀😀"])
    ]

    outcomes, _ = Batches(rules, typed).decide(batch, Policy())

    assert [outcome.kind for outcome in outcomes] == [
        OutcomeKind.CREATED,
        OutcomeKind.FAILED,
    ]
    assert outcomes[1].problem is not None
    assert outcomes[1].problem.field == "class"


@pytest.mark.parametrize(
    "fields",
    [
        [field("title", "Text", uniqueValues=True)],
        [field("title", "Text"), field("number", "AutoIncrement")],
        [field("title", "Text"), field("secret", "Encrypted")],
        [field("title", "Text"), field("file", "Attachment")],
        [field("title", "Text"), field("what", "Unheard")],
        [field('ti"tle', "Text")],
        [field("far", "Decimal", defaultValueType="inputAsValue", defaultValue=1e20)],
        [field("keywords", "Text")],
        [{**field("fixed", "Text"), "readOnly": "true"}],
    ],
    ids=lambda fields: fields[-1]["businessType"] + fields[-1]["name"],
)
def test_definitions_with_more_than_values_have_no_typed_entries(
    fields: list[dict[str, Any]],
) -> None:
    """Their entries are decided one by one."""
    assert TypedEntries.compile(rules_of(fields)) is None
