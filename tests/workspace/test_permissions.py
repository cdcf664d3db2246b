"""Roles of users: enforced below the façade, whatever a page or a notebook asks for."""

from __future__ import annotations

import inspect
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.center.tasks import Tasks
from dmc_widgets.errors import InvalidPlan, NameTaken, NotPermitted, UnknownName
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.secret_store import find_secret, missing_secret
from dmc_widgets.model.access import Access
from dmc_widgets.model.plan import ExportPlan, ImportPlan, MigrationPlan, Selection
from dmc_widgets.model.roles import Role
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.users import (
    User,
    UserStore,
    hash_password,
    parse_roles,
    verify_password,
)

# One workspace serves many tests.
pytestmark = [pytest.mark.usefixtures("in_this_process"), pytest.mark.own_file]

SOURCE, TARGET = "Sample source", "Sample target"
PASSWORD = "correct horse battery"
EXPORT = ExportPlan(entity_type="ListTypeDefinition")
IMPORT = ImportPlan(entity_type="Customer")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one task on each sample installation."""
    path = tmp_path_factory.mktemp("shared") / "workspace"
    with dmc.open_center(path) as center:
        for name in (SOURCE, TARGET):
            task = center.tasks.start_export(name, EXPORT)
            center.tasks.wait(task)
    return path


@pytest.fixture
def open_as(folder: Path) -> Iterator[Callable[..., Center]]:
    """Open the center for a user with roles such as ``look`` or ``Name=import``."""
    opened: list[Center] = []
    path = folder / "users.json"

    def open_for(*roles: str, name: str = "ada") -> Center:
        known = json.loads(path.read_text()) if path.exists() else {}
        known[name] = {"password": "", "roles": parse_roles(list(roles))}
        path.write_text(json.dumps(known))
        opened.append(Center(Workspace(folder, user=name)))
        return opened[-1]

    yield open_for
    for center in opened:
        center.close()
    path.unlink(missing_ok=True)


def write_csv(folder: Path) -> Path:
    path = folder / "customers.csv"
    path.write_text("name,email\nAda,ada@example.com\n")
    return path


CALLS: dict[str, tuple[Role, Callable[[Center, Path], Any]]] = {
    "entity types": (Role.LOOK, lambda c, _p: c.installations.entity_types(SOURCE)),
    "task": (Role.LOOK, lambda c, _p: c.tasks.get(1)),
    "outcomes": (Role.LOOK, lambda c, _p: c.tasks.outcomes(1)),
    "file": (Role.LOOK, lambda c, _p: c.tasks.file(1)),
    "export": (Role.EXPORT, lambda c, _p: c.tasks.start_export(SOURCE, EXPORT)),
    "run again": (Role.EXPORT, lambda c, _p: c.tasks.run_again(1)),
    "template": (
        Role.EXPORT,
        lambda c, p: c.templates.save(f"T {p.name} {os.urandom(4).hex()}", EXPORT),
    ),
    "import": (
        Role.IMPORT,
        lambda c, p: c.tasks.start_import(SOURCE, IMPORT, write_csv(p)),
    ),
    "setting": (
        Role.ADMINISTER,
        lambda c, _p: c._workspace.save_setting("language", "de"),
    ),
    "prune": (Role.ADMINISTER, lambda c, _p: c.prune("90d", dry_run=True)),
    "notification": (Role.ADMINISTER, lambda c, _p: c.notifications.remove("none")),
    "file as installation": (
        Role.ADMINISTER,
        lambda c, p: c.installations.add("Mine", f"sqlite:///{p / 'mine.db'}"),
    ),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("call", CALLS)
def test_role_decides(
    open_as: Callable[..., Center], tmp_path: Path, call: str, role: Role
) -> None:
    """What needs a role is refused with every lesser one, and named."""
    needed, function = CALLS[call]
    center = open_as(role)
    refusals = []
    try:
        function(center, tmp_path)
    except NotPermitted as exc:
        refusals.append(exc.user)
    except dmc.DmcError:
        pass  # permitted, and wrong otherwise

    assert refusals == ([] if role.includes(needed) else ["ada"])


@pytest.mark.parametrize("call", CALLS)
def test_user_without_a_role_reaches_nothing(
    open_as: Callable[..., Center], tmp_path: Path, call: str
) -> None:
    """Also a user who was removed while the page was open."""
    center = open_as()

    with pytest.raises((NotPermitted, UnknownName)):
        CALLS[call][1](center, tmp_path)
    assert center.installations.list() == []
    assert center.tasks.list() == []
    assert list(center.history.events()) == []


def test_roles_are_by_installation(open_as: Callable[..., Center]) -> None:
    center = open_as(f"{SOURCE}=export")

    assert [known.name for known in center.installations] == [SOURCE]
    assert {task.installation for task in center.tasks} == {SOURCE}
    assert {event.installation for event in center.history.events()} == {SOURCE}
    assert center.tasks.facets().installations.keys() == {SOURCE}
    with pytest.raises(UnknownName) as caught:
        center.tasks.get(2)
    assert "2" not in caught.value.known
    center.tasks.start_export(SOURCE, EXPORT)


def methods_of_a_task() -> list[str]:
    """The methods of ``center.tasks`` that take a task or its id first."""
    functions = inspect.getmembers(Tasks, inspect.isfunction)
    return [
        name
        for name, function in functions
        if not name.startswith("_")
        and [*inspect.signature(function).parameters][1:2] == ["task"]
        and name != "open_target"  # takes the value, which nobody gets unseen
    ]


def test_methods_of_a_task_are_found() -> None:
    assert {"outcomes", "count_changes", "undo"} <= {*methods_of_a_task()}


@pytest.mark.parametrize("name", methods_of_a_task())
def test_task_that_the_user_may_not_see_is_none(
    open_as: Callable[..., Center], name: str
) -> None:
    """Whatever is asked of it, by its number."""
    method = getattr(open_as(f"{SOURCE}=administer").tasks, name)
    required = [
        parameter
        for parameter in [*inspect.signature(method).parameters.values()][1:]
        if parameter.default is parameter.empty
        and parameter.kind is not parameter.VAR_KEYWORD
    ]

    def ask() -> None:
        answer = method(2, *(1 for _ in required))
        list(answer if isinstance(answer, Iterator) else ())  # those that are lazy

    with pytest.raises(UnknownName):
        ask()


def test_migration_needs_a_role_on_both_sides(open_as: Callable[..., Center]) -> None:
    plan = MigrationPlan(
        source=SOURCE, selection=Selection(entity_types="ListTypeDefinition")
    )
    center = open_as(f"{SOURCE}=look", f"{TARGET}=import")

    with pytest.raises(NotPermitted) as caught:
        center.tasks.start_migration(TARGET, plan)

    assert str(caught.value) == (
        "ada does not have the role 'export' on 'Sample source'. "
        "Ask an administrator for it."
    )


def test_change_of_a_role_acts_at_once(
    open_as: Callable[..., Center], folder: Path
) -> None:
    center = open_as("export")
    center.tasks.start_export(SOURCE, EXPORT)
    UserStore(folder).set_roles("ada", {"*": Role.LOOK})

    with pytest.raises(NotPermitted):
        center.tasks.start_export(SOURCE, EXPORT)


def test_personal_connection_is_its_owners(
    open_as: Callable[..., Center], folder: Path
) -> None:
    """Others neither see it nor take its name, administrators included."""
    ada, bob = open_as("export"), open_as("administer", name="bob")
    connections = ada._workspace.connections
    connections.put("Personal", "https://mine.example.com")

    assert connections.get("Personal").owner == "ada"
    assert "Personal" not in [known.name for known in bob.installations]
    with pytest.raises(UnknownName):
        bob.installations["Personal"]
    with pytest.raises(NotPermitted):
        bob._workspace.connections.put("Personal", "https://evil.example.com")
    with Center(Workspace(folder)) as owner:  # the owner of the files
        assert "Personal" in [known.name for known in owner.installations]


def test_personal_connection_gets_no_secret_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or a user could have it sent to a server of their own."""
    monkeypatch.setenv("DMC_PASSWORD", "shared")
    monkeypatch.setenv("DMC_PASSWORD_LIVE", "shared")
    access = Access(user="ada@example.com")
    origin = "https://evil.example.com"
    options = ConnectOptions(access=access, name="live", is_personal=True)

    assert find_secret("live", origin, access, is_personal=True) is None
    assert find_secret("live", origin, access) is not None
    assert missing_secret(origin, options) == "password"


