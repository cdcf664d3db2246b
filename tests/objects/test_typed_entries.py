"""Typed entries: what is decided for many at once is what is decided one by one."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import replace
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dmc_widgets.model.entity_type import ChildRelationship
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.record import DateCell
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.objects.entries.attachment_files import BatchFiles
from dmc_widgets.objects.entries.batch_lookup import look_up_batch
from dmc_widgets.objects.entries.decisions import EntryDecider
from dmc_widgets.objects.entries.entry_journal import EntryJournal
from dmc_widgets.objects.entries.rule_compiler import compile_entry_rules
from dmc_widgets.objects.entries.stored_entries import StoredEntry, WriteSet
from dmc_widgets.objects.entries.typed_decisions import (
    TypedDecider,
    decide_groups,
    look_up_groups,
    read_batch,
)
from dmc_widgets.objects.entries.typed_entries import TypedEntries
from dmc_widgets.objects.entries.validation import EntryRules, ValidatedEntry
from dmc_widgets.objects.fields.many_to_many import (
    EntryKey,
    LinkContext,
    ManyToManyRelationship,
)
from dmc_widgets.objects.fields.relationship import ParentDefinition

Items = list[dict[str, Any]]

PICKLISTS = {"COLOURS": {"red": "Red", "blue": "Blue"}}
NOW_MS = 1_700_000_000_000


FLOW = {
    "objectStates": [
        {"key": "red", "objectStateTransitions": [{"key": "blue"}]},
        {"key": "blue", "objectStateTransitions": []},
    ]
}


def field(
    name: str, kind: str, own: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return a field of a definition.

    Args:
        name: Its name.
        kind: Its business type.
        own: What it says besides its settings.
        more: Its settings, but for *required*.
    """
    listed = [{"name": key, "value": value} for key, value in more.items()]
    return {
        "name": name,
        "businessType": kind,
        "required": more.pop("required", False),
        "listTypeDefinitionExternalReferenceCode": "COLOURS",
        "objectFieldSettings": listed,
        **(own or {}),
    }


def parent(name: str, definition: str, kind: str = "oneToMany") -> dict[str, Any]:
    """Return the field of a relationship to a parent."""
    stated = {
        "relationshipType": kind,
        "objectDefinitionExternalReferenceCode1": definition,
    }
    return field(f"r_{name}_c_oneId", "Relationship", stated)


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

RELATED = [
    field("number", "Text", uniqueValues=True),
    field("count", "Integer", uniqueValues=True),
    field(
        "state",
        "Picklist",
        {"state": True, "defaultValue": "red"},
        stateFlow=FLOW,
    ),
    field("name", "Text", {"localized": True}, maxLength=5, showCounter=True),
    field(
        "words",
        "LongText",
        {"localized": True},
        defaultValueType="inputAsValue",
        defaultValue="none",
    ),
    field("fixed", "Text", {"readOnly": "true"}),
    field(
        "first",
        "Integer",
        {"readOnly": "true"},
        defaultValueType="inputAsValue",
        defaultValue="3",
    ),
    field("told", "Text", {"localized": True, "readOnly": "true"}),
    field("serial", "AutoIncrement", prefix="S-", suffix="/x", initialValue="008"),
    field("place", "AutoIncrement", {"readOnly": "true"}),
    parent("owner", "CUSTOMER"),
    parent("near", "TICKET"),
    parent("lone", "CUSTOMER", "oneToOne"),
    parent("gone", "MISSING"),
    parent("user", "L_USER"),
]
"""Fields whose values depend on other entries, or on what is stored."""

PARENTS = {"CUSTOMER": ParentDefinition(id=5), "TICKET": ParentDefinition(id=7)}
CUSTOMERS = {f"C-{number}": 500 + number for number in range(40)}

