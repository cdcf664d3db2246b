"""Related entries within the body of a POST, PUT or PATCH, and in import tasks."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.sandbox.conftest import ENGINE, ENTRY, Define, field, wait_for_task
from tests.sandbox.test_related_entries import relationship

pytestmark = pytest.mark.each_database

CODE = "externalReferenceCode"
LEAGUES = "/o/c/leagues"
TEAMS = "/o/c/teams"
UNABLE = "Unable to create nested object entries"


@pytest.fixture(scope="module")
def sport(define: Define) -> None:
    """Leagues have teams, teams have coaches, and leagues share sponsors."""
    define("Sponsor")
    define("Coach")
    define(
        "Team",
        objectRelationships=[relationship("trains", "TEAM", "COACH", "oneToMany")],
    )
    define(
        "League",
        objectRelationships=[
            relationship("plays", "LEAGUE", "TEAM", "oneToMany"),
            relationship("pays", "LEAGUE", "SPONSOR", "manyToMany"),
        ],
    )


@pytest.fixture
def league(client: httpx2.Client, sport: None) -> str:
    """Begin without any entries."""
    assert sport is None
    for plural in ("coaches", "teams", "sponsors", "leagues"):
        for item in client.get(f"/o/c/{plural}?page=-1").json()["items"]:
            assert client.delete(f"/o/c/{plural}/{item['id']}").status_code == 204
    return f"{LEAGUES}/by-external-reference-code/L"


def codes(client: httpx2.Client, path: str) -> list[str]:
    response = client.get(f"{path}?sort=externalReferenceCode:asc")
    assert response.status_code == 200, response.text
    return [item[CODE] for item in response.json()["items"]]


def team(code: str, title: str = "", **others: Any) -> dict[str, Any]:
    return {CODE: code, "title": title or code, **others}


def test_children_are_created_and_linked_with_their_parent(
    client: httpx2.Client, league: str
) -> None:
    """Also those without a code, and their own children; the answer nests them."""
    body = {
        CODE: "L",
        "title": "League",
        "plays": [
            team("T1", trains=[{CODE: "C1", "title": "Coach"}]),
            {"title": "Nameless"},
            {},
        ],
    }
    posted = client.post(LEAGUES, json=body)

    assert posted.status_code == 200, posted.text
    assert [child["title"] for child in posted.json()["plays"]] == ["T1", "Nameless"]
    children = client.get(f"{league}/plays").json()["items"]
    assert {child["r_plays_c_leagueERC"] for child in children} == {"L"}
    assert codes(client, f"{TEAMS}/by-external-reference-code/T1/trains") == ["C1"]
    assert client.get(TEAMS).json()["totalCount"] == 2


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_shorter_list_unlinks_the_others(
    client: httpx2.Client, league: str, method: str
) -> None:
    """Those that are left out stay, without a parent; those that are named are kept."""
    body = {CODE: "L", "title": "L", "plays": [team("T1"), team("T2"), team("T3")]}
    client.put(league, json=body)
    changed = {"title": "L", "plays": [team("T2", "new"), {CODE: "T3"}, team("T4")]}

    answer = client.request(method, league, json=changed)

    assert answer.status_code == 200, answer.text
    assert codes(client, f"{league}/plays") == ["T2", "T3", "T4"]
    assert codes(client, TEAMS) == ["T1", "T2", "T3", "T4"]
    titles = {item[CODE]: item["title"] for item in client.get(TEAMS).json()["items"]}
    assert titles == {"T1": "T1", "T2": "new", "T3": "T3", "T4": "T4"}
    assert client.request(method, league, json={"title": "L"}).status_code == 200
    assert codes(client, f"{league}/plays") == ["T2", "T3", "T4"]


@pytest.mark.parametrize("empty", [None, []])
def test_null_and_an_empty_list_unlink_all(
    client: httpx2.Client, league: str, empty: Any
) -> None:
    sponsors = [{CODE: "S1", "title": "S1"}]
    body = {"title": "L", "plays": [team("T1")], "pays": sponsors}
    client.put(league, json=body)

    answer = client.put(league, json={"title": "L", "plays": empty, "pays": empty})

    assert (answer.json()["plays"], answer.json()["pays"]) == ([], [])
    assert (codes(client, TEAMS), codes(client, "/o/c/sponsors")) == (["T1"], ["S1"])


def test_child_of_another_parent_moves(client: httpx2.Client, league: str) -> None:
    client.put(league, json={"title": "L", "plays": [team("T1")]})
    other = f"{LEAGUES}/by-external-reference-code/M"

    client.put(other, json={"title": "M", "plays": [team("T1", "moved")]})

    assert codes(client, f"{league}/plays") == []
    assert codes(client, f"{other}/plays") == ["T1"]


def test_linked_entries_are_stored_linked_and_unlinked(
    client: httpx2.Client, league: str
) -> None:
    """From either side of a many-to-many relationship."""
    sponsors = [{CODE: "S1", "title": "One"}, {CODE: "S2", "title": "Two"}]
    client.put(league, json={"title": "L", "pays": sponsors})
    both = codes(client, f"{league}/pays")
    later = [{CODE: "S2", "title": "Second"}, {"title": "Third"}, {CODE: "S1"}]
    put = client.put(league, json={"title": "L", "pays": later}).json()
    fewer = client.patch(league, json={"pays": [{CODE: "S1"}]}).json()
    back = client.put(
        "/o/c/sponsors/by-external-reference-code/S1",
        json={"title": "One", "pays": [{CODE: "M", "title": "M"}]},
    )

    assert both == ["S1", "S2"]
    assert sorted(each["title"] for each in put["pays"]) == ["One", "Second", "Third"]
    assert [each["title"] for each in fewer["pays"]] == ["One"]
    assert back.status_code == 200, back.text
    assert codes(client, f"{league}/pays") == []
    assert codes(client, f"{LEAGUES}/by-external-reference-code/M/pays") == ["S1"]


def test_parent_within_its_child_is_stored_and_linked(
    client: httpx2.Client, league: str
) -> None:
    """A code alone links, and an empty object unlinks."""
    path = f"{TEAMS}/by-external-reference-code/T1"
    put = client.put(path, json=team("T1", plays={CODE: "L", "title": "New"}))
    linked = client.put(path, json=team("T1", plays={CODE: "L"})).json()
    title = client.get(league).json()["title"]
    unlinked = client.put(path, json=team("T1", plays={}))

    assert put.status_code == 200, put.text
    assert put.json()["plays"]["title"] == "New"
    assert (linked["r_plays_c_leagueERC"], title) == ("L", "New")
    assert unlinked.status_code == 200, unlinked.text
    assert unlinked.json()["r_plays_c_leagueERC"] == ""


def test_what_was_read_can_be_written_again(client: httpx2.Client, league: str) -> None:
    sponsors = [{CODE: "S1", "title": "S1"}]
    teams = [team("T1", trains=[{CODE: "C1", "title": "C"}]), team("T2")]
    client.put(league, json={"title": "L", "plays": teams, "pays": sponsors})
    params = {"nestedFields": "plays,pays,trains", "nestedFieldsDepth": "3"}
    before = client.get(league, params=params).json()

    put = client.put(league, json=before)

    assert put.status_code == 200, put.text
    assert client.get(league, params=params).json() == before


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            {"plays": [team("T1"), {CODE: "T2"}]},
            {
                "detail": 'Entry 2 in "plays": No value was provided for required '
                'object field "title"',
                "title": 'No value was provided for required object field "title"',
            },
        ),
        (
            {"plays": [team("T1", trains=[{"title": "ok"}, {"title": ""}])]},
            {
                "detail": 'Entry 1 in "plays": Entry 2 in "trains": No value was '
                'provided for required object field "title"',
                "title": 'No value was provided for required object field "title"',
            },
        ),
        (
            {"pays": [{CODE: "S1", "title": "S"}, {CODE: "S2", "due": "x"}]},
            {
                "detail": 'Entry 2 in "pays": "x" in the field "due" is not a date '
                "like 2024-01-05 or 2024-01-05T15:00:00Z. If the file writes dates "
                "otherwise, say so in the mapping. Unable to parse date that does not "
                "conform to ISO-8601",
                "title": "Unable to parse date that does not conform to ISO-8601",
            },
        ),
        ({"plays": "T1"}, {"title": UNABLE}),
        ({"plays": {CODE: "T1"}}, {"title": UNABLE}),
        ({"plays": ["T1"]}, {"title": UNABLE}),
        ({"plays": [None]}, {"title": UNABLE}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_refused_entry_takes_everything_back(
    client: httpx2.Client,
    league: str,
    method: str,
    body: dict[str, Any],
    problem: dict[str, str],
) -> None:
    target = LEAGUES if method == "POST" else league
    response = client.request(method, target, json={CODE: "L", "title": "L", **body})

    assert response.status_code == 400
    assert response.json() == {"status": "BAD_REQUEST", **problem}
    for plural in ("leagues", "teams", "coaches", "sponsors"):
        assert client.get(f"/o/c/{plural}").json()["totalCount"] == 0


def test_import_tasks_store_nested_entries(client: httpx2.Client, league: str) -> None:
    """Each item by itself: one that is refused takes back its own entries alone."""
    items = [
        {CODE: "L", "title": "L", "plays": [team("T1"), team("T2")]},
        {CODE: "M", "title": "M", "plays": [team("T3"), {CODE: "T4"}]},
        {CODE: "N", "title": "N"},
    ]
    query = {
        "createStrategy": "UPSERT",
        "importStrategy": "ON_ERROR_CONTINUE",
        "taskItemDelegateName": "C_League",
    }
    url = f"{ENGINE}/import-task/{ENTRY}"
    task = wait_for_task(client, client.post(url, params=query, json=items).json())

    assert [item["itemIndex"] for item in task["failedItems"]] == [2]
    assert task["failedItems"][0]["message"] == (
        "com.liferay.object.exception.ObjectEntryValuesException$Required: No value "
        'was provided for required object field "title"'
    )
    assert codes(client, LEAGUES) == ["L", "N"]
    assert codes(client, TEAMS) == codes(client, f"{league}/plays") == ["T1", "T2"]


def test_permissions_in_a_body_are_stored(client: httpx2.Client, league: str) -> None:
    stated = [{"actionIds": ["VIEW"], "roleName": "Guest"}]
    put = client.put(league, json={"title": "L", "permissions": stated})
    wrong = client.put(league, json={"title": "M", "permissions": "all"})
    again = client.put(league, json={"title": "L"})
    page = client.get(f"{LEAGUES}/{put.json()['id']}/permissions").json()

    assert (put.status_code, again.status_code) == (200, 200)
    assert (wrong.status_code, client.get(league).json()["title"]) == (400, "L")
    guest = {"actionIds": ["VIEW"], "roleName": "Guest", "roleType": "regular"}
    assert page["items"] == [guest]


def test_children_of_sites_stay_in_the_site_of_their_parent(
    client: httpx2.Client, define: Define
) -> None:
    define("Booth", scope="site")
    define(
        "Fair",
        scope="site",
        objectRelationships=[relationship("hosts", "FAIR", "BOOTH", "oneToMany")],
    )
    path = "/o/c/fairs/scopes/north/by-external-reference-code/F"
    body = {"title": "F", "hosts": [{CODE: "B", "title": "B"}]}

    put = client.put(path, json=body)

    assert put.status_code == 200, put.text
    (booth,) = put.json()["hosts"]
    assert (booth[CODE], booth["scopeKey"]) == ("B", "north")
    assert codes(client, f"{path}/hosts") == ["B"]
    assert client.put(path, json={"title": "F", "hosts": []}).json()["hosts"] == []


def test_attachments_of_nested_entries_are_stored(
    client: httpx2.Client, define: Define
) -> None:
    settings = {
        "acceptedFileExtensions": "txt",
        "fileSource": "userComputer",
        "maximumFileSize": 1,
    }
    stated = [{"name": name, "value": value} for name, value in settings.items()]
    scan = field("scan", "Attachment", objectFieldSettings=stated)
    define("Sheet", objectFields=[scan])
    define(
        "Binder",
        objectRelationships=[relationship("holds", "BINDER", "SHEET", "oneToMany")],
    )
    file = {"fileBase64": "aGVsbG8=", "name": "a.txt"}

    posted = client.post("/o/c/binders", json={"title": "B", "holds": [{"scan": file}]})

    assert posted.status_code == 200, posted.text
    (sheet,) = posted.json()["holds"]
    assert client.get(sheet["scan"]["link"]["href"]).content == b"hello"
