"""A dry run says of every record and field what the run then does."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dmc_widgets.installations import connect
from dmc_widgets.installations.secret_store import PASSWORD
from dmc_widgets.model.access import Access
from dmc_widgets.model.change import ItemChange, has_value
from dmc_widgets.model.outcome import GENERATED_KEY, Problem
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Query
from dmc_widgets.tasks.dry_runs.shown_outcomes import comparable_value
from dmc_widgets.tasks.installation_access import find_entity_type, open_connection
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.sandbox.conftest import SETTINGS, run_sandbox
from tests.tasks.conftest import KEY
from tests.tasks.gallery import ERC, PICKLIST, PICTURE, ROOM, write

Item = dict[str, Any]
ROOMS = [{ERC: "R-1"}, {ERC: "R-2"}]
NUMBERS = itertools.count()
EXAMPLES = int(os.environ.get("DMC_EXAMPLES", "0"))
"""How many examples are tried by hand: ``DMC_EXAMPLES=100 pytest …``."""
_LONG = "x" * 281


class Place(NamedTuple):
    """A workspace, and the name of a target in it."""

    workspace: Workspace
    target: str
    folder: Path


def fill(url: str) -> None:
    installation = connect(url)
    write(installation, "ListTypeDefinition", PICKLIST)
    write(installation, "ObjectDefinition", PICTURE, ROOM)
    write(installation, "Room", *ROOMS)
    installation.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Two targets that hold the same: an embedded one, and a server."""
    folder = tmp_path_factory.mktemp("agrees")
    before = {name: os.environ.get(name) for name in ("DMC_ENCRYPTION_KEY", PASSWORD)}
    os.environ |= {"DMC_ENCRYPTION_KEY": KEY, PASSWORD: SETTINGS.password}
    for name in ("embedded", "served"):
        fill(f"sqlite:///{folder / name}.db")
    workspace = Workspace(folder / "workspace")
    workspace.save_setting("furnished", "yes")
    workspace.connections.put("embedded", f"sqlite:///{folder / 'embedded'}.db")
    with run_sandbox(folder / "served.db") as server:
        access = Access(user=SETTINGS.user)
        workspace.connections.put("served", server.url, access)
        yield Place(workspace, "embedded", folder)
    workspace.close()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def run(place: Place, records: list[Item], policy: Policy, *, dry_run: bool) -> Task:
    path = place.folder / "pictures.json"
    path.write_text(json.dumps(records))
    plan = ImportPlan(
        entity_type=picture_key(place), policy=policy, name="x", dry_run=dry_run
    )
    task = place.workspace.tasks.add(place.target, plan, path.name)
    copy_into_workspace(path, original_path(place.workspace, task), consume=False)
    run_task(place.workspace, task.id)
    return place.workspace.tasks.get(task.id)


def picture_key(place: Place) -> str:
    opened = open_connection(place.workspace.connections.get(place.target))
    key = find_entity_type(opened.entity_types(), "Picture").key
    opened.close()
    return key


def report(place: Place, task: Task) -> list[Any]:
    """Outcome, code, note and problem of each record, and its changes by field."""
    workspace = place.workspace
    changes = {
        change.index: change.change for change in workspace.changes.read(task.id)
    }
    lines: list[Any] = []
    for batch in workspace.outcomes.read(task.id):
        for index, outcome in enumerate(batch.outcomes, batch.first_index):
            failure = workspace.outcomes.failure(task.id, index)
            key = "" if outcome.note == GENERATED_KEY else outcome.key
            lines.append(
                (
                    outcome.kind.value,
                    key,
                    outcome.note,
                    _fault(failure.problem) if failure else None,
                    changed_values(changes[index]) if index in changes else None,
                )
            )
    return lines


def _fault(problem: Problem) -> tuple[str, str, Any, str]:
    return problem.code, problem.field, problem.value, problem.message


def changed_values(change: ItemChange) -> list[tuple[str, Any, Any]]:
    return [
        (field, comparable_value(old), comparable_value(new))
        for field, old, new in change.fields
    ]


def stored_items(place: Place) -> list[Item]:
    opened = open_connection(place.workspace.connections.get(place.target))
    picture = find_entity_type(opened.entity_types(), "Picture")
    items = list(opened.read(picture, Query()))
    opened.close()
    return items