ODD: list[Any] = [
    *[None, "", " ", "x", "äöü", "longer", "😀😀😀", "\ud800", "a\0b", "null", ":null"],
    *[0, 1, -1, 2**31, -(2**31) - 1, 2**53, 2**70, True, False, "true", "5", "5.0"],
    *["1e300", "-1e15", "-0", "1_000", "٥", "TRUE", "1", "0"],
    *[1.0, 1e15, 1e16, -0.0, 0.1, 1e300, Decimal("1.10"), float("nan"), "1e400"],
    *[Decimal("417.8739495798319328"), Decimal("0.10000000000000000555"), "1e-400"],
    *[Decimal("12345678901234567890.5"), Decimal("1e-20"), Decimal(7), Decimal("NaN")],
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

OF_TABLES: dict[str, st.SearchStrategy[Any]] = {
    "price": st.sampled_from([Decimal("1.50"), Decimal("417.8739495798319328")]),
    "day": st.sampled_from([DateCell("2024-01-05"), DateCell("2024-01-06")]),
}
"""What no JSON has, and readers of workbooks and of Parquet return."""

BESIDE: dict[str, st.SearchStrategy[Any]] = {
    "keywords": st.sampled_from([[], None, ["one"]]),
    "taxonomyCategoryBriefs": st.sampled_from([[], None]),
    "status": st.sampled_from(
        [
            *[{"code": 0, "label": "approved"}, {"code": "0"}, {"code": 2}],
            *[{"code": "2", "label": "approved"}, None, 0],
        ]
    ),
    "unknown": st.sampled_from([None, 1, {"a": [1]}]),
    "total": st.just(7),
}

RELATED_USUAL: dict[str, list[Any]] = {
    "state": ["red"] * 20 + [{"key": "blue"}],
    "fixed": [None],
    "first": [3],
    "told": [None],
    "place": [None, "", " "],
    "r_owner_c_oneERC": [*CUSTOMERS],
    "r_owner_c_oneId": [0, *CUSTOMERS.values()],
    "r_gone_c_oneERC": [None],
    "r_user_c_oneERC": ["anybody", None],
}

NUMBERED: dict[str, Callable[[int], Any]] = {
    "name": lambda number: f"N{number}",
    "name_i18n": lambda number: {"en_US": f"N{number}", "de_DE": "Eins"},
    "words": lambda number: "One" if number % 2 else "",
    "words_i18n": lambda number: {"fr_FR": "Un", "en_US": "One" if number % 2 else ""},
    "number": str,
    "count": lambda number: number * 2,
    "serial": lambda number: f"S-{number + 8:03}/x" if number % 5 else None,
    "r_near_c_oneERC": lambda number: f"CODE-{number // 3}" if number else "",
    "r_lone_c_oneERC": lambda number: f"C-{number}",
    "r_lone_c_oneId": lambda number: 500 + number % 17,
}
"""Values that fit together, that no two entries share, and parents that come first."""

RELATED_ODD: list[Any] = [
    *[
        None,
        "",
        " ",
        "0",
        "1",
        1,
        0,
        501,
        "502",
        77,
        True,
        "a\0b",
        "\ud800",
        "\u00e4" * 80,
    ],
    *["red", "blue", {"key": "red"}, "green", {}, [], {"en_US": "One"}],
    *[{"de-DE": "Eins"}, {"de_DE": None}, {"en_US": None, "de_DE": "Eins"}],
    *['{"en_US": "Two"}', "{", {"en_US": "too long"}, {"xx": 1}],
    *[{"en_US": "\U0001f600" * 3}, "\U0001f600" * 3],
    *["C-1", "C-2", "C-99", "CODE-1", "CODE-14", {"externalReferenceCode": "C-3"}],
    *[
        {"id": 503},
        {"externalReferenceCode": "CODE-0", "id": 1},
        {"id": None},
        {"a": 1},
    ],
]

RELATED_NAMES = [*RELATED_USUAL, *NUMBERED, "owner", "near", "lone", "many"]

RELATED_OUT: list[tuple[str, Any]] = [
    *[("number", value) for value in ("a\0b", "\ud800", " ", "1", "20", "\U0001f600")],
    *[("name", value) for value in ("\U0001f600" * 3, "N2", "other")],
    *[("name_i18n", value) for value in ({"en_US": "\U0001f600" * 3}, {"de_DE": None})],
    *[("many", value) for value in ([], None, ["C-1"], "C-2, C-3", ["none"])],
    *[("fixed", "x"), ("first", 4), ("first", None), ("told", "x"), ("state", "blue")],
    *[("serial", value) for value in ("S-7/x", "S-9", "S-0030/x", "S-010/x", 9, " ")],
    *[("place", value) for value in ("5", "05", 5, "0", "٥", "9" * 19, True)],
    *[("told_i18n", value) for value in ({"de_DE": "x"}, {"en_US": None})],
]
"""Values that these fields refuse or store in another way."""

codes = st.sampled_from([*"ABCDEFGHIJ", *"ABCDEFGHIJ", "\t", " ", "", None, 7, "Ä"])
names = st.sampled_from([*USUAL])


@st.composite
def items(draw: st.DrawFn) -> Items:
    """Items that are mostly ordinary, of one file: with about the same fields."""
    used = draw(st.sets(names, min_size=8)) | {"title"}
    usual = USUAL | draw(st.sampled_from([{}, {}, OF_TABLES]))
    beside = draw(st.sets(st.sampled_from([*BESIDE]), max_size=1))
    drawn = []
    for number in range(draw(st.integers(1, 20))):
        item = {name: draw(usual[name]) for name in sorted(used)}
        item |= {name: draw(BESIDE[name]) for name in beside}
        is_odd = draw(st.integers(0, 5)) == 0
        item["externalReferenceCode"] = draw(codes) if is_odd else f"CODE-{number % 15}"
        if is_odd:
            item[draw(names)] = draw(st.sampled_from(ODD))
        if draw(st.integers(0, 9)) == 0:
            del item[draw(st.sampled_from([*item]))]
        drawn.append(item)
    return drawn


def make_related_items(random: Random) -> Items:
    """Return items that name other entries and are mostly ordinary."""
    used = [name for name in RELATED_USUAL if random.random() < 0.6]
    numbered = [name for name in NUMBERED if random.random() < 0.6]
    shift, oddity = random.randrange(4), random.choice([0, 0.03, 0.1])
    made = []
    for number in range(random.randrange(1, 25)):
        item = {name: random.choice(RELATED_USUAL[name]) for name in used}
        item |= {name: NUMBERED[name](number + shift) for name in numbered}
        item["externalReferenceCode"] = f"CODE-{number + shift // 3}"
        if random.random() < oddity:
            item[random.choice(RELATED_NAMES)] = random.choice(RELATED_ODD)
        if random.random() < oddity:
            item.update([random.choice(RELATED_OUT)])
        if random.random() < oddity:
            item["externalReferenceCode"] = f"CODE-{random.randrange(15)}"
        if random.random() < oddity and used:
            item.pop(random.choice(used), None)
        made.append(item)
    return made


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


def make_related_rules(random: Random) -> EntryRules:
    """Return rules of fields that depend on others; two of them may be required."""
    chosen = [field for field in RELATED if random.random() < 0.6] or RELATED[:1]
    required = random.choice([[], [], random.choices(chosen, k=2)])
    rules = rules_of([field | {"required": field in required} for field in chosen])
    if random.random() < 0.3:
        other = ManyToManyRelationship(
            name="many", other=PARENTS["CUSTOMER"], other_name="Customer"
        )
        rules = replace(rules, many=(other,))
    return rules


def rules_of(fields: list[dict[str, Any]], **more: Any) -> EntryRules:
    """Compile the rules of a definition with these fields."""
    body = {"name": "Ticket", "objectFields": fields, **more}
    return compile_entry_rules(7, body, PICKLISTS, PARENTS)


class Stored:
    """What batches have stored: an :class:`~...batch_lookup.EntryLookup`.

    Attributes:
        entries: The entries by code.
        owners: The ids of entries by unique value.
        counters: The last number of each AutoIncrement field that has one.
        parents: The parents by entry and field.
    """

    def __init__(self) -> None:
        self.entries: dict[str, StoredEntry] = {}
        self.owners: dict[tuple[str, str], int] = {}
        self.counters: dict[str, int] = {}
        self.parents: dict[tuple[int, str], tuple[int, str]] = {}

    def find_entries(self, ercs: Collection[str]) -> dict[str, StoredEntry]:
        return {erc: self.entries[erc] for erc in ercs if erc in self.entries}

    def last_numbers(self) -> dict[str, int]:
        return dict(self.counters)

    def find_parents(self, parent: ParentDefinition, ercs: Set[str]) -> Collection[str]:
        return ercs & (CUSTOMERS if parent.id == 5 else self.entries).keys()

    def find_by_id(self, ids: Set[int], beside: Set[int]) -> dict[int, tuple[int, str]]:
        known = {number: (5, erc) for erc, number in CUSTOMERS.items()}
        known |= {entry.id: (7, erc) for erc, entry in self.entries.items()}
        return {number: known[number] for number in ids | beside if number in known}

    def find_links(
        self, _items: Sequence[ValidatedEntry], _stored: Mapping[str, StoredEntry]
    ) -> LinkContext:
        ids: dict[EntryKey, int] = dict(CUSTOMERS.items())
        return LinkContext(ids={"many": ids})

    def find_owners(self, field: str, values: Mapping[str, Any]) -> dict[str, int]:
        keys = {text: (field, text) for text in values}
        return {t: self.owners[key] for t, key in keys.items() if key in self.owners}

    def find_files(
        self, _items: Sequence[ValidatedEntry], _stored: Collection[StoredEntry]
    ) -> BatchFiles:
        return BatchFiles()

    def store(self, changes: WriteSet) -> None:
        """Store what a batch writes."""
        for entry_id, (erc, status, body) in changes.all_created().items():
            self.entries[erc] = StoredEntry(entry_id, status, body, NOW_MS)
        codes = {entry.id: erc for erc, entry in self.entries.items()}
        for entry_id, (status, body) in changes.updated.items():
            self.entries[codes[entry_id]] = StoredEntry(entry_id, status, body, NOW_MS)
        for key in changes.freed:
            self.owners.pop(key, None)
        self.owners |= changes.taken
        self.counters |= changes.counters
        for link in changes.unlinked:
            self.parents.pop(link, None)
        self.parents |= changes.linked


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
        self.stored = Stored()

    def decide(self, items: Items, policy: Policy) -> tuple[list[Outcome], WriteSet]:
        """Decide a batch; return its outcomes, and what it writes."""
        check, typed = self._rules.check, self._typed
        if typed is None:
            texts: list[str] = []
            groups: list[Any] = [list(map(check, items))]
            context = look_up_batch(self._rules, groups[0], self.stored)
        else:
            ercs = [item.get("externalReferenceCode") for item in items]
            texts = [str(erc) for erc in ercs if erc is not None]
            known = self.stored.find_entries(texts)
            groups = read_batch(items, typed, policy, known, check)
            context = look_up_groups(self._rules, groups, self.stored, known)
        decider = EntryDecider(
            self._rules, policy, context, self._ids.__next__, self._new_key
        )
        decider.journal = EntryJournal(self._rules, context, "", NOW_MS)

        def alone(group: list[ValidatedEntry]) -> tuple[list[Outcome], bool]:
            return [decider.decide(checked) for checked in group], False

        outcomes: Sequence[Outcome]
        if typed is None:
            outcomes, _ = alone(groups[0])
        else:
            together = TypedDecider(
                typed=typed,
                policy=policy,
                context=context,
                changes=decider.changes,
                new_id=self._ids.__next__,
                journal=decider.journal,
                has_repeated=len(set(texts)) < len(texts),
                check=check,
            )
            outcomes, _ = decide_groups(groups, together, alone)
        self.stored.store(decider.changes)
        return [*outcomes], decider.changes

    def _new_key(self) -> str:
        return f"KEY-{next(self._keys)}"


def spell(value: Any) -> str:
    """Write a value so that 1, 1.0 and True differ, and the order of keys does not."""
    return json.dumps(value, sort_keys=True, default=repr)


def assert_alike(
    rules: EntryRules, first: Items, second: Items, policy: Policy
) -> None:
    """Decide two batches in both ways: many at a time, and one by one."""
    typed = TypedEntries.compile(rules)
    assert typed is not None
    fast, plain = Batches(rules, typed), Batches(rules)
    for batch, strategies in ((first, Policy()), (second, policy)):
        expected, expected_changes = plain.decide(batch, strategies)
        outcomes, changes = fast.decide(batch, strategies)

        assert spell(outcomes) == spell(expected)
        assert spell(changes.all_created()) == spell(expected_changes.created)
        assert [*changes.all_created()] == [*expected_changes.created]
        assert spell(changes.updated) == spell(expected_changes.updated)
        assert changes.freed == expected_changes.freed
        assert changes.taken == expected_changes.taken
        assert changes.unlinked == expected_changes.unlinked
        assert changes.linked == expected_changes.linked
        assert changes.counters == expected_changes.counters
        assert changes.many == expected_changes.many


def test_digits_that_a_float_has_no_room_for_are_kept() -> None:
    """A price may have sixteen decimals, whatever reader its number comes from."""
    rules = rules_of([field("price", "PrecisionDecimal")])
    price = Decimal("417.8739495798319328")

    _, changes = Batches(rules, TypedEntries.compile(rules)).decide(
        [{"externalReferenceCode": "A", "price": price}], Policy()
    )

    ((_, _, body),) = changes.all_created().values()
    assert body == b'{"price":"417.8739495798319328"}'


@given(rules=definitions(), first=items(), second=items(), policy=policies)
@settings(max_examples=150)
def test_typed_entries_are_decided_like_all_others(
    rules: EntryRules, first: Items, second: Items, policy: Policy
) -> None:
    """Outcomes, messages, changes, ids and bytes are those of the plain rules."""
    assert_alike(rules, first, second, policy)


@given(seed=st.integers(0, 2**64))
@settings(max_examples=400)
def test_typed_entries_meet_other_entries_like_all_others(seed: int) -> None:
    """So do unique values, parents, states, translations and read-only fields.

    Made from a seed, because drawn ones are nearly all short or out of the ordinary.
    """
    random = Random(seed)
    rules = make_related_rules(random)
    first, second = make_related_items(random), make_related_items(random)
    policy = Policy(
        import_strategy=random.choice([*ImportStrategy, ImportStrategy.UPSERT]),
        update_strategy=random.choice(
            [UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE]
        ),
    )
    assert_alike(rules, first, second, policy)


FEW_FIELDS = [
    field("title", "Text"),
    field("size", "Integer"),
    field("open", "Boolean"),
]
FEW_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["One", "Two", "", None]),
    "size": st.sampled_from([1, 2, 0, None]),
    "open": st.sampled_from([True, False, None]),
}
FILLED_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "title": st.sampled_from(["One", "Two"]),
    "size": st.sampled_from([1, 2]),
    "open": st.just(True),
}


