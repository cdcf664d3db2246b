"""The parts of a Liferay installation that need no server."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from dmc_widgets.installations.liferay.batch_plan import PreparedItem, plan_batch
from dmc_widgets.installations.liferay.http.exact_json import decode, encode
from dmc_widgets.installations.liferay.openapi import (
    merge_entry_type,
    parse_document,
    read_fields,
    read_version,
)
from dmc_widgets.installations.liferay.problems import parse_problem
from dmc_widgets.installations.liferay.results import (
    Failure,
    classify_broken,
    classify_completed,
    classify_interrupted,
    classify_stopped,
    has_no_effect,
)
from dmc_widgets.installations.liferay.snapshot import pack_archive, read_snapshot
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.model.outcome import GENERATED_KEY, Problem
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.ports import Batch, Item

CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
STOP = Policy(error_strategy=ErrorStrategy.STOP)

TICKET = EntityType(
    name="C_Ticket",
    label="Ticket",
    class_name=OBJECT_ENTRY,
    delegate="C_Ticket",
    fields=tuple(
        Field(name=name, read_only=name == "id")
        for name in (
            "externalReferenceCode",
            "id",
            "r_owner_c_personERC",
            "r_owner_c_personId",
            "title",
        )
    ),
)
NOTICE = EntityType(
    name="C_Notice",
    label="Notice",
    class_name=OBJECT_ENTRY,
    delegate="C_Notice",
    fields=tuple(
        Field(name=name) for name in ("externalReferenceCode", "scopeKey", "title")
    ),
)


def batch(*items: Item, policy: Policy = CONTINUE, scope: str = "") -> Batch:
    return Batch(task="t-1", number=7, items=items, policy=policy, scope=scope)


def item(erc: str, **values: Any) -> Item:
    return {"externalReferenceCode": erc, **values}


# Batches


def test_batch_is_one_task_with_its_mark() -> None:
    plan = plan_batch(batch(item("A", title="a"), item("B", id=7)), TICKET)

    (part,) = plan.parts
    assert part.mark == "dmc-t-1-7"
    assert [item.line for item in part.items] == [
        b'{"externalReferenceCode":"A","title":"a"}',
        b'{"externalReferenceCode":"B"}',
    ]


def test_unusual_task_key_gives_a_mark_that_fits_a_path() -> None:
    odd = Batch(task="ü/../7", number=1, items=[item("A")], policy=CONTINUE)

    (part,) = plan_batch(odd, TICKET).parts

    assert part.mark == "dmc-193b1d12-e7de-5742-ba7f-de40291c01af"


def test_same_batch_gets_the_same_generated_codes() -> None:
    first, second = (
        plan_batch(batch({"title": "a"}, {"title": "a"}), TICKET).parts[0].items
        for _ in range(2)
    )

    assert [x.key for x in first] == [x.key for x in second]
    assert first[0].key != first[1].key
    assert first[0].note == GENERATED_KEY


def test_repeated_code_begins_a_new_part() -> None:
    """The second item has to find what the first one stored."""
    items = [item("A"), item("B"), item("A"), item("C")]

    plan = plan_batch(batch(*items), TICKET)

    parts = [(part.mark, [item.key for item in part.items]) for part in plan.parts]
    assert parts == [("dmc-t-1-7", ["A", "B"]), ("dmc-t-1-7.1", ["A", "C"])]


def test_items_are_grouped_by_site_unless_the_first_failure_ends_the_batch() -> None:
    items = [item(code, scopeKey=site) for code, site in ("AX", "BY", "CX")]

    together = plan_batch(batch(*items), NOTICE).parts
    in_order = plan_batch(batch(*items, policy=STOP), NOTICE).parts

    assert [(p.site, [item.key for item in p.items]) for p in together] == [
        ("X", ["A", "C"]),
        ("Y", ["B"]),
    ]
    assert [(p.site, [item.key for item in p.items]) for p in in_order] == [
        ("X", ["A"]),
        ("Y", ["B"]),
        ("X", ["C"]),
    ]


def test_value_that_json_cannot_express_fails_before_sending() -> None:
    plan = plan_batch(
        batch(item("A", title="\ud800"), item("B", title=Decimal("NaN")), item("C")),
        TICKET,
    )

    assert [item.key for item in plan.parts[0].items] == ["C"]
    problems = [plan.refused[place].problem for place in (0, 1)]
    assert [p and (p.code, p.field) for p in problems] == [
        ("invalid-value", "title"),
        ("invalid-value", "title"),
    ]


def test_nothing_follows_an_unsendable_item_under_stop() -> None:
    plan = plan_batch(batch(item("A"), item("\0"), item("C"), policy=STOP), TICKET)

    assert [[item.key for item in part.items] for part in plan.parts] == [["A"]]
    assert list(plan.refused) == [1]


def test_id_of_a_parent_is_left_out_beside_its_code() -> None:
    """The id belongs to the server that the item comes from."""
    both = {"r_owner_c_personERC": "P", "r_owner_c_personId": 7}

    plan = plan_batch(batch(item("A", **both), item("B", r_owner_c_personId=7)), TICKET)

    assert [item.line for item in plan.parts[0].items] == [
        b'{"externalReferenceCode":"A","r_owner_c_personERC":"P"}',
        b'{"externalReferenceCode":"B","r_owner_c_personId":7}',
    ]


# The note in a task


def test_cell_of_a_table_is_sent_as_a_list() -> None:
    """A server does not accept a text for keywords."""
    keywords = Field(name="keywords", type="array")
    kind = replace(TICKET, fields=(*TICKET.fields, keywords))

    (part,) = plan_batch(batch(item("A", keywords='b,"a,c"', title="a,b")), kind).parts

    assert part.items[0].line == (
        b'{"externalReferenceCode":"A","keywords":["b","a,c"],"title":"a,b"}'
    )


def test_archive_carries_the_snapshot() -> None:
    archive = pack_archive([b"{}"], ["A", "B", "C"], {"A": "0123abcd", "C": ""})

    assert read_snapshot(archive, ["A", "B", "C"]) == {"A": "0123abcd", "C": ""}


def test_snapshot_of_other_items_is_none() -> None:
    archive = pack_archive([b"{}"], ["A"], {})

    assert read_snapshot(archive, ["A", "B"]) is None
    assert read_snapshot(b"no zip", ["A"]) is None


# Outcomes


def ready(*keys: str) -> list[PreparedItem]:
    return [PreparedItem(place, key, b"", {}) for place, key in enumerate(keys)]


BAD = Failure(Problem("required", "No"), was_read=True)
UNREAD = Failure(Problem("unreadable-record", "No"), was_read=False)


def kinds_of(result: Any) -> list[str]:
    return [result.outcomes[place].kind.value for place in sorted(result.outcomes)]


def test_completed_task_is_classified_by_comparison() -> None:
    result = classify_completed(
        ready("A", "B", "C", "D"),
        {4: BAD},
        {"B": "1", "C": "2"},
        {"B": "1", "C": "3"},
    )

    assert kinds_of(result) == ["created", "unchanged", "updated", "failed"]


def test_item_that_was_not_read_is_never_unchanged() -> None:
    result = classify_completed(ready("A"), {}, {"A": ""}, {"A": ""})

    assert kinds_of(result) == ["updated"]


def test_stopped_task_has_stored_the_items_before_the_failing_one() -> None:
    now = {"A": "1", "B": "2"}

    result = classify_stopped(
        ready("A", "B", "C", "D"), {3: BAD}, {"A": "1"}, now, adds_only=False
    )

    assert kinds_of(result) == ["unchanged", "created", "failed"]
    assert result.resend == []


def test_items_that_a_stopped_task_never_reached_are_resent() -> None:
    """A server drops what it has read, but not stored, when it cannot read on."""
    result = classify_stopped(
        ready("A", "B", "C", "D"),
        {4: UNREAD},
        {"B": "1"},
        {"A": "1", "B": "1"},
        adds_only=False,
    )

    assert kinds_of(result) == ["created", "failed"]
    assert [item.key for item in result.resend] == ["B", "C"]


def test_unchanged_items_before_an_unreadable_one_are_resent() -> None:
    """It may have been dropped with the unreadable one, or have changed nothing."""
    result = classify_stopped(
        ready("A", "B"), {2: UNREAD}, {"A": "1"}, {"A": "1"}, adds_only=False
    )

    assert kinds_of(result) == ["failed"]
    assert [item.key for item in result.resend] == ["A"]


def test_missing_items_before_a_failing_one_are_resent() -> None:
    """Even if the server could read the bad one."""
    result = classify_stopped(
        ready("A", "B", "C"), {3: BAD}, {}, {"A": "1"}, adds_only=False
    )

    assert kinds_of(result) == ["created", "failed"]
    assert [item.key for item in result.resend] == ["B"]


def test_insert_task_cannot_have_passed_a_stored_item() -> None:
    result = classify_stopped(
        ready("A", "B"), {2: UNREAD}, {"A": ""}, {"A": ""}, adds_only=True
    )

    assert [item.key for item in result.resend] == ["A"]


def test_broken_task_is_classified_by_what_is_visible() -> None:
    why = Problem("refused", "The disk is full")

    result = classify_broken(
        ready("A", "B", "C"), {}, {"B": "1"}, {"A": "1", "B": "1"}, why
    )

    assert kinds_of(result) == ["created", "unknown", "failed"]


def test_broken_task_leaves_unread_items_unknown() -> None:
    result = classify_broken(ready("A"), {}, {"A": ""}, {"A": "1"}, BAD.problem)

    assert kinds_of(result) == ["unknown"]


def test_items_of_an_interrupted_task_are_resent_unless_certainly_written() -> None:
    """A server whose disk is full may even lose the report of items that failed."""
    why = Problem("refused", "The disk is full")
    before, now = {"C": "1", "D": "1"}, {"A": "1", "C": "2", "D": "1"}

    result = classify_interrupted(
        ready("A", "B", "C", "D", "E"), {2: BAD}, before, now, why
    )

    assert kinds_of(result) == ["created", "failed", "updated"]
    assert [item.key for item in result.resend] == ["D", "E"]
    assert result.cause == why


@pytest.mark.parametrize(
    ("before", "now", "adds_only", "expected"),
    [
        ({}, {}, False, True),
        ({"A": "1"}, {"A": "1"}, False, True),
        ({"A": "1"}, {}, False, True),
        ({}, {"A": "1"}, False, False),
        ({"A": "1"}, {"A": "2"}, False, False),
        ({"A": ""}, {"A": "1"}, False, False),
        ({"A": ""}, {"A": ""}, True, True),
        ({}, {"A": ""}, True, False),
    ],
    ids=["none", "same", "gone", "new", "changed", "unread", "kept", "added"],
)
def test_broken_task_has_no_effect_if_nothing_changed(
    before: dict[str, str], now: dict[str, str], adds_only: bool, expected: bool
) -> None:
    assert has_no_effect(ready("A"), before, now, adds_only=adds_only) is expected


# Problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "com.liferay.object.exception.ObjectEntryValuesException$Required: "
            'No value was provided for required object field "title"',
            Problem(
                "required",
                'No value was provided for required object field "title"',
                "title",
                '"t"',
            ),
        ),
        (
            "com.liferay.object.exception."
            "DuplicateObjectEntryExternalReferenceCodeException: Duplicate object "
            "entry with external reference code A, group ID 0, and object definition "
            "ID 7",
            Problem(
                "duplicate-external-reference-code",
                "Duplicate object entry with external reference code A, group ID 0, "
                "and object definition ID 7",
                "externalReferenceCode",
                '"A"',
            ),
        ),
        (
            "com.liferay.object.exception.ObjectEntryValuesException$"
            "UniqueValueConstraintViolation: Unique value constraint violation for "
            "O_1_Ticket.title_ with value t",
            Problem(
                "unique-value-constraint-violation",
                "Unique value constraint violation for O_1_Ticket.title_ with value t",
                "title",
                '"t"',
            ),
        ),
        (
            "java.text.ParseException: Unable to parse date that does not conform to "
            "ISO-8601",
            Problem(
                "invalid-date",
                "Unable to parse date that does not conform to ISO-8601",
            ),
        ),
        ("Something new", Problem("refused", "Something new")),
        (
            "com.liferay.portal.kernel.exception.PortalException",
            Problem("refused", "com.liferay.portal.kernel.exception.PortalException"),
        ),
        (
            "",
            Problem("refused", "The server refused the record and gave no reason."),
        ),
    ],
    ids=["required", "duplicate", "unique", "text", "other", "bare", "nothing"],
)
def test_message_of_a_server_becomes_a_problem(text: str, problem: Problem) -> None:
    assert parse_problem(text, {"externalReferenceCode": "A", "title": "t"}) == problem


# Documents


TICKETS = {
    "info": {"description": 'client JAR "com.liferay.object.client" 1.0.83'},
    "components": {
        "schemas": {
            "Ticket": {
                "required": ["title"],
                "properties": {
                    "actions": {"type": "object", "readOnly": True},
                    "keywords": {
                        "type": "array",
                        "items": {"type": "string"},
                        "x-batch-unsupported-formats": ["CSV"],
                    },
                    "owner": {
                        "type": "object",
                        "$ref": "#/components/schemas/Person",
                        "x-batch-unsupported-formats": ["CSV"],
                    },
                    "secret": {"type": "string", "writeOnly": True},
                    "title": {"type": "string"},
                    "viewed": {"type": "integer", "readOnly": True},
                    "x-class-name": {"type": "string", "readOnly": True},
                    "broken": "no schema",
                },
            }
        }
    },
}


def test_fields_follow_the_openapi_document() -> None:
    document = parse_document(TICKETS)
    assert document is not None

    fields = {field.name: field for field in read_fields(document, "Ticket")}

    assert list(fields) == ["actions", "keywords", "secret", "title", "viewed"]
    assert fields["title"].required
    assert fields["secret"].write_only
    assert fields["viewed"].read_only
    assert fields["keywords"].unsupported_formats == {"CSV"}
    assert read_version(document) == (1, 0, 83)


def test_openapi_document_completes_the_definition() -> None:
    made = merge_entry_type(TICKET, parse_document(TICKETS))

    names = [field.name for field in made.fields]
    assert "actions" not in names
    assert {"keywords", "secret", "title", "viewed"} < set(names)
    assert [field.name for field in made.fields if field.required] == ["title"]


@pytest.mark.parametrize("value", [None, [], {}, {"components": []}, "text"])
def test_malformed_openapi_document_is_ignored(value: Any) -> None:
    assert parse_document(value) is None
    assert merge_entry_type(TICKET, parse_document(value)) is TICKET


# JSON


def test_numbers_keep_their_digits_in_both_directions() -> None:
    text = b'{"a":0.1234567891234567891,"b":12345678901234567890123,"c":1.5}'

    value = decode(text)

    assert value == {
        "a": Decimal("0.1234567891234567891"),
        "b": 12345678901234567890123,
        "c": 1.5,
    }
    assert encode(value) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"1E999", Decimal("1E+999")),
        (b"2.5e-999", Decimal("2.5E-999")),
        (b"123456789012.3456", 123456789012.3456),
        (b"12345678901.234567891", Decimal("12345678901.234567891")),
    ],
)
def test_number_beyond_a_float_is_read_exactly(text: bytes, value: object) -> None:
    """A number that a float holds exactly is a float, however long it is."""
    number = decode(b'{"a":%b}' % text)["a"]

    assert (number, type(number)) == (value, type(value))
