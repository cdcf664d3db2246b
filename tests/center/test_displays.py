"""What the façade returns shows itself: one line, and an escaped table."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest

import dmc_widgets as dmc
from dmc_widgets.model.error_limit import ErrorLimit
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


def test_defaults_are_left_out_of_a_line() -> None:
    assert repr(dmc.FieldMapping("a", "b")) == "FieldMapping(source='a', target='b')"
    assert repr(dmc.ReadingOptions(delimiter=";")) == "ReadingOptions(delimiter=';')"
    assert repr(RunOptions()) == "RunOptions()"
