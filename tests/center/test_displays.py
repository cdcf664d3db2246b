"""What the façade returns shows itself: one line, and an escaped table."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from html import unescape
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.center import OpenInstallation, TaskHandle
from dmc_widgets.center.differences import Differences
from dmc_widgets.center.drafts import Drafts
from dmc_widgets.center.files import Files
from dmc_widgets.center.history import History
from dmc_widgets.center.installations import Installations
from dmc_widgets.center.mappings import Mappings
from dmc_widgets.center.notifications import Notifications
from dmc_widgets.center.repair import Repair
from dmc_widgets.center.task_course import LogEntry
from dmc_widgets.center.tasks import Tasks
from dmc_widgets.center.templates import Templates
from dmc_widgets.center.verification import VerificationReport
from dmc_widgets.model.error_limit import ErrorLimit
from dmc_widgets.model.failure_group import FailureGroup
from dmc_widgets.model.mend import Mend, SealedValue
from dmc_widgets.model.run_options import RunOptions

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """One value of each kind, with a text that is no markup of ours."""
    folder = tmp_path_factory.mktemp("displays")
    path = folder / f"{HOSTILE.replace('/', '')}.csv"
    path.write_text(
        f"model,frameNumber,kind\n{HOSTILE},F-1,{HOSTILE}\n", encoding="utf-8"
    )
    plan = dmc.ImportPlan(entity_type="Bicycle", name=HOSTILE)
    with dmc.open_center(folder / "workspace") as center:
        opened = center.installations.connect("Sample source")
        bicycle = opened.entity_type("Bicycle")
        task = center.import_file(
            *("Sample source", "Bicycle", path),
            import_strategy="UPDATE",
            on_error="continue",
            name=HOSTILE,
        )
        center.templates.save(HOSTILE, plan)
        head = center.files.read_head(path)
        parts = ["installations", "files", "mappings", "tasks", "templates", "repair"]
        yield {
            "center": center,
            **{name: getattr(center, name) for name in parts},
            "connection": center.installations["Sample source"],
            "opened": opened,
            "entity type": bicycle,
            "field": bicycle.fields[0],
            "task": task,
            "counts": task.counts,
            "outcome": next(task.outcomes()),
            "plan": plan,
            "template": center.templates.get(HOSTILE),
            "policy": dmc.Policy(error_strategy="continue"),
            "options": RunOptions(error_limit="5"),
            "limit": ErrorLimit(records=5),
            "mapping": dmc.Mapping(dmc.FieldMapping("", "model", constant=HOSTILE)),
            "pair": dmc.FieldMapping("", "model", constant=HOSTILE),
            "reading": dmc.ReadingOptions(delimiter=";"),
            "selection": dmc.Selection(entity_types=HOSTILE),
            "choices": dmc.MergeChoices(only=HOSTILE),
            "head": head,
            "preview": center.files.preview_records("Sample source", plan, head),
            "difference": center.installations.differences(
                "Sample source", "Sample target"
            )[0],
        }
        opened.close()


KINDS = [
    *("center", "installations", "files", "mappings", "tasks", "templates", "repair"),
    *("connection", "opened", "entity type", "field", "task", "counts", "outcome"),
    *("plan", "template", "policy", "options", "limit", "mapping", "pair", "reading"),
    *("selection", "choices", "head", "preview", "difference"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_shows_itself(values: dict[str, Any], kind: str) -> None:
    """A repr is one line that names what it is; markup in values stays text."""
    value = values[kind]
    line, table = repr(value), value._repr_html_()

    assert "\n" not in line
    assert " object at 0x" not in line
    assert "<img" not in table
    assert unescape(table) != ""
    assert dir(value)


SURFACE = [
    *(dmc.Center, TaskHandle, OpenInstallation, Installations, Files, Mappings, Tasks),
    *(Templates, Repair, History, Notifications, Drafts, Differences),
    VerificationReport,
]
HANDLES = frozenset({"Installation", "Upload"})
"""What is opened and worked with, rather than looked at."""


def returned_classes() -> Iterator[type]:
    """Yield the classes of this package that a public method or property returns."""
    for owner in SURFACE:
        for name in dir(owner):
            member: Any = inspect.getattr_static(owner, name)
            function: Any = member.fget if isinstance(member, property) else member
            function = getattr(function, "__func__", function)
            result = getattr(function, "__annotations__", {}).get("return", "")
            if name.startswith("_") or not inspect.isfunction(function):
                continue
            function = inspect.unwrap(function)
            for word in re.findall(r"[A-Z]\w+", str(result)):
                found = function.__globals__.get(word)
                if inspect.isclass(found) and "dmc_widgets" in found.__module__:
                    yield found


RETURNED = sorted(
    {x for x in returned_classes() if not issubclass(x, Enum)} - {*SURFACE},
    key=lambda x: (x.__name__, x.__module__),
)


@pytest.mark.parametrize("returned", RETURNED, ids=lambda x: x.__name__)
def test_what_the_center_returns_has_a_table(returned: type) -> None:
    """In a notebook; and a line of its own in a terminal."""
    assert hasattr(returned, "_repr_html_") or returned.__name__ in HANDLES
    plain: Any = object.__repr__
    assert returned.__repr__ is not plain or returned.__name__ in HANDLES


def test_the_walk_over_the_surface_finds_what_is_returned() -> None:
    names = {x.__name__ for x in RETURNED}

    assert {"Task", "Template", "Draft", "Difference", "PackageReport"} <= names
    assert {"LogEntry", "RepairCheck", "Suggestion", "EntityType"} <= names


def test_named_tuples_and_parts_are_escaped_and_cut() -> None:
    group = FailureGroup(2, "TypeMismatch", HOSTILE, HOSTILE * 9, "wrong")
    entry = LogEntry(at="2026-11-29", kind="info", text=HOSTILE)
    mend = Mend({("secret",): SealedValue("abc")})

    for value in (group, entry, mend):
        assert "<img" not in value._repr_html_()
    assert "…" in group._repr_html_()
    assert "abc" not in repr(mend) + mend._repr_html_()


def test_defaults_are_left_out_of_a_line() -> None:
    assert repr(dmc.FieldMapping("a", "b")) == "FieldMapping(source='a', target='b')"
    assert repr(dmc.ReadingOptions(delimiter=";")) == "ReadingOptions(delimiter=';')"
    assert repr(RunOptions()) == "RunOptions()"
