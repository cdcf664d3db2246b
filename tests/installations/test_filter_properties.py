"""What SQL finds is what a plain reading of the same filter over the items finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc_widgets.installations.sql import SqlInstallation
from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.model.query.filter_expression import (
    And,
    AnyOf,
    Comparison,
    Expression,
    Not,
    OneOf,
    Operator,
    Or,
)
from dmc_widgets.model.query.filter_parser import parse_filter
from dmc_widgets.ports import Item, Query
from dmc_widgets.testing.samples import (
    DEFINITIONS,
    FAILED,
    PICKLIST,
    kinds,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import KINDS, empty_database

TEXTS: Final = ("", "a", "A", "b''", "a b", "ß%", "🚲_", "Äa")
NUMBERS: Final = ("0", "-1", "7", "7.5", "2147483647", "-9223372036854775809")
PRICES: Final = ("0.1", "0.10000000000000000001", "-3", "12345678901234567890.5")
DAYS: Final = ("2024-01-05", "1969-12-31", "2024-01-05T10:30:00Z")
KEYS: Final = ("low", "high")

VALUES: Final[dict[str, tuple[str, ...]]] = {
    "amount": NUMBERS,
    "due": DAYS,
    "level": tuple(f"'{key}'" for key in KEYS),
    "notes": tuple(f"'{text}'" for text in TEXTS),
    "open": ("true", "false"),
    "ownerERC": ("'A'", "''"),
    "price": PRICES,
    "title": tuple(f"'{text}'" for text in TEXTS),
}
"""Fields and the values that filters compare them with."""

ITEMS: Final = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "amount": st.sampled_from([0, -1, 7, 2147483647]),
            "due": st.sampled_from(DAYS[:2]),
            "keywords": st.lists(st.sampled_from(["a", "A", "a b"])),
            "level": st.sampled_from(KEYS),
            "notes": st.sampled_from([text.replace("''", "'") for text in TEXTS]),
            "open": st.booleans(),
            "owner": st.just({"externalReferenceCode": "A"}),
            "price": st.sampled_from(PRICES),
            "tags": st.lists(st.sampled_from(KEYS), unique=True),
        },
    ),
    min_size=25,
    max_size=25,
)


def comparisons(name: str) -> st.SearchStrategy[str]:
    values = st.sampled_from(VALUES[name])
    text = name in {"notes", "title"}
    ordered = ["gt", "ge", "lt", "le"] if name != "open" else []
    plain = st.builds(
        lambda operator, value: f"{name} {operator} {value}",
        st.sampled_from(["eq", "ne", *ordered]),
        values,
    )
    null = st.sampled_from([f"{name} eq null", f"{name} ne null"])
    many = st.lists(st.one_of(values, st.just("null")), min_size=1).map(
        lambda listed: f"{name} in ({','.join(listed)})"
    )
    functions = st.builds(
        lambda function, value: f"{function}({name},{value})",
        st.sampled_from(["contains", "startswith", "endswith"]),
        values,
    )
    return st.one_of(plain, null, many, *([functions] if text else []))


ELEMENTS: Final = st.builds(
    lambda name, test: f"{name}/any(e:{test})",
    st.sampled_from(["keywords", "tags"]),
    st.sampled_from(
        [
            "e eq 'low'",
            "e ne 'a'",
            "not (e in ('a','high'))",
            "contains(e,'a') or e gt 'h'",
            "startswith(e,'a') and not endswith(e,'b')",
        ]
    ),
)
FILTERS: Final = st.recursive(
    st.one_of(ELEMENTS, *(comparisons(name) for name in VALUES)),
    lambda inner: st.one_of(
        inner.map(lambda one: f"not ({one})"),
        st.builds(lambda one, two: f"({one} and {two})", inner, inner),
        st.builds(lambda one, two: f"({one} or {two})", inner, inner),
    ),
    max_leaves=6,
)


def holds(expression: Expression, value_of: Callable[[str], Any]) -> bool:
    """Read an expression naively; *value_of* gives values as they are given out."""
    match expression:
        case And(parts):
            return all(holds(part, value_of) for part in parts)
        case Or(parts):
            return any(holds(part, value_of) for part in parts)
        case Not(part):
            return not holds(part, value_of)
        case AnyOf(path, _, part):
            return any(holds(part, constant(each)) for each in value_of(path.name))
        case OneOf(path, literals):
            wanted = [plain(path.name, literal.value) for literal in literals]
            return value_of(path.name) in wanted
        case Comparison(path, operator, literal):
            wanted_ = plain(path.name, literal.value)
            return compare(value_of(path.name), operator, wanted_)


def constant(value: Any) -> Callable[[str], Any]:
    return lambda _name: value


def compare(value: Any, operator: Operator, wanted: Any) -> bool:
    equal = bool(value == wanted)
    if operator in {"eq", "ne"} or value is None:
        return {"eq": equal, "ne": not equal}.get(operator, False)
    if operator in {"contains", "startswith", "endswith"}:
        number = len(value) - len(wanted)
        places = {"startswith": [0], "endswith": [number]}.get(operator, range(999))
        return any(
            0 <= at <= number and value[at : at + len(wanted)] == wanted
            for at in places
        )
    larger = bool(value > wanted)
    return {
        "gt": larger,
        "ge": larger or equal,
        "lt": not larger and not equal,
        "le": not larger,
    }[operator]


def plain(name: str, value: Any) -> Any:
    """Return a literal as items show such values; no value is as they show that."""
    if value is None:
        return {"open": False, "ownerERC": ""}.get(name)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return value


def shown(item: Item, name: str) -> Any:
    value = item[name]
    if isinstance(value, dict):
        return value["key"]
    if name == "tags":
        return [each["key"] for each in value or ()]
    if name == "due" and value is not None:
        return datetime.fromisoformat(value)
    return value


@pytest.fixture(scope="module", params=KINDS)
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SqlInstallation]:
    folder = tmp_path_factory.mktemp("filters")
    database = Database("desk", empty_database(request.param, folder))
    installation = SqlInstallation(database)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", *DEFINITIONS)
    write(installation, "C_Person", {"externalReferenceCode": "A", "fullName": "A"})
    yield installation
    installation.close()


@settings(max_examples=20, suppress_health_check=list(HealthCheck), deadline=None)
@given(items=ITEMS, filters=st.lists(FILTERS, min_size=20, max_size=20))
def test_sql_finds_what_a_plain_reading_finds(
    desk: SqlInstallation, items: list[Item], filters: list[str]
) -> None:
    """Each filter over each set of entries, nothing more and nothing less."""
    given_ = [
        ticket(f"T-{number:02}", title=TEXTS[number % len(TEXTS)] or "-") | item
        for number, item in enumerate(items)
    ]
    outcomes = write(desk, "C_Ticket", *given_)
    assert FAILED not in kinds(outcomes)
    kind = type_named(desk, "C_Ticket")
    everything = list(desk.read(kind, Query()))

    for text in filters:
        expression = parse_filter(text)
        assert expression is not None
        expected = [
            item["id"] for item in everything if holds(expression, partial(shown, item))
        ]

        found = desk.read(kind, Query(fields=("id",), filter=text))

        assert [each["id"] for each in found] == expected, text


def test_the_plain_reading_is_no_echo() -> None:
    """It tells apart what it should, or the property would prove nothing."""
    item: Item = {"amount": 7, "price": Decimal("0.1"), "level": {"key": "low"}}
    cases = {
        "amount gt 7 or level eq 'low'": True,
        "amount in (1,2)": False,
        "not (price gt 0.05)": False,
    }

    for text, expected in cases.items():
        expression = parse_filter(text)
        assert expression is not None
        assert holds(expression, partial(shown, item)) is expected
