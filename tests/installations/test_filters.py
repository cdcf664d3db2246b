"""Filters, orders, searches and pages of entries and documents in a SQL database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.errors import InvalidQuery, NotSupported, UnknownName
from dmc_widgets.installations.sql import SandboxInstallation
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.ports import Batch, Item, Query
from dmc_widgets.testing.samples import (
    CONTINUE,
    CREATED,
    DEFINITIONS,
    PICKLIST,
    field,
    kinds,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import KINDS, empty_database

FILE = {
    "acceptedFileExtensions": "pdf",
    "fileSource": "userComputer",
    "maximumFileSize": 1,
}
MOMENT_MS = 1_709_618_828_999  # 2024-03-05T06:07:08.999Z

NOTE: Item = {
    "externalReferenceCode": "NOTE",
    "name": "Note",
    "label": {"en_US": "Note"},
    "pluralLabel": {"en_US": "Notes"},
    "scope": "site",
    "status": {"code": 0},
    "enableObjectEntryDraft": True,
    "objectFields": [
        field("text", "Text"),
        field("rating", "Decimal"),
        field("views", "LongInteger"),
        field("seen", "DateTime", settings={"timeStorage": "convertToUTC"}),
        field("rang", "DateTime", settings={"timeStorage": "useInputAsEntered"}),
        field("file", "Attachment", settings=FILE),
        field("sum", "Formula", settings={"output": "Decimal", "script": "views + 1"}),
    ],
}


@pytest.fixture(params=KINDS)
def desk(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[SandboxInstallation]:
    database = Database("desk", empty_database(request.param, tmp_path))
    installation = SandboxInstallation(database, now_ms=lambda: MOMENT_MS)
    write(installation, "ListTypeDefinition", PICKLIST)
    outcomes = write(installation, "ObjectDefinition", *DEFINITIONS, NOTE)
    assert kinds(outcomes) == [CREATED] * 3
    yield installation
    installation.close()


@pytest.fixture
def tickets(desk: SandboxInstallation) -> SandboxInstallation:
    people = [{"externalReferenceCode": code, "fullName": code} for code in "AB"]
    write(desk, "C_Person", *people)
    outcomes = write(
        desk,
        "C_Ticket",
        ticket(
            "T-1",
            title="Apple",
            amount=1,
            price="0.1",
            open=True,
            due="2024-01-05",
            token="tok",
            level="low",
            tags="low, high",
            keywords=["red", "blue"],
            r_owner_c_personERC="A",
        ),
        ticket("T-2", title="banana", amount=-2, price="123456789012345678.1"),
        ticket("T-3", title="CHERRY", amount=30, price="123456789012345678.2"),
        ticket("T-4", title="Ähre", level="high", tags="high", notes="it's 5%_"),
    )
    assert kinds(outcomes) == [CREATED] * 4
    return desk


def found(
    installation: SandboxInstallation, name: str, expression: str = "", **more: Any
) -> str:
    """Return the codes of the items that are read, in their order."""
    query = Query(fields=("externalReferenceCode",), filter=expression, **more)
    items = installation.read(type_named(installation, name), query)
    return " ".join(item["externalReferenceCode"] for item in items)


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("title eq 'Apple'", "T-1"),
        ("title eq 'apple'", ""),
        ("title ne 'Apple'", "T-2 T-3 T-4"),
        ("title gt 'banana'", "T-4"),
        ("title le 'banana'", "T-1 T-2 T-3"),
        ("contains(title,'an')", "T-2"),
        ("contains(title,'AN')", ""),
        ("startswith(title,'Äh')", "T-4"),
        ("endswith(title,'e')", "T-1 T-4"),
        ("endswith(title,'')", "T-1 T-2 T-3 T-4"),
        ("endswith(title,'a longer one than titles')", ""),
        ("contains(notes,'''s 5%_')", "T-4"),
        ("notes eq null", "T-1 T-2 T-3"),
        ("notes ne null", "T-4"),
        ("not contains(notes,'x')", "T-1 T-2 T-3 T-4"),
        ("title in ('Apple','CHERRY','x')", "T-1 T-3"),
        ("amount in (1, 30, null)", "T-1 T-3 T-4"),
        ("amount gt -2", "T-1 T-3"),
        ("amount lt 1.5", "T-1 T-2"),
        ("amount gt 999999999999999999999999", ""),
        ("not (amount gt -2)", "T-2 T-4"),
        ("amount eq null", "T-4"),
        ("price eq 0.10", "T-1"),
        ("price gt 123456789012345678.1", "T-3"),
        ("price in (123456789012345678.10)", "T-2"),
        ("open eq true", "T-1"),
        ("open eq false", "T-2 T-3 T-4"),
        ("open ne true", "T-2 T-3 T-4"),
        ("due eq 2024-01-05", "T-1"),
        ("due eq '2024-01-05'", "T-1"),
        ("due eq 2024-01-05T00:00:00Z", "T-1"),
        ("due ge 2024-01-05T00:00:01Z", ""),
        ("due lt 2024-01-05T00:00:01Z", "T-1"),
        ("level eq 'low'", "T-1"),
        ("level/key eq 'high'", "T-4"),
        ("level eq null", "T-2 T-3"),
        ("tags/any(t:t eq 'low')", "T-1"),
        ("tags/any(t:t in ('low','high'))", "T-1 T-4"),
        ("not tags/any(t:t eq 'low')", "T-2 T-3 T-4"),
        ("keywords/any(k:startswith(k,'b') and not (k eq 'red'))", "T-1"),
        ("r_owner_c_personERC eq 'A'", "T-1"),
        ("ownerERC eq ''", "T-2 T-3 T-4"),
        ("r_owner_c_personERC eq null", "T-2 T-3 T-4"),
        ("r_owner_c_personId gt 0", "T-1"),
        ("r_owner_c_personId eq 0", "T-2 T-3 T-4"),
        ("r_owner_c_personId eq '0'", "T-2 T-3 T-4"),
        ("creatorId eq '20123' and id gt '0'", "T-1 T-2 T-3 T-4"),
        ("id in ('0','99999999999999999999999')", ""),
        ("externalReferenceCode in ('T-3','T-2')", "T-2 T-3"),
        ("status eq 0 and status/code eq 0", "T-1 T-2 T-3 T-4"),
        ("status/any(s:s eq 2)", ""),
        ("status/any(s:s in (0,2))", "T-1 T-2 T-3 T-4"),
        ("creator/name eq 'Test Test' and creatorId gt 0", "T-1 T-2 T-3 T-4"),
        ("dateCreated eq 2024-03-05T06:07:08Z", "T-1 T-2 T-3 T-4"),
        ("dateModified gt 2024-03-05T07:07:08+01:00", ""),
        ("dateModified ge 2024-03-05", "T-1 T-2 T-3 T-4"),
        ("amount eq 1 or amount eq 30 and title eq 'x'", "T-1"),
        ("(amount eq 1 or amount eq 30) and title eq 'CHERRY'", "T-3"),
        ("title eq 'x'' OR 1=1 --'", ""),
        ("token eq 'tok'", "T-1"),
        ("token in ('tok','x')", "T-1"),
        ("token in ('tok','',null)", "T-1 T-2 T-3 T-4"),
        ("not (token eq 'tok') and token eq null", "T-2 T-3 T-4"),
    ],
)
def test_filter_selects_entries(
    tickets: SandboxInstallation, expression: str, codes: str
) -> None:
    """OData's rules, with fields compared as they are given out."""
    assert found(tickets, "C_Ticket", expression) == codes