def records(codes: list[str], files: bool = True) -> st.SearchStrategy[list[Item]]:
    """Records of few codes, with values of every type, some of them refused."""
    numbers = st.sampled_from([None, 0, 7, 12])
    fields: dict[str, st.SearchStrategy[Any]] = {
        "title": st.sampled_from(["Sea", "Wood", "Sky", "Sky", None, "", _LONG]),
        "code": st.sampled_from(["A", "B", "C", None]),
        "story": st.sampled_from(["long", "longer", "", None]),
        "rank": st.one_of(numbers, st.just("many")),
        "views": numbers,
        "weight": st.sampled_from([1.5, "2.50", None]),
        "price": st.sampled_from(["12.340000000000000000001", 3, None]),
        "shown": st.sampled_from([True, False, None, "maybe"]),
        "painted": st.sampled_from(["2026-02-03", None, "31.02.2026"]),
        "hung": st.sampled_from(["2026-06-01T12:00:00+02:00", None]),
        "colour": st.sampled_from(["red", {"key": "blue"}, "green", None]),
        "tones": st.sampled_from(["red, blue", ["blue"], [], None]),
        "secret": st.sampled_from(["hush", "psst", None]),
        "caption_i18n": st.sampled_from(
            [{"en_US": "Waves"}, {"en_US": "Waves", "de_DE": "Wellen"}, {}]
        ),
        "r_pictures_c_roomERC": st.sampled_from(["R-1", "R-2", "R-9", None]),
        "shownIn": st.sampled_from(
            [[], [{ERC: "R-9"}], [{ERC: "R-1"}], [{ERC: "R-2"}, {ERC: "R-1"}]]
        ),
        "keywords": st.sampled_from([[], ["wet"], ["wet", "blue"], None]),
    }
    if files:
        fields["scan"] = st.sampled_from(
            [
                {"name": "a.png", "fileBase64": "aGVsbG8="},
                {"name": "a.png", "fileBase64": "aGVsbG9v"},
                None,
            ]
        )
    record = st.fixed_dictionaries({"title": fields.pop("title")}, optional=fields)
    keyed = st.tuples(st.sampled_from([*codes, ""]), record).map(
        lambda pair: {ERC: pair[0], **pair[1]} if pair[0] else pair[1]
    )
    return st.lists(keyed, min_size=1, max_size=8)


POLICIES = [
    Policy(import_strategy=one, update_strategy=other, error_strategy=third)
    for one, other, third in itertools.product(
        ImportStrategy,
        UpdateStrategy,
        ErrorStrategy,
    )
]
CODES = ["P-1", "P-2", "P-3"]


def of_its_own(items: list[Item], number: int) -> list[Item]:
    """Return records with codes and unique values that no other example has."""
    own = []
    for item in items:
        names = [name for name in (ERC, "code") if item.get(name)]
        own.append({**item, **{name: f"{number} {item[name]}" for name in names}})
    return own


def foreseen_fields(place: Place, task: Task) -> dict[str, set[str]]:
    """Return the fields of each stored item that a dry run says will be others."""
    first: dict[tuple[str, str], Any] = {}
    last: dict[tuple[str, str], Any] = {}
    for record in place.workspace.changes.read(task.id):
        for field, old, new in changed_values(record.change):
            first.setdefault((record.key, field), old)
            last[record.key, field] = new
    fields: dict[str, set[str]] = {}
    for (key, field), old in first.items():
        if _comparable(old) != _comparable(last[key, field]):
            fields.setdefault(key, set()).add(field.partition(".")[0])
    return fields


def changed_fields(before: list[Item], after: list[Item]) -> dict[str, set[str]]:
    """Return the fields of items that were there before and are others now."""
    old = {item[ERC]: item for item in before}
    fields = {
        item[ERC]: {
            name
            for name in item
            if name not in _NOT_FIELDS
            and _comparable(item[name]) != _comparable(old[item[ERC]].get(name))
        }
        for item in after
        if item[ERC] in old
    }
    return {key: names for key, names in fields.items() if names}


_NOT_FIELDS = {
    *("dateModified", "r_pictures_c_roomId", "picturesERC", "caption", "secret"),
}


def _comparable(value: Any) -> Any:
    if isinstance(value, dict) and "fileBase64" in value:
        return value["name"], str(value["fileBase64"])
    return value if has_value(value) else None


def without_first_faults(lines: list[Any]) -> list[Any]:
    """Leave out which of several faults of a record without a code is named first.

    A server is not asked what becomes of such a record where only updates are wanted.
    """
    return [
        (kind, key, note, problem if key else None, changes)
        for kind, key, note, problem, changes in lines
    ]


def agree(place: Place, first: list[Item], second: list[Item], policy: Policy) -> None:
    number = next(NUMBERS)
    keep_on = Policy(error_strategy=ErrorStrategy.CONTINUE)
    run(place, of_its_own(first, number), keep_on, dry_run=False)
    before = stored_items(place)
    incoming = of_its_own(second, number)

    rehearsed = run(place, incoming, policy, dry_run=True)

    assert stored_items(place) == before
    done = run(place, incoming, policy, dry_run=False)
    shown, made = report(place, rehearsed), report(place, done)
    if place.target == "served":
        shown, made = without_first_faults(shown), without_first_faults(made)
    assert shown == made
    assert (rehearsed.counts, rehearsed.status) == (done.counts, done.status)
    foreseen = foreseen_fields(place, rehearsed)
    for names in foreseen.values():
        names.discard("secret")  # no installation gives it out
    known = {item[ERC] for item in before}
    foreseen = {key: names for key, names in foreseen.items() if names and key in known}
    assert foreseen == changed_fields(before, stored_items(place))


@given(first=records(CODES), second=records(CODES), policy=st.sampled_from(POLICIES))
@settings(
    max_examples=EXAMPLES or 8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_embedded(
    place: Place, first: list[Item], second: list[Item], policy: Policy
) -> None:
    agree(place, first, second, policy)


@given(first=records(CODES), second=records(CODES), policy=st.sampled_from(POLICIES))
@settings(
    max_examples=EXAMPLES or 3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_served(
    place: Place, first: list[Item], second: list[Item], policy: Policy
) -> None:
    agree(place._replace(target="served"), first, second, policy)
