"""A missing permission: one clear message, before anything has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import Any

import pytest

from dmc_widgets.errors import Refused
from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.strategies import ErrorStrategy, ImportStrategy, Policy
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Query
from dmc_widgets.testing.samples import type_named
from tests.installations.canned_server import Answer, Request, canned, page
from tests.sandbox.conftest import (
    DEFINITIONS,
    SETTINGS,
    SandboxServer,
    definition,
    run_sandbox,
)

READER = SETTINGS.read_only_user
ITEMS = [{"externalReferenceCode": f"B{n}", "title": f"Bolt {n}"} for n in range(3)]
CONTINUE = Policy(error_strategy=ErrorStrategy.CONTINUE)
ONLY_UPDATES = Policy(import_strategy=ImportStrategy.UPDATE)

SCOPED = replace(
    SETTINGS,
    client_scopes=(
        "Liferay.Object.Admin.REST.everything.read",
        "Liferay.Headless.Admin.List.Type.everything.read",
        "C_Bolt.everything.read",
    ),
)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    """A server with two objects, of which one has an entry."""
    database = tmp_path_factory.mktemp("permissions") / "sandbox.db"
    with run_sandbox(database, SCOPED) as sandbox, sandbox.client() as client:
        for name in ("Bolt", "Rivet"):
            assert client.post(DEFINITIONS, json=definition(name)).status_code == 200
        assert client.post("/o/c/rivets", json=ITEMS[0]).status_code == 200
        yield sandbox


@pytest.fixture
def reader(sandbox: SandboxServer) -> Iterator[LiferayInstallation]:
    secret = Secret(SETTINGS.read_only_password)
    caller = ConnectOptions(access=Access(user=READER), secret=secret)
    with closing(open_liferay(parse_address(sandbox.url), caller)) as opened:
        yield opened


@pytest.fixture
def robot(sandbox: SandboxServer) -> Iterator[LiferayInstallation]:
    """A client that may read definitions, picklists, and the entries of one object."""
    caller = ConnectOptions(
        access=Access(client_id=SETTINGS.client_id),
        secret=Secret(SETTINGS.client_secret),
    )
    with closing(open_liferay(parse_address(sandbox.url), caller)) as opened:
        yield opened


def batch(policy: Policy = CONTINUE, task: str = "t") -> Batch:
    return Batch(task=task, number=1, items=ITEMS, policy=policy)


def entries(sandbox: SandboxServer, plural: str) -> list[Any]:
    with sandbox.client() as client:
        items: list[Any] = client.get(f"/o/c/{plural}").json()["items"]
        return items


def of(installation: LiferayInstallation, name: str) -> EntityType:
    return type_named(installation, name)


@pytest.mark.parametrize(
    ("name", "policy", "verb", "permission"),
    [
        ("C_Rivet", CONTINUE, "add", "ADD_OBJECT_ENTRY"),
        ("C_Rivet", ONLY_UPDATES, "change", "UPDATE"),
        ("ObjectDefinition", CONTINUE, "add", "ADD_OBJECT_DEFINITION"),
        ("ListTypeDefinition", CONTINUE, "add", "ADD_LIST_TYPE_DEFINITION"),
        ("ObjectFolder", CONTINUE, "add", "ADD_OBJECT_FOLDER"),
    ],
    ids=["add", "change", "definitions", "picklists", "folders"],
)
def test_forbidden_import_is_refused_beforehand(
    reader: LiferayInstallation, name: str, policy: Policy, verb: str, permission: str
) -> None:
    """The actions of a list show what the user may do with it."""
    with pytest.raises(Refused) as caught:
        reader.require_permission(of(reader, name), policy)

    assert caught.value.reason == (
        f"The user 'reader@liferay.com' may not {verb} {name}. "
        f"Give the user a role with the permission {permission}."
    )


def test_permitted_import_is_not_refused(sandbox: SandboxServer) -> None:
    caller = ConnectOptions(
        access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
    )
    with closing(open_liferay(parse_address(sandbox.url), caller)) as opened:
        for policy in (CONTINUE, ONLY_UPDATES):
            opened.require_permission(of(opened, "C_Rivet"), policy)
        opened.require_permission(of(opened, "C_Bolt"), ONLY_UPDATES)


def test_server_without_actions_refuses_nothing_beforehand() -> None:
    """Older ones leave *actions* empty."""
    tickets = definition("Ticket", restContextPath="/o/c/tickets", id=1, system=False)
    list_ = page(tickets)

    def answer(request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return list_
        return Answer({"items": [{"id": 7, "actions": {}}], "actions": {}})

    with canned(answer) as server:
        caller = ConnectOptions(access=Access(user="ada"), secret=Secret("x"))
        with closing(open_liferay(parse_address(server.url), caller)) as opened:
            for policy in (CONTINUE, ONLY_UPDATES):
                opened.require_permission(of(opened, "C_Ticket"), policy)


@pytest.mark.parametrize(
    ("policy", "items", "refused"),
    [
        (CONTINUE, 1, False),
        (CONTINUE, 0, True),
        (Policy(import_strategy=ImportStrategy.INSERT), 1, True),
        (ONLY_UPDATES, 1, False),
    ],
    ids=["upsert", "upsert-of-nothing", "insert", "update"],
)
def test_user_who_may_only_change_can_update(
    policy: Policy, items: int, refused: bool
) -> None:
    """An upsert adds or changes, and the records may need only one of the two."""
    tickets = definition("Ticket", restContextPath="/o/c/tickets", id=1, system=False)
    link = {"method": "GET", "href": "x"}
    entries = [{"id": 7, "actions": {"get": link, "update": link}}] * items

    def answer(request: Request) -> Answer:
        if request.path == DEFINITIONS:
            return page(tickets)
        return Answer({"items": entries, "actions": {"get": link}})

    with canned(answer) as server:
        caller = ConnectOptions(access=Access(user="ada"), secret=Secret("x"))
        with closing(open_liferay(parse_address(server.url), caller)) as opened:
            entity_type = of(opened, "C_Ticket")
            with pytest.raises(Refused) if refused else nullcontext():
                opened.require_permission(entity_type, policy)


@pytest.mark.parametrize("policy", [CONTINUE, Policy()], ids=["continue", "stop"])
def test_missing_permission_of_all_items_is_reported_once(
    sandbox: SandboxServer, reader: LiferayInstallation, policy: Policy
) -> None:
    """The server accepts the task, and refuses item by item."""
    with pytest.raises(Refused) as caught:
        reader.write(of(reader, "C_Bolt"), batch(policy, f"t {policy.error_strategy}"))

    assert caught.value.reason == (
        "The user 'reader@liferay.com' may not import C_Bolt. Give the user a role "
        "that allows this. It says: User reader@liferay.com must have "
        "ADD_OBJECT_ENTRY permission for C_Bolt"
    )
    assert entries(sandbox, "bolts") == []


def test_user_with_view_permission_can_read(reader: LiferayInstallation) -> None:
    assert [
        entry["externalReferenceCode"]
        for entry in reader.read(of(reader, "C_Rivet"), Query())
    ] == ["B0"]


def test_missing_scope_of_a_client_is_named(
    sandbox: SandboxServer, robot: LiferayInstallation
) -> None:
    """The message names the scope of the API, or the pattern of object scopes."""
    rivet, bolt = of(robot, "C_Rivet"), of(robot, "C_Bolt")

    with pytest.raises(Refused) as read:
        list(robot.read(rivet, Query()))
    with pytest.raises(Refused) as write:
        robot.write(bolt, batch())

    assert list(robot.read(bolt, Query())) == []
    assert read.value.reason == (
        "The client 'dmc-sandbox' may not read entries: GET /o/c/rivets was refused. "
        "Give its application the scope C_<name of the object>.everything.read. Give "
        "the user that it stands for a role with the permission VIEW. It says: Client "
        "dmc-sandbox must have the scope C_Rivet.everything.read for /o/c/rivets"
    )
    assert write.value.reason.startswith(
        "The client 'dmc-sandbox' may not read import tasks: GET /o/headless-batch-"
    )
    assert "Give its application the scope Liferay.Headless.Batch.Engine." in (
        write.value.reason
    )
    assert entries(sandbox, "bolts") == []