def test_a_filter_as_deep_and_long_as_may_be_is_carry_out(
    tickets: SandboxInstallation,
) -> None:
    """What the parser lets pass, the database takes."""
    negated = "not (amount eq 1 or " * 10 + "amount eq 30" + ")" * 10
    nested = "(amount eq 30 or (amount lt 99 and " * 9
    element = "tags/any(t:t in ('x','y') and not startswith(t,'a'))"
    wide = " or ".join(["amount eq 30"] * 500)
    many = ",".join(f"'{number}'" for number in range(10_000))

    assert found(tickets, "C_Ticket", negated) == "T-3"
    assert found(tickets, "C_Ticket", f"{nested}{element}{'))' * 9}") == "T-3"
    assert found(tickets, "C_Ticket", wide) == "T-3"
    assert found(tickets, "C_Ticket", f"title in ({many},'CHERRY')") == "T-3"


@pytest.mark.parametrize(
    ("expression", "error", "message"),
    [
        (
            "nope eq 1",
            UnknownName,
            "There is no field to filter or sort by named 'nope'. Known: amount, ",
        ),
        (
            "title eq 7",
            InvalidQuery,
            "The filter cannot be used at character 10: 'title' is compared with a "
            "text in single quotation marks, such as 'x'.",
        ),
        (
            "amount eq '7'",
            InvalidQuery,
            "The filter cannot be used at character 11: 'amount' is compared with a "
            "number such as 7.",
        ),
        (
            "id eq 'T-1'",
            InvalidQuery,
            "The filter cannot be used at character 7: 'id' is compared with a number "
            "such as 7.",
        ),
        (
            "due eq 'soon'",
            InvalidQuery,
            "The filter cannot be used at character 8: 'due' is compared with a day "
            "such as 2024-01-05.",
        ),
        (
            "amount gt null",
            InvalidQuery,
            "The filter cannot be used at character 11: 'amount' and this value can "
            "be compared by eq and ne only.",
        ),
        (
            "contains(amount,'7')",
            InvalidQuery,
            "The filter cannot be used at character 10: contains is for texts, and "
            "'amount' is none.",
        ),
        (
            "tags eq 'low'",
            InvalidQuery,
            "The filter cannot be used at character 1: 'tags' is a list. Write "
            "tags/any(x:x eq …).",
        ),
        (
            "title/any(t:t eq 'x')",
            InvalidQuery,
            "The filter cannot be used at character 1: 'title' is not a list, so "
            "any does not apply to it.",
        ),
        (
            "tags/any(t:title eq 'x')",
            InvalidQuery,
            "The filter cannot be used at character 12: the condition within any may "
            "speak of t only.",
        ),
        (
            "title eq '\ud800'",
            InvalidQuery,
            "The filter cannot be used at character 10: 'title' is compared with a "
            "text in single quotation marks, such as 'x'.",
        ),
    ],
)
def test_a_filter_that_does_not_fit_the_fields_is_refused(
    tickets: SandboxInstallation, expression: str, error: type[Exception], message: str
) -> None:
    """At the call, with the place and what would be right."""
    with pytest.raises(error) as caught:
        tickets.read(type_named(tickets, "C_Ticket"), Query(filter=expression))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("file", "it holds a file."),
        ("sum", "its value is computed when the entry is read."),
    ],
)
def test_fields_that_nobody_can_filter_by_say_so(
    desk: SandboxInstallation, name: str, reason: str
) -> None:
    """They are there, so that calling them unknown would mislead."""
    with pytest.raises(NotSupported) as caught:
        desk.read(type_named(desk, "C_Note"), Query(sort=name))

    assert str(caught.value) == (
        f"The field {name!r} can neither be filtered nor sorted by: {reason}"
    )


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        ("title", "T-1 T-2 T-3 T-4"),
        ("title:desc", "T-4 T-3 T-2 T-1"),
        ("amount:asc", "T-4 T-2 T-1 T-3"),
        ("amount:desc", "T-3 T-1 T-2 T-4"),
        ("price:desc", "T-3 T-2 T-1 T-4"),
        ("level:desc,title:desc", "T-1 T-4 T-3 T-2"),
        ("open:desc", "T-1 T-2 T-3 T-4"),
    ],
)
def test_an_order_is_kept(tickets: SandboxInstallation, sort: str, codes: str) -> None:
    """Case does not count, nothing is smallest, and the older comes first."""
    assert found(tickets, "C_Ticket", sort=sort) == codes