def few_items(least: int) -> st.SearchStrategy[Items]:
    """Up to three items, all of which have all values in every other batch."""
    kinds = [st.fixed_dictionaries(x) for x in (FEW_VALUES, FILLED_VALUES)]
    return st.one_of([st.lists(x, min_size=least, max_size=3) for x in kinds])


@given(
    before=few_items(1),
    after=few_items(3),
    strategy=st.sampled_from([UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE]),
)
@settings(max_examples=300)
def test_a_batch_that_changes_the_same_fields_is_decided_like_all_others(
    before: Items, after: Items, strategy: UpdateStrategy
) -> None:
    """With few values most batches change a field of all their entries, or empty it."""

    def code(items: Items) -> Items:
        return [
            {"externalReferenceCode": f"E-{number}", **item}
            for number, item in enumerate(items)
        ]

    policy = Policy(update_strategy=strategy)
    assert_alike(rules_of(FEW_FIELDS), code(before), code(after[: len(before)]), policy)


def test_new_entries_are_numbered_together() -> None:
    """In their order, also after a stated number; stored ones keep theirs."""
    rules = rules_of([field("title", "Text"), field("number", "AutoIncrement")])
    typed = TypedEntries.compile(rules)
    assert typed is not None
    batches = Batches(rules, typed)
    batch: Items = [{"externalReferenceCode": f"E-{n}"} for n in range(4)]
    batch[1] |= {"number": "7"}
    batch[2] |= {"number": None}

    outcomes, changes = batches.decide(batch, Policy())

    bodies = [body for _, _, body in changes.all_created().values()]
    assert bodies == [b'{"number":"%d"}' % n for n in (1, 7, 8, 9)]
    assert changes.counters == {"number": 9}
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.CREATED}
    batch = [{**item, "title": "New", "number": ""} for item in batch]
    _, changes = batches.decide(batch, Policy())
    bodies = [body for _, body in changes.updated.values()]
    assert bodies == [b'{"number":"%d","title":"New"}' % n for n in (1, 7, 8, 9)]
    assert changes.counters == {}


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("number", ["50", "3", "1", "0", "01", None, "", 5, "x"])
@pytest.mark.parametrize(
    "strategy", [UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE]
)
def test_numbers_go_on_after_one_that_a_stored_entry_gets(
    strategy: UpdateStrategy, number: Any, place: int
) -> None:
    """It counts for the entries that come after it in the batch."""
    rules = rules_of([field("title", "Text"), field("number", "AutoIncrement")])
    first: Items = [{"externalReferenceCode": f"E-{n}"} for n in range(3)]
    second: Items = [{"externalReferenceCode": f"NEW-{n}"} for n in range(3)]
    second.insert(
        place, {"externalReferenceCode": "E-0", "number": number, "title": "x"}
    )

    assert_alike(rules, first, second, Policy(update_strategy=strategy))


