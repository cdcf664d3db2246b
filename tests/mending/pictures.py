"""A file of pictures of which some are wrong in one of ten and more ways."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dmc_widgets.installations import connect
from tests.tasks.gallery import PICKLIST, PICTURE, ROOM, write

ERC: Final = "externalReferenceCode"
PARENT: Final = "r_pictures_c_roomERC"
TAKEN: Final = "TAKEN"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a record is wrong.

    Attributes:
        field: The field at fault.
        bad: The value that is refused.
        good: The value that mends it; a ``#`` is replaced by the record's number.
        code: The code of the problem.
    """

    field: str
    bad: str
    good: str
    code: str


FAULTS: Final = (
    Fault("rank", "seventh", "7", "exceeds-integer-size"),
    Fault("title", "long " * 60, "Short #", "exceeds-text-max-length"),
    Fault("colour", "Blau", "blue", "list-type-entry"),
    Fault("title", "", "Titled #", "required"),
    Fault("painted", "31.02.2024", "2024-02-29", "invalid-date"),
    Fault("code", TAKEN, "NEW-#", "unique-value-constraint-violation"),
    Fault(PARENT, "NOWHERE", "R-1", "no-such-related-object-entry"),
    Fault("shownIn", "NOWHERE", "R-2", "no-such-related-object-entry"),
    Fault("price", "12,3,4", "12.34", "invalid-value"),
    Fault("shown", "perhaps", "true", "invalid-value"),
    Fault("hung", "yesterday", "2024-03-04T10:00:00Z", "invalid-date"),
    Fault("views", "9" * 23, "9007199254", "exceeds-long-max-size"),
    Fault("tones", "red, Grün", "red, blue", "list-type-entry"),
    Fault("mail", "nobody", "nobody@example.com", "invalid-email-address"),
)


def make_target(url: str) -> None:
    """Make an embedded database with the objects, two rooms, and one picture."""
    target = connect(url)
    try:
        write(target, "ListTypeDefinition", PICKLIST)
        write(target, "ObjectDefinition", ROOM, PICTURE)
        write(target, "Room", {ERC: "R-1", "name": "One"}, {ERC: "R-2", "name": "Two"})
        write(target, "Picture", {ERC: "OLD", "title": "Old", "code": TAKEN})
    finally:
        target.close()


def good_record(number: int) -> dict[str, str]:
    """Return a record whose values spreadsheets like to rewrite."""
    return {
        ERC: f"{number:05}",
        "title": f'Größe "{number}"; weit\nund breit',
        "code": f"{number:04}E5",
        "mail": f"no{number}@example.com",
        "phone": "+493012345",
        "story": "=1+1 " if number % 2 else " 3-4",
        "rank": str(number),
        "views": "9007199254740991",
        "weight": "1.50",
        "price": "12.340000000000000000001",
        "shown": "true" if number % 2 else "false",
        "painted": "2024-03-04",
        "hung": "2024-03-04T10:00:00Z",
        "opened": "1999-12-31T23:59:59",
        "colour": "red",
        "tones": "red, blue",
        PARENT: "R-1",
        "shownIn": "R-1",
        "secret": f"hush {number}",
    }


def fault_of(number: int, bad_share: int = 2) -> Fault | None:
    """Return what is wrong in a record; every second one is right."""
    if number % bad_share:
        return None
    return FAULTS[number // bad_share % len(FAULTS)]


def record(number: int) -> dict[str, str]:
    """Return a record as the file has it."""
    fault = fault_of(number)
    wrong = {fault.field: fault.bad} if fault else {}
    return {**good_record(number), **wrong}


def mended_value(number: int, fault: Fault) -> str:
    """Return the value that mends a record."""
    return fault.good.replace("#", str(number))


def csv_file(records: Sequence[dict[str, str]], delimiter: str = ",") -> bytes:
    """Return records as a CSV file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [*records[0]], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue().encode()


def typed(values: dict[str, str]) -> dict[str, Any]:
    """Return a record as a JSON file has it: links as lists of objects."""
    links = {"shownIn": [{ERC: values["shownIn"]}]} if "shownIn" in values else {}
    return {**values, **links}


def jsonl_file(records: Sequence[dict[str, str]]) -> bytes:
    """Return records as JSON Lines."""
    return b"".join(json.dumps(typed(x)).encode() + b"\n" for x in records)
