"""Two installations with different pasts, and what moves from one into the other.

The shop has eight entity types: folders, picklists, definitions, and the entries of
five objects with parents, many-to-many links, attachments, and sites. The target has
some of all of them, older or other ones.
"""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from dmc_widgets.installations import connect
from dmc_widgets.model.strategies import ErrorStrategy, Policy, UpdateStrategy
from dmc_widgets.ports import Batch, Installation, Item
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.testing.samples import field
from tests.factories import definition

ERC: Final = "externalReferenceCode"
CUSTOMER: Final = "r_orders_c_customerERC"
FAX: Final = "fax"
"""A field that only the old documents have."""

PARENT: Final = "r_inside_c_tagERC"
TYPES: Final = ("Branch", "Tag", "Product", "Customer", "Order")
"""The objects, parents before their children."""

_PATCH: Final = Policy(
    update_strategy=UpdateStrategy.PARTIAL_UPDATE,
    error_strategy=ErrorStrategy.CONTINUE,
)


def _link(name: str, first: str, second: str, kind: str) -> Item:
    return {
        ERC: f"REL-{name}",
        "name": name,
        "label": {"en_US": name.capitalize()},
        "type": kind,
        "deletionType": "prevent",
        "objectDefinitionExternalReferenceCode1": first,
        "objectDefinitionExternalReferenceCode2": second,
    }


def _picklist(name: str, *keys: str, **names: str) -> Item:
    return {
        ERC: name.upper(),
        "name": name,
        "listTypeEntries": [
            {"key": key, "name": names.get(key, key.capitalize())} for key in keys
        ],
    }


def _choice(name: str, picklist: str, kind: str = "Picklist") -> Item:
    return field(name, kind, listTypeDefinitionExternalReferenceCode=picklist)


_FILE: Final = {
    "acceptedFileExtensions": "png, txt",
    "fileSource": "userComputer",
    "maximumFileSize": 10,
}
_PRODUCT: Final = (
    field("title", "Text", required=True),
    field("code", "Text", settings={"uniqueValues": True}),
    field("price", "PrecisionDecimal"),
    field("picture", "Attachment", settings=_FILE),
    _choice("colour", "COLOURS"),
    _choice("tones", "COLOURS", "MultiselectPicklist"),
    field("caption", "Text", localized=True),
)
_BRANCH: Final = definition("Branch", field("title", "Text"), scope="site")
_TAG: Final = definition(
    "Tag",
    field("title", "Text"),
    objectRelationships=[_link("inside", "TAG", "TAG", "oneToMany")],
)


def _folder(code: str, label: str) -> Item:
    return {ERC: code, "name": code.capitalize(), "label": {"en_US": label}}


Documents = list[tuple[str, list[Item]]]

OLD_DOCUMENTS: Final[Documents] = [
    ("ObjectFolder", [_folder("OFFICE", "Office")]),
    ("ListTypeDefinition", [_picklist("Colours", "red", "blue")]),
    (
        "ObjectDefinition",
        [
            _TAG,
            definition(
                "Product",
                *_PRODUCT[:6],
                field("caption", "Text", localized=True),
                enableLocalization=True,
            ),
            definition(
                "Customer",
                field("title", "Text", required=True),
                field("mail", "EmailAddress"),
                field(FAX, "Text"),
                objectFolderExternalReferenceCode="OFFICE",
            ),
            _BRANCH,
        ],
    ),
]
NEW_DOCUMENTS: Final[Documents] = [
    ("ObjectFolder", [_folder("OFFICE", "Head office"), _folder("DEPOT", "Depot")]),
    (
        "ListTypeDefinition",
        [
            _picklist("Colours", "red", "blue", "green", red="Crimson"),
            _picklist("Sizes", "small", "large"),
        ],
    ),
    (
        "ObjectDefinition",
        [
            _TAG,
            definition(
                "Product",
                *_PRODUCT,
                _choice("size", "SIZES"),
                enableLocalization=True,
                objectRelationships=[_link("tags", "PRODUCT", "TAG", "manyToMany")],
            ),
            definition(
                "Customer",
                field("title", "Text", required=True),
                field("mail", "EmailAddress"),
                field("since", "Date"),
                label={"en_US": "Client"},
                objectFolderExternalReferenceCode="DEPOT",
                objectRelationships=[
                    _link("orders", "CUSTOMER", "ORDER", "oneToMany"),
                ],
            ),
            definition(
                "Order",
                field("title", "Text"),
                field("open", "Boolean"),
                field("scan", "Attachment", settings=_FILE),
                objectFolderExternalReferenceCode="DEPOT",
                objectRelationships=[_link("lines", "ORDER", "PRODUCT", "manyToMany")],
            ),
            _BRANCH,
        ],
    ),
]