def test_an_item_may_be_linked_with_those_before_it_in_the_batch() -> None:
    """It is decided alone, after they were decided together."""
    own = ManyToManyRelationship(
        name="many", other=PARENTS["TICKET"], other_name="Ticket", own_side=True
    )
    rules = replace(rules_of([field("title", "Text")]), many=(own,))
    items: Items = [
        {"externalReferenceCode": f"E-{n}", "title": "One"} for n in range(20)
    ]
    items[-1]["many"] = ["E-3"]

    assert_alike(rules, items, items, Policy())

    batches = Batches(rules, TypedEntries.compile(rules))
    outcomes, changes = batches.decide(items, Policy())
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.CREATED}
    assert changes.many.added == {("many", 20, 4)}


WORDS = field("words", "LongText", {"localized": True})
LANGUAGES = ["en_US", "de_DE", "fr_FR"]


def translated_items(least: int) -> st.SearchStrategy[Items]:
    """Up to three items with some translations, mostly of the same languages."""
    text = st.sampled_from(["One", "Two", "Three"])
    odd = text | st.sampled_from(["", None])
    plain = st.fixed_dictionaries({"title": text, "size": st.sampled_from([1, 2])})
    kinds: list[st.SearchStrategy[Any]] = [
        st.fixed_dictionaries({"words_i18n": st.fixed_dictionaries(maps)})
        for maps in (
            dict.fromkeys(LANGUAGES, text),
            dict.fromkeys(LANGUAGES[:2], text),
            dict.fromkeys(LANGUAGES, odd),
        )
    ]
    kinds.append(st.fixed_dictionaries({"words": text}))
    merged = [
        st.builds(lambda one, two: one | two, plain, kind)
        for kind in [*kinds, st.one_of(kinds)]
    ]
    return st.one_of([st.lists(x, min_size=least, max_size=3) for x in merged])


