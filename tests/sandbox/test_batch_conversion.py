"""Import tasks convert what Liferay's class of entries declares, and nothing else."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType
from dmc_widgets.sandbox.batch.item_conversion import find_unconvertible_value
from tests.sandbox.conftest import ENGINE, ENTRY, Define, field, wait_for_task

pytestmark = pytest.mark.each_database

SOURCE = "\n at [Source: UNKNOWN; byte offset: #UNKNOWN]"
NO_METHOD = "no String-argument constructor/factory method to deserialize from String"
TYPE = EntityType(name="C_X", label="X", class_name=OBJECT_ENTRY, delegate="C_X")
TEXTS = "java.lang.String[]"
STATUS = "com.liferay.object.rest.dto.v1_0.Status"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"keywords": "a,b"},
            f"Cannot construct instance of `{TEXTS}`: {NO_METHOD} value "
            f"('a,b'){SOURCE}",
        ),
        (
            {"keywords": 5},
            f"Cannot deserialize value of type `{TEXTS}` from Integer value "
            f"(token `JsonToken.VALUE_NUMBER_INT`){SOURCE}",
        ),
        (
            {"keywords": [{}]},
            "Cannot deserialize value of type `java.lang.String` from Object value "
            f"(token `JsonToken.START_OBJECT`){SOURCE} (through reference chain: "
            "java.lang.Object[][0])",
        ),
        (
            {"taxonomyCategoryIds": "1"},
            f"Cannot construct instance of `java.lang.Long[]`: {NO_METHOD} value "
            f"('1'){SOURCE}",
        ),
        (
            {"taxonomyCategoryIds": [1, "x"]},
            'Cannot deserialize value of type `java.lang.Long` from String "x": not a '
            f"valid `java.lang.Long` value{SOURCE} (through reference chain: "
            "java.lang.Object[][1])",
        ),
        (
            {"status": "approved"},
            f"Cannot construct instance of `{STATUS}` (although at least one Creator "
            f"exists): {NO_METHOD} value ('approved'){SOURCE}",
        ),
        (
            {"id": "abc"},
            'Cannot deserialize value of type `java.lang.Long` from String "abc": not '
            f"a valid `java.lang.Long` value{SOURCE}",
        ),
        (
            {"externalReferenceCode": ["A"]},
            "Cannot deserialize value of type `java.lang.String` from Array value "
            f"(token `JsonToken.START_ARRAY`){SOURCE}",
        ),
        ({"id": " 12 ", "dateCreated": "2024-01-01", "status": {"code": 0}}, ""),
        ({"dateCreated": "2024-01-01T10:00:00Z", "keywords": ["a", 1, True, None]}, ""),
        ({"dateModified": 1_700_000_000_000, "id": 1.7, "keywords": None}, ""),
        ({"dateModified": "Mon, 01 Jan 2024 10:00:00 GMT", "other": "x"}, ""),
    ],
)
def test_declared_property_is_converted_as_jackson_does(
    item: dict[str, Any], message: str
) -> None:
    """The messages were seen with Jackson 2.17.2."""
    problem = find_unconvertible_value(TYPE, item)

    assert (problem.message if problem else "") == message


@pytest.mark.parametrize("date", ["2024-01-01 10:00:00", "01/02/2024", "2024-13-01"])
def test_other_forms_of_dates_are_refused(date: str) -> None:
    problem = find_unconvertible_value(TYPE, {"dateCreated": date})

    assert problem is not None
    assert problem.message.startswith(
        f'Cannot deserialize value of type `java.util.Date` from String "{date}"'
    )


def run_csv(client: httpx2.Client, name: str, text: str, **query: str) -> Any:
    query |= {"taskItemDelegateName": f"C_{name}"}
    url = f"{ENGINE}/import-task/{ENTRY}"
    headers = {"Content-Type": "text/csv"}
    task = client.post(url, params=query, content=text, headers=headers).json()
    return wait_for_task(client, task)


def test_keywords_in_a_cell_fail_and_an_empty_cell_passes(
    client: httpx2.Client, define: Define
) -> None:
    path = define("Moss", enableCategorization=True)["restContextPath"]
    text = "title,keywords\r\nA,x\r\nB,\r\nC\r\nD,,\r\n"

    task = run_csv(client, "Moss", text, importStrategy="ON_ERROR_CONTINUE")

    items = client.get(path).json()["items"]
    assert [entry["title"] for entry in items] == ["B", "C"]
    assert [item["itemIndex"] for item in task["failedItems"]] == [1, 4]
    assert [item["message"].partition(":")[0] for item in task["failedItems"]] == [
        "java.lang.IllegalArgumentException",
        "java.lang.ArrayIndexOutOfBoundsException",
    ]
    assert task["failedItems"][0]["item"] == ""


def test_languages_of_columns_are_joined_by_a_mapping(
    client: httpx2.Client, define: Define
) -> None:
    """Without one each column is a property of its own, which the object ignores."""
    localized = field("label", "Text", localized=True)
    path = define(
        "Lichen",
        objectFields=[field("title", "Text"), localized],
        enableLocalization=True,
    )["restContextPath"]
    text = "title,label_i18n_en_US,label_i18n_de_DE\nA,One,Eins\n"
    mapping = "title=title,label_i18n_en_US=label_i18n,label_i18n_de_DE=label_i18n"

    run_csv(client, "Lichen", text)
    run_csv(client, "Lichen", text, fieldNameMapping=mapping)

    headers = {"X-Accept-All-Languages": "true"}
    plain, mapped = client.get(path, headers=headers).json()["items"]
    assert "label" not in plain
    assert mapped["label_i18n"] == {"de_DE": "Eins", "en_US": "One"}