def test_a_list_has_no_order(tickets: SandboxInstallation) -> None:
    """Nobody can say which of two lists is the smaller."""
    with pytest.raises(InvalidQuery) as caught:
        found(tickets, "C_Ticket", sort="keywords")

    assert str(caught.value) == (
        "The sort cannot be used: 'keywords' is a list, and lists have no order."
    )


@pytest.mark.parametrize(
    ("text", "codes"),
    [("AN", "T-2"), ("äHRE", "T-4"), (" 5% ", "T-4"), ("t-", "T-1 T-2 T-3 T-4")],
)
def test_a_search_looks_into_texts_whatever_their_case(
    tickets: SandboxInstallation, text: str, codes: str
) -> None:
    """Of every alphabet; signs of patterns are signs."""
    assert found(tickets, "C_Ticket", search=text) == codes


def test_filter_order_and_search_go_together_over_many_pages(
    desk: SandboxInstallation,
) -> None:
    """Pages follow each other without loss, sorted or not."""
    items = [
        ticket(f"T-{number:04}", amount=number % 7, title=f"{number % 3} of many")
        for number in range(3000)
    ]
    write(desk, "C_Ticket", *items)
    three = [n for n in range(3000) if n % 7 == 3 and n % 3 == 1]
    sorted_ = sorted(three + [n for n in range(3000) if n % 7 == 4 and n % 3 == 1])

    plain = found(desk, "C_Ticket", "amount ge 0").split()
    some = found(desk, "C_Ticket", "amount eq 3", search="1 OF", sort="title:desc")
    both = found(desk, "C_Ticket", "amount in (3,4)", search="1 of", sort="amount:desc")

    assert plain == [f"T-{n:04}" for n in range(3000)]
    assert some.split() == [f"T-{n:04}" for n in three]
    assert both.split() == [
        f"T-{n:04}" for n in sorted(sorted_, key=lambda n: (-(n % 7), n))
    ]