class Entries:
    """Entries that the dice decide.

    Args:
        dice: The dice.
        count: How many codes there are of each object; some of them are used.
        is_new: They fit the new documents; otherwise the old ones.
        has_fax: Old ones have values in a field that the new documents do not have. A
            server does not give these back with the field.
    """

    def __init__(
        self, dice: random.Random, count: int, *, is_new: bool, has_fax: bool
    ) -> None:
        self._dice = dice
        self._count = count
        self._is_new = is_new
        self._has_fax = has_fax

    def of(self, name: str) -> list[Item]:
        """Return entries of an object."""
        return [
            self._entry(name, number)
            for number in range(self._count)
            if self._dice.random() < 0.8
        ]

    def one(self, name: str) -> Item:
        """Return one entry of an object."""
        return self._entry(name, self._dice.randrange(self._count))

    def _entry(self, name: str, number: int) -> Item:
        make = getattr(self, f"_{name.lower()}")
        values: Item = make(number)
        return {ERC: f"{name[0]}-{number}", **values}

    def _branch(self, number: int) -> Item:
        site = ("Guest", "Global")[number % 2]
        return {"title": self._word(), "scopeKey": site}

    def _tag(self, number: int) -> Item:
        parent = f"T-{self._dice.randrange(number)}" if number else None
        known = parent if self._dice.random() < 0.5 else None
        return {"title": self._word(), **({PARENT: known} if known else {})}

    def _product(self, number: int) -> Item:
        dice = self._dice
        values: Item = {
            "title": self._word(),
            "code": dice.choice((f"code {number}", None)),
            "price": dice.choice(("1.10", "20.000000000000000001", None)),
            "picture": self._file(),
            "colour": dice.choice(("red", "blue", None)),
            "tones": dice.sample(("red", "blue"), dice.randrange(3)),
            "caption_i18n": dice.choice(
                ({"en_US": self._word()}, {"en_US": "Sea", "de_DE": "Meer"})
            ),
        }
        if self._is_new:
            values["colour"] = dice.choice(("red", "green", None))
            values["size"] = dice.choice(("small", "large", None))
            values["tags"] = self._links("T")
        return values

    def _customer(self, number: int) -> Item:
        dice = self._dice
        values: Item = {"title": self._word()}
        if dice.random() < 0.5:
            values["mail"] = f"{number}@example.com"
        if not self._is_new and self._has_fax:
            values[FAX] = dice.choice((self._word(), None))
        if self._is_new:
            values["since"] = dice.choice(("2024-02-29", None))
        return values

    def _order(self, _number: int) -> Item:
        return {
            "title": self._word(),
            "open": self._dice.choice((True, False, None)),
            "scan": self._file(),
            "lines": self._links("P"),
            CUSTOMER: f"C-{self._dice.randrange(self._count)}",
        }

    def _word(self) -> str:
        return self._dice.choice(("Sea", "Sky", "Moor", "Fog", 'Grüße, "Welt"', "x y"))

    def _file(self) -> Item | None:
        if self._dice.random() < 0.5:
            return None
        content = self._word().encode() * 3
        return {"fileBase64": b64encode(content).decode(), "name": "a b.txt"}

    def _links(self, letter: str) -> list[Item]:
        codes = [f"{letter}-{number}" for number in range(self._count)]
        return [{ERC: code} for code in self._dice.sample(codes, 2)]


def put(opened: Installation, name: str, items: Sequence[Item]) -> list[str]:
    """Write items, each with the fields that it has alone; return what was refused."""
    entity_type = find_entity_type(opened.entity_types(), name)
    policy = _PATCH if name in TYPES else Policy()
    batch = Batch(
        task=f"put {random.random()}",
        number=1,
        items=items,
        policy=policy,
    )
    outcomes = opened.write(entity_type, batch)
    return [x.problem.message for x in outcomes if x.problem is not None]


def fill_documents(path: Path, documents: Documents) -> None:
    """Make an embedded database with documents."""
    with closing(connect(f"sqlite:///{path}")) as opened:
        for kind, items in documents:
            refused = put(opened, kind, items)
            assert not refused, refused


def fill_entries(path: Path, entries: Entries) -> None:
    """Add entries of each object that an embedded database has."""
    with closing(connect(f"sqlite:///{path}")) as opened:
        known = {x.short_name for x in opened.entity_types()}
        codes: set[str] = set()
        for name in (x for x in TYPES if x in known):
            items = [_with_known(item, codes) for item in entries.of(name)]
            codes |= {item[ERC] for item in items}
            refused = put(opened, name, items)
            assert not refused, refused


def _with_known(item: Item, codes: set[str]) -> Item:
    """Return an item that names only entries that are there."""
    known: dict[str, Any] = {}
    for name, value in item.items():
        if name.startswith("r_") and value not in codes:
            continue
        is_list = isinstance(value, list) and value and isinstance(value[0], dict)
        known[name] = [x for x in value if x[ERC] in codes] if is_list else value
    return known
