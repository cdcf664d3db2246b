"""Entries through their relationships."""

from __future__ import annotations

import base64
from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import Define, field

pytestmark = pytest.mark.each_database


def relationship(name: str, one: str, two: str, type_: str) -> dict[str, Any]:
    return {
        "deletionType": "disassociate",
        "label": {"en_US": name},
        "name": name,
        "objectDefinitionExternalReferenceCode1": one,
        "objectDefinitionExternalReferenceCode2": two,
        "type": type_,
    }


@pytest.fixture(scope="module")
def school(client: httpx2.Client, define: Define) -> dict[str, int]:
    """Create two teachers, three pupils, and two relationships between them."""
    define("Pupil")
    define(
        "Teacher",
        objectRelationships=[
            relationship("tutor", "TEACHER", "PUPIL", "oneToMany"),
            relationship("lessons", "TEACHER", "PUPIL", "manyToMany"),
        ],
    )
    ids = {}
    for path, codes in (("teachers", "AB"), ("pupils", "XYZ")):
        for code in codes:
            body = {"title": code, "externalReferenceCode": code}
            ids[code] = client.post(f"/o/c/{path}", json=body).json()["id"]
    return ids


def titles(client: httpx2.Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json()["items"]]


@pytest.mark.parametrize("name", ["tutor", "lessons"])
def test_entries_can_be_related_from_either_side(
    client: httpx2.Client, school: dict[str, int], name: str
) -> None:
    """By ids and by ERCs; PUT returns the related entry."""
    teacher = f"/o/c/teachers/{school['A']}/{name}"
    coded = f"/o/c/teachers/by-external-reference-code/A/{name}"
    pupil = f"/o/c/pupils/{school['Y']}/{name}"

    first = client.put(f"{teacher}/{school['X']}")
    second = client.put(f"{coded}/Y")
    again = client.put(f"{coded}/Y")

    assert [response.status_code for response in (first, second, again)] == [
        200,
        200,
        200,
    ]
    assert first.json()["title"] == "X"
    assert titles(client, teacher) == titles(client, coded) == ["X", "Y"]
    assert titles(client, f"{teacher}?filter=title eq 'Y'") == ["Y"]
    assert titles(client, f"{teacher}?sort=title:desc&pageSize=1") == ["Y"]
    assert titles(client, pupil) == ["A"]

    assert client.delete(f"{pupil}/{school['A']}").status_code == 204
    assert client.delete(f"{coded}/X").status_code == 204
    assert titles(client, teacher) == titles(client, pupil) == []


@pytest.mark.parametrize("name", ["tutor", "lessons"])
def test_filter_cannot_select_unrelated_entries(
    client: httpx2.Client, school: dict[str, int], name: str
) -> None:
    """The filter is parsed before it is combined with our own."""
    path = f"/o/c/teachers/{school['A']}/{name}"
    client.put(f"{path}/{school['X']}")

    broken = client.get(path, params={"filter": "title eq 'Q') or (title ne 'Q'"})
    whole = client.get(path, params={"filter": "title ne 'Q' or title eq 'Q'"})
    client.delete(f"{path}/{school['X']}")

    assert broken.status_code == 400
    assert [item["title"] for item in whole.json()["items"]] == ["X"]


def test_nested_fields_add_linked_entries(
    client: httpx2.Client, school: dict[str, int]
) -> None:
    """Without them an entry has no many-to-many relationships."""
    for code in "XZ":
        path = f"/o/c/teachers/by-external-reference-code/B/lessons/{code}"
        assert client.put(path).status_code == 200
    path = f"/o/c/teachers/{school['B']}"

    alone = client.get(path).json()
    nested = client.get(f"{path}?nestedFields=lessons").json()
    deep = client.get(
        f"{path}?nestedFields=lessons&nestedFieldsDepth=2&fields=lessons"
    ).json()

    assert "lessons" not in alone
    assert [lesson["title"] for lesson in nested["lessons"]] == ["X", "Z"]
    assert "lessons" not in nested["lessons"][0]
    assert list(deep) == ["lessons"]
    assert [lesson["title"] for lesson in deep["lessons"][0]["lessons"]] == ["B"]


@pytest.mark.parametrize(
    "path",
    [
        "/o/c/teachers/{A}/nothing",
        "/o/c/teachers/999999/tutor",
        "/o/c/teachers/{X}/tutor",
        "/o/c/teachers/by-external-reference-code/N/tutor",
    ],
)
def test_unknown_relationship_is_404(
    client: httpx2.Client, school: dict[str, int], path: str
) -> None:
    """An unknown name and a relationship of another object are not found."""
    assert client.get(path.format(**school)).status_code == 404


def test_unknown_related_entry_is_404(
    client: httpx2.Client, school: dict[str, int]
) -> None:
    """An entry that does not exist cannot be related."""
    path = f"/o/c/teachers/{school['A']}/tutor/{school['B']}"

    assert client.put(path).status_code == 404
    assert client.delete(path).status_code == 404


def test_nested_fields_add_file_content(client: httpx2.Client, define: Define) -> None:
    """A list of entries does not contain their files."""
    settings = {
        "acceptedFileExtensions": "txt",
        "fileSource": "userComputer",
        "maximumFileSize": 1,
    }
    stated = [{"name": name, "value": value} for name, value in settings.items()]
    scan = field("scan", "Attachment", objectFieldSettings=stated)
    define("Paper", objectFields=[scan])
    content = base64.b64encode(b"hello").decode()
    file = {"fileBase64": content, "name": "a.txt"}

    posted = client.post("/o/c/papers", json={"scan": file})
    path = f"/o/c/papers/{posted.json()['id']}"
    full = client.get(f"{path}?nestedFields=scan.fileBase64").json()

    assert posted.status_code == 200, posted.text
    assert posted.json()["scan"]["name"] == "a.txt"
    assert "fileBase64" not in client.get(path).json()["scan"]
    assert full["scan"]["fileBase64"] == content
    link = posted.json()["scan"]["link"]["href"]
    file_ = client.get(link)
    assert file_.content == b"hello"
    assert file_.headers["content-type"] == "application/octet-stream"
    assert file_.headers["content-disposition"] == "attachment; filename*=UTF-8''a.txt"
    assert client.get(link.replace("a.txt", "b.txt")).status_code == 404


def test_unknown_parent_is_rejected(client: httpx2.Client, define: Define) -> None:
    """An unknown ERC is 404, an unknown id 400, as in Liferay."""
    relationship = {
        "deletionType": "prevent",
        "label": {"en_US": "Yard"},
        "name": "yard",
        "objectDefinitionExternalReferenceCode2": "TUG",
        "type": "oneToMany",
    }
    define("Tug")
    define("Yard", objectRelationships=[relationship])

    coded = client.post("/o/c/tugs", json={"title": "x", "r_yard_c_yardERC": "NOPE"})
    by_id = client.post("/o/c/tugs", json={"title": "x", "r_yard_c_yardId": 4242})

    assert (coded.status_code, by_id.status_code) == (404, 400)
    assert coded.json() == {
        "status": "NOT_FOUND",
        "title": "The value for r_yard_c_yardERC does not exist",
    }
