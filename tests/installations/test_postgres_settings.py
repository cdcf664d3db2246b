"""Servers with other settings: sort order, time zone, isolation, time limits."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal

import psycopg
import pytest

from dmc_widgets.errors import Unreachable
from dmc_widgets.ports import Query
from dmc_widgets.testing.samples import (
    CREATED,
    DEFINITIONS,
    PICKLIST,
    UNCHANGED,
    kinds,
    read,
    ticket,
    type_named,
    write,
)
from tests.installations.databases import ServerPlace, open_at
from tests.postgresql import create_database, lent_installation

CODES = ["i", "I", "ı", "İ", "ß", "ss", "é", "e\u0301", "a b", "a-b", "ab"]


@pytest.mark.parametrize(
    ("locale", "isolation"),
    [
        ("LOCALE 'C'", "read committed"),
        ("LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR'", "serializable"),
    ],
    ids=["C", "Turkish"],
)
def test_entries_are_the_same_whatever_the_server_is_set_to(
    locale: str, isolation: str
) -> None:
    """Texts are told apart, sorted and searched as in a file."""
    place = ServerPlace(create_database(locale))
    name = place.url.split("/")[3].split("?")[0]
    for setting in (
        f"default_transaction_isolation = '{isolation}'",
        "timezone = 'Pacific/Kiritimati'",
        "datestyle = 'German, DMY'",
        "bytea_output = 'escape'",
        "standard_conforming_strings = off",
        "extra_float_digits = -15",
        "lc_messages = 'C'",
    ):
        place.rows(f"ALTER DATABASE {name} SET {setting}")
    with closing(open_at(place, "desk")) as desk:
        write(desk, "ListTypeDefinition", PICKLIST)
        assert kinds(write(desk, "ObjectDefinition", *DEFINITIONS)) == [CREATED] * 2
        items = [
            ticket(code, title=code, price="0.1", due="2024-01-05", notes="\\'")
            for code in CODES
        ]
        assert kinds(write(desk, "C_Ticket", *items)) == [CREATED] * len(CODES)
        assert kinds(write(desk, "C_Ticket", *items)) == [UNCHANGED] * len(CODES)
        first = read(desk, "C_Ticket", "price", "due", "notes")[0]
        assert first == {
            "price": Decimal("0.1"),
            "due": "2024-01-05T00:00:00.000Z",
            "notes": "\\'",
        }
        for query, codes in (
            (Query(sort="title:asc"), sorted(CODES, key=str.casefold)),
            (Query(search="I"), [c for c in CODES if "i" in c.casefold()]),
            (Query(filter="title gt 'e'"), [c for c in CODES if c > "e"]),
            (Query(filter="due eq 2024-01-05 and price eq 0.1"), CODES),
        ):
            found = desk.read(type_named(desk, "C_Ticket"), query)
            assert [item["externalReferenceCode"] for item in found] == codes


def test_a_time_limit_of_the_server_leaves_nothing_half_written() -> None:
    """The program is told to try again, and then it succeeds."""
    with lent_installation() as url:
        place = ServerPlace(url)
        with closing(open_at(place, "desk")) as desk:
            write(desk, "ListTypeDefinition", PICKLIST)
            write(desk, "ObjectDefinition", *DEFINITIONS)
        separator = "&" if "?" in url else "?"
        hasty = f"{url}{separator}options=-c%20statement_timeout%3D40ms"
        with closing(open_at(ServerPlace(hasty), "hasty")) as desk:
            with psycopg.connect(url) as other:
                other.execute("LOCK TABLE unique_value IN ACCESS EXCLUSIVE MODE")
                with pytest.raises(Unreachable, match="cancelled a statement"):
                    write(desk, "C_Ticket", ticket("T-1", token="t"))
            assert read(desk, "C_Ticket") == []
            assert kinds(write(desk, "C_Ticket", ticket("T-1", token="t"))) == [CREATED]
