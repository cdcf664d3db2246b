"""An object with a field of every type, its picklist and parent, and their previews."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.mapping import Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import Policy
from dmc_widgets.ports import Batch, Installation
from dmc_widgets.tasks.imports.file_head import FileHead
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.factories import field_settings

ERC = "externalReferenceCode"

Item = dict[str, Any]

PICKLIST: Item = {
    "externalReferenceCode": "COLOURS",
    "name": "Colours",
    "listTypeEntries": [{"key": "red", "name": "Red"}, {"key": "blue", "name": "Blue"}],
}

ROOM: Item = {
    "externalReferenceCode": "ROOM",
    "label": {"en_US": "Room"},
    "pluralLabel": {"en_US": "Rooms"},
    "name": "Room",
    "objectFields": [
        {
            "businessType": "Text",
            "DBType": "String",
            "label": {"en_US": "Name"},
            "name": "name",
        }
    ],
    "objectRelationships": [
        {
            "deletionType": "cascade",
            "externalReferenceCode": "ROOM-PICTURES",
            "label": {"en_US": "Pictures"},
            "name": "pictures",
            "objectDefinitionExternalReferenceCode1": "ROOM",
            "objectDefinitionExternalReferenceCode2": "PICTURE",
            "objectDefinitionName2": "Picture",
            "type": "oneToMany",
        }
    ],
    "scope": "company",
    "status": {"code": 0},
}


def field(name: str, kind: str, column: str = "String", **more: Any) -> Item:
    label = {"en_US": name.capitalize()}
    return {
        "DBType": column,
        "businessType": kind,
        "label": label,
        "name": name,
        **more,
    }


COLOURS: Item = {"listTypeDefinitionExternalReferenceCode": "COLOURS"}

PICTURE: Item = {
    "externalReferenceCode": "PICTURE",
    "label": {"en_US": "Picture"},
    "pluralLabel": {"en_US": "Pictures"},
    "name": "Picture",
    "objectFields": [
        field("title", "Text", required=True),
        field("code", "Text", objectFieldSettings=field_settings(uniqueValues=True)),
        field("mail", "EmailAddress"),
        field("phone", "PhoneNumber"),
        field("story", "LongText", "Clob"),
        field("notes", "RichText", "Clob"),
        field("rank", "Integer", "Integer"),
        field("views", "LongInteger", "Long"),
        field("weight", "Decimal", "Double"),
        field("price", "PrecisionDecimal", "BigDecimal"),
        field("shown", "Boolean", "Boolean"),
        field("painted", "Date", "Date"),
        field(
            "hung",
            "DateTime",
            "DateTime",
            objectFieldSettings=field_settings(timeStorage="convertToUTC"),
        ),
        field(
            "opened",
            "DateTime",
            "DateTime",
            objectFieldSettings=field_settings(timeStorage="useInputAsEntered"),
        ),
        field("colour", "Picklist", **COLOURS),
        field("tones", "MultiselectPicklist", "Clob", **COLOURS),
        field(
            "number",
            "AutoIncrement",
            objectFieldSettings=field_settings(initialValue=1),
        ),
        field("secret", "Encrypted", "Clob"),
        field(
            "scan",
            "Attachment",
            "Long",
            objectFieldSettings=field_settings(
                acceptedFileExtensions="png",
                fileSource="userComputer",
                maximumFileSize=1,
            ),
        ),
        field("caption", "Text", localized=True),
    ],
    "objectRelationships": [
        {
            "deletionType": "prevent",
            "externalReferenceCode": "PICTURE-SHOWN",
            "label": {"en_US": "Shown in"},
            "name": "shownIn",
            "objectDefinitionExternalReferenceCode1": "PICTURE",
            "objectDefinitionExternalReferenceCode2": "ROOM",
            "objectDefinitionName2": "Room",
            "type": "manyToMany",
        }
    ],
    "scope": "company",
    "status": {"code": 0},
}

FULL: Item = {
    "externalReferenceCode": "P-1",
    "title": "Sea",
    "code": "A",
    "mail": "ann@example.com",
    "phone": "+49 30 1234567",
    "story": "long",
    "notes": "<b>rich</b>",
    "rank": "7",
    "views": 9007199254740991,
    "weight": "1.5",
    "price": "12.340000000000000000001",
    "shown": "true",
    "painted": "0001-02-03",
    "hung": "1889-06-01T12:00:00+02:00",
    "opened": "9999-12-31T23:59:59.999",
    "colour": {"key": "red", "name": "Red"},
    "tones": "red, blue",
    "number": "12",
    "secret": "hush",
    "scan": {"fileBase64": "aGVsbG8=", "name": "a.png"},
    "caption": "Waves",
    "caption_i18n": {"de_DE": "Wellen", "en_US": "Waves"},
    "r_pictures_c_roomERC": "R-1",
    "shownIn": [{"externalReferenceCode": "R-1"}, {"externalReferenceCode": "R-2"}],
    "keywords": ["blue"],
}


def write(installation: Installation, entity: str, *items: dict[str, Any]) -> None:
    entity_type = find_entity_type(installation.entity_types(), entity)
    batch = Batch(task=entity, number=1, items=items, policy=Policy(), new_sites=True)
    outcomes = installation.write(entity_type, batch)
    assert {outcome.problem for outcome in outcomes} == {None}


def stored(center: Center, *items: dict[str, Any]) -> None:
    url = center._workspace.connections.get("gallery").url
    installation = connect(url)
    write(installation, "Picture", *items)
    installation.close()


def head_of(center: Center, folder: Path, *records: Any) -> FileHead:
    path = folder / "pictures.json"
    path.write_text(json.dumps(records))
    return center.files.read_head(path)


def plan(mapping: Mapping | None = None, **policy: Any) -> ImportPlan:
    return ImportPlan(
        entity_type="Picture",
        mapping=mapping or Mapping(same_names=True),
        policy=Policy(**policy),
    )


def preview(center: Center, folder: Path, *records: Any, **policy: Any) -> pd.DataFrame:
    return center.files.preview(
        "gallery", plan(**policy), head_of(center, folder, *records)
    )