def test_entries_of_all_sites_are_sorted_together_and_find_their_fields(
    desk: SandboxInstallation,
) -> None:
    """Without an order they come site by site."""
    for number, (site, text) in enumerate([("b", "1"), ("a", "3"), ("b", "2")]):
        item = {
            "externalReferenceCode": text,
            "text": text,
            "rating": 0.1,
            "views": 9007199254740991,
            "seen": "2024-01-05T15:00:00+02:00",
            "rang": "2024-01-05T15:00:00",
        }
        desk.add_site(site)
        batch = Batch(
            task="sites", number=number, items=[item], policy=CONTINUE, scope=site
        )
        assert kinds(desk.write(type_named(desk, "C_Note"), batch)) == [CREATED]

    assert found(desk, "C_Note") == "3 1 2"
    assert found(desk, "C_Note", sort="text") == "1 2 3"
    assert found(desk, "C_Note", scope="b", sort="text:desc") == "2 1"
    assert found(desk, "C_Note", "scopeKey eq 'a'") == "3"
    everywhere = (
        "rating eq 0.1 and views eq 9007199254740991 and seen eq 2024-01-05T13:00:00Z "
        "and rang eq 2024-01-05T15:00:00 and seen lt 2024-01-05T13:00:00.001Z"
    )
    assert found(desk, "C_Note", everywhere) == "3 1 2"
    page = desk.page(type_named(desk, "C_Note"), Query(fields=("text",)), 1, 2)
    assert page == ([{"text": "3"}, {"text": "1"}], 3)


def test_a_page_tells_how_many_there_are(tickets: SandboxInstallation) -> None:
    """Pages count from 1; one behind the last is empty, however far behind."""
    query = Query(fields=("title",), filter="title ne 'banana'", sort="title:desc")
    kind = type_named(tickets, "C_Ticket")

    assert tickets.page(kind, query, 1, 2) == (
        [{"title": "Ähre"}, {"title": "CHERRY"}],
        3,
    )
    assert tickets.page(kind, query, 2, 2) == ([{"title": "Apple"}], 3)
    assert tickets.page(kind, query, 10**30, 2) == ([], 3)
    assert [tickets.page(kind, query, 1, size).total for size in (3, 4)] == [3, 3]
    with pytest.raises(ValueError, match="no page 0 of 2 items"):
        tickets.page(kind, query, 0, 2)


@pytest.mark.parametrize(
    ("expression", "codes"),
    [
        ("name eq 'Person'", "PERSON"),
        ("scope eq 'site' or name eq 'Ticket'", "TICKET NOTE"),
        ("contains(label,'ick')", "TICKET"),
        ("status/any(s:s eq 0) and id gt 0", "PERSON TICKET NOTE"),
        ("hidden eq false and userId eq '20123'", "PERSON TICKET NOTE"),
        ("hidden eq true or userId ne 20123", ""),
        ("id gt '0' and not (id in ('0'))", "PERSON TICKET NOTE"),
        ("status eq 2", ""),
        ("not (enableObjectEntryDraft eq true)", "PERSON TICKET"),
        ("dateCreated ge 2024-03-05T06:07:08Z", "PERSON TICKET NOTE"),
        ("dateCreated gt 2024-03-05T06:07:08Z", ""),
        ("panelAppOrder eq null", "PERSON TICKET NOTE"),
        ("name in ('Note',null)", "NOTE"),
    ],
)
def test_definitions_are_filtered_alike(
    desk: SandboxInstallation, expression: str, codes: str
) -> None:
    """Labels are compared in the default language."""
    assert found(desk, "ObjectDefinition", expression) == codes


def test_definitions_are_sorted_searched_and_paged(desk: SandboxInstallation) -> None:
    """By the same rules as entries."""
    query = Query(fields=("name",), sort="name:desc")
    kind = type_named(desk, "ObjectDefinition")

    assert found(desk, "ObjectDefinition", sort="scope:desc,name") == (
        "NOTE PERSON TICKET"
    )
    assert found(desk, "ObjectDefinition", search="PEOPLE") == "PERSON"
    assert desk.page(kind, query, 2, 2) == ([{"name": "Note"}], 3)
    assert found(desk, "ListTypeDefinition", "name eq 'Levels'") == "LEVELS"
    with pytest.raises(NotSupported, match="it holds nested values"):
        found(desk, "ObjectDefinition", "objectFields eq 'x'")