@given(
    before=translated_items(1),
    after=translated_items(3),
    strategy=st.sampled_from([UpdateStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE]),
)
@settings(max_examples=300)
def test_a_batch_that_changes_the_same_languages_is_decided_like_all_others(
    before: Items, after: Items, strategy: UpdateStrategy
) -> None:
    def code(items: Items) -> Items:
        return [
            {"externalReferenceCode": f"E-{number}", **item}
            for number, item in enumerate(items)
        ]

    policy = Policy(update_strategy=strategy)
    rules = rules_of([*FEW_FIELDS, WORDS])
    assert_alike(rules, code(before), code(after[: len(before)]), policy)


def test_changes_of_translations_name_the_languages() -> None:
    """They stand among those of other fields, sorted, without the plain text."""
    rules = rules_of([field("xylophone", "Text"), field("a", "Text"), WORDS])
    batches = Batches(rules, TypedEntries.compile(rules))

    def items(word: str) -> Items:
        words = {"en_US": word, "de_DE": f"{word} DE", "fr_FR": "Un"}
        return [
            {
                "externalReferenceCode": f"E-{number}",
                "xylophone": word,
                "a": word,
                "words_i18n": words,
            }
            for number in range(3)
        ]

    batches.decide(items("One"), Policy())
    outcomes, _ = batches.decide(items("Two"), Policy())

    for outcome in outcomes:
        assert outcome.change is not None
        assert outcome.change.fields == (
            ("a", "One", "Two"),
            ("words_i18n.de_DE", "One DE", "Two DE"),
            ("words_i18n.en_US", "One", "Two"),
            ("xylophone", "One", "Two"),
        )
        assert outcome.change.before["values"] == {
            "a": "One",
            "words": "One",
            "words_i18n": {"en_US": "One", "de_DE": "One DE", "fr_FR": "Un"},
            "xylophone": "One",
        }


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
    many[4] |= {"status": {"code": "0", "label": "approved"}}  # of a table
    object.__setattr__(rules, "checks", [("title", fail)])

    outcomes, changes = batches.decide(many, Policy())
    assert {outcome.kind for outcome in outcomes} == {OutcomeKind.CREATED}
    assert changes.all_created()[1] == (
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


@pytest.mark.parametrize("way", ["together", "alone"])
def test_a_date_of_a_workbook_changes_nothing_where_it_is_stored(way: str) -> None:
    """It is a text of a class of its own."""
    rules = rules_of([field("title", "Text"), field("day", "Date")])
    typed = TypedEntries.compile(rules) if way == "together" else None
    batches = Batches(rules, typed)
    item = {"externalReferenceCode": "E", "title": "A", "day": DateCell("2024-01-05")}

    _, changes = batches.decide([item], Policy())
    ((_, _, body),) = changes.all_created().values()
    assert body == b'{"day":"2024-01-05","title":"A"}'
    (unchanged,), _ = batches.decide([item], Policy())
    assert unchanged.kind is OutcomeKind.UNCHANGED
    (updated,), _ = batches.decide([item | {"title": "B"}], Policy())
    assert updated.change is not None
    assert updated.change.fields == (("title", "A", "B"),)


def test_children_without_a_value_are_not_stored() -> None:
    """A table may have a column of theirs, whose cells are empty."""
    child = ChildRelationship(
        name="kids", child="Kid", parent_code="r_kids_c_ticketERC"
    )
    rules = replace(rules_of(RICH), children=(child,))
    items = [{"externalReferenceCode": "E", "title": "One", "kids": ""}]

    assert_alike(rules, items, items, Policy())


def test_each_required_field_counts_in_a_batch_of_one_record() -> None:
    """There may be more of them than records."""
    fields = [field(name, "Text", {"required": True}) for name in ("a", "b", "c")]
    rules = rules_of(fields)
    item = {"externalReferenceCode": "E", "a": "one", "b": "two"}

    outcomes, changes = Batches(rules, TypedEntries.compile(rules)).decide(
        [item], Policy()
    )

    assert outcomes[0].problem is not None
    assert outcomes[0].problem.message == (
        'No value was provided for required object field "c"'
    )
    assert not changes.all_created()


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
        [field("title", "Text"), field("secret", "Encrypted")],
        [field("title", "Text"), field("file", "Attachment")],
        [field("title", "Text"), field("what", "Unheard")],
        [field('ti"tle', "Text")],
        [field("far", "Decimal", defaultValueType="inputAsValue", defaultValue=1e20)],
        [field("keywords", "Text")],
        [field("one", "Text"), parent("one", "CUSTOMER")],
    ],
    ids=lambda fields: fields[-1]["businessType"] + fields[-1]["name"],
)
def test_definitions_with_more_than_values_have_no_typed_entries(
    fields: list[dict[str, Any]],
) -> None:
    """Their entries are decided one by one."""
    assert TypedEntries.compile(rules_of(fields)) is None