def test_shared_connection_is_not_redirected_by_a_user(
    open_as: Callable[..., Center],
) -> None:
    center = open_as("import")

    with pytest.raises(NotPermitted):
        center.installations.add(SOURCE, "https://evil.example.com")


def test_author_is_the_user_who_signed_in(
    open_as: Callable[..., Center], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMC_USER", "ada")
    center = open_as("export")

    assert center.tasks.start_export(SOURCE, EXPORT).author == "ada"


def test_kernel_of_a_user_has_the_roles_of_that_user(
    open_as: Callable[..., Center], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_as("look")
    monkeypatch.setenv("DMC_USER", "ada")

    with dmc.open_center(folder) as center, pytest.raises(NotPermitted):
        center.tasks.start_export(SOURCE, EXPORT)


def test_broken_users_file_gives_no_rights(
    open_as: Callable[..., Center], folder: Path
) -> None:
    center = open_as("administer")
    (folder / "users.json").write_text("{")

    with pytest.raises(dmc.WorkspaceUnusable):
        center.tasks.start_export(SOURCE, EXPORT)


def test_users_are_added_changed_and_removed(tmp_path: Path) -> None:
    store = UserStore(tmp_path)
    store.add("ada", PASSWORD, parse_roles(["look", "Production=import"]))

    assert store.check("ada", PASSWORD) == store.find("ada")
    assert store.check("ada", "wrong") is None
    assert store.check("eve", PASSWORD) is None
    user = store.find("ada")
    assert user is not None
    assert (user.role_on("Production"), user.role_on("Other")) == ("import", "look")
    assert PASSWORD not in (tmp_path / "users.json").read_text()
    assert "scrypt" not in repr(user)
    assert (tmp_path / "users.json").stat().st_mode & 0o077 == 0
    with pytest.raises(NameTaken):
        store.add("ada", PASSWORD, {})
    store.set_password("ada", "another pass phrase")
    assert store.check("ada", PASSWORD) is None
    store.remove("ada")
    assert store.all() == []
    with pytest.raises(UnknownName):
        store.remove("ada")


@pytest.mark.parametrize("name", ["", "a b", "../x", "a\nb", "<b>", "x" * 76])
def test_unusable_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidPlan):
        UserStore(tmp_path).add(name, PASSWORD, {})


def test_short_password_is_refused() -> None:
    with pytest.raises(InvalidPlan) as caught:
        hash_password("short")

    assert str(caught.value) == "A password has at least 12 characters."


@pytest.mark.parametrize("stored", ["", "plain", "scrypt$1$2", "md5$1$1$1$a$b"])
def test_unknown_hash_matches_nothing(stored: str) -> None:
    assert not verify_password("plain", stored)


def test_user_without_roles_has_none() -> None:
    assert User("ada", {}).role_on("Production") is None
