"""Entries with a field of every type leave one installation and arrive in another.

Whatever can be stored comes back as it was, in every format. What a table cannot say,
and what each installation settles for itself, stands in this file and nowhere else:
a table knows no empty text, has no columns for categories, and only names a file.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dmc_widgets import ExportPlan, ImportPlan
from dmc_widgets.formats import FORMATS
from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.task import Task, TaskStatus
from dmc_widgets.ports import Item
from dmc_widgets.tasks.task_files import exported_path, original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.testing.samples import kinds, read, type_named, write
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.factories import field_settings
from tests.tasks import gallery

OWN = {"creator", "dateCreated", "dateModified", "id"}
"""What an installation settles for itself."""

TABLES = {"CSV", "XLSX"}


def more_fields(definition: Item, *fields: Item, **others: Any) -> Item:
    return {
        **definition,
        "objectFields": [*definition["objectFields"], *fields],
        **others,
    }


MOOD = {"defaultValueType": "inputAsValue", "defaultValue": "red"}
COUNT = {"objectRelationshipName": "pictures", "function": "COUNT"}
DOUBLE = {"script": "rank * 2", "output": "Integer"}
KEY: Item = {
    "deletionType": "prevent",
    "externalReferenceCode": "ROOM-KEY",
    "label": {"en_US": "Key"},
    "name": "key",
    "objectDefinitionExternalReferenceCode1": "ROOM",
    "objectDefinitionExternalReferenceCode2": "PICTURE",
    "objectDefinitionName2": "Picture",
    "type": "oneToOne",
}


def field(name: str, kind: str, stated: Item, **others: Any) -> Item:
    return gallery.field(
        name, kind, objectFieldSettings=field_settings(**stated), **others
    )


ROOM = more_fields(
    gallery.ROOM,
    field("count", "Aggregation", COUNT),
    objectRelationships=[*gallery.ROOM["objectRelationships"], KEY],
)
PICTURE = more_fields(
    gallery.PICTURE,
    field("mood", "Picklist", MOOD, required=True, state=True, **gallery.COLOURS),
    field("double", "Formula", DOUBLE),
    enableLocalization=True,
)
NOTE: Item = {
    "externalReferenceCode": "NOTE",
    "name": "Note",
    "label": {"en_US": "Note"},
    "pluralLabel": {"en_US": "Notes"},
    "scope": "site",
    "status": {"code": 0},
    "objectFields": [gallery.field("text", "LongText", "Clob")],
}

# Values

TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"),
    max_size=30,
) | st.sampled_from(
    [
        *("=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "'=1", "'tis", "''"),
        *('"', '"x"', '"a","b"', "a,b;c|d", "x\r\ny\nz\r", " x ", "\u2028\x85\x0b"),
        *("007", "1e5", "true", "null", "NaN", "2024-01-02", "[]", '{"a":1}'),
        *("_x000D_", "<r>x</r>", "<script>&amp;", "\x00\x1f", "\ufeffx"),
        *("😀\U0010ffff", "\u202etxt.exe", "שלום عربى", "sep=;", "#N/A"),
    ]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=14).filter(
    lambda number: abs(number) < 10**16
)
MOMENTS = st.datetimes(
    datetime.fromisoformat("0001-01-02"), datetime.fromisoformat("9999-12-30")
).map(lambda each: each.isoformat(timespec="milliseconds"))
KEYS = st.sampled_from(["red", "blue"])
ROOMS = st.sampled_from(["R-1", "R-2"])


def scan(content: bytes) -> Item:
    encoded = import_module("base64").b64encode(content).decode()
    return {"fileBase64": encoded, "name": "a b.png"}


FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "caption_i18n": st.dictionaries(st.sampled_from(["en_US", "de_DE"]), TEXTS),
    "colour": KEYS,
    "hung": MOMENTS.map(lambda each: f"{each}Z"),
    "keywords": st.lists(st.sampled_from(["a", "b,c", "=ü", 'q"', "[]"]), unique=True),
    "notes": TEXTS,
    "opened": MOMENTS,
    "painted": st.dates(date(1, 1, 1)).map(str) | st.sampled_from(["1899-12-31"]),
    "price": NUMBERS | st.sampled_from([Decimal("-12345678901234.0123456789012345")]),
    "r_pictures_c_roomERC": ROOMS,
    "rank": st.integers(-(2**31), 2**31 - 1),
    "scan": st.binary(min_size=1, max_size=20).map(scan),
    "secret": TEXTS.filter(lambda text: not text or text.strip()),
    "shown": st.booleans(),
    "shownIn": st.lists(ROOMS, unique=True).map(
        lambda codes: [{"externalReferenceCode": code} for code in codes]
    ),
    "story": TEXTS,
    "tones": st.lists(KEYS, unique=True).map(
        lambda keys: [{"key": key} for key in keys]
    ),
    "views": st.integers(-(2**53) + 1, 2**53 - 1),
    "weight": st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([5e-324, -1.7976931348623157e308]),
}
PICTURES = st.lists(
    st.fixed_dictionaries(
        {"title": TEXTS.map("t{}".format), "mood": KEYS},
        optional={name: st.none() | values for name, values in FIELDS.items()},
    ),
    min_size=1,
    max_size=6,
)

# Moving


class Stage:
    """A workspace, and two installations that begin anew for each example."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        self.workspace = Workspace(folder / "workspace")
        self.workspace.save_setting("furnished", "yes")
        first = connect(f"sqlite:///{folder / 'empty.db'}")
        made = [
            *write(first, "ListTypeDefinition", gallery.PICKLIST),
            *write(first, "ObjectDefinition", ROOM, PICTURE, NOTE),
        ]
        first.close()
        assert kinds(made) == [OutcomeKind.CREATED] * 4, made

    def fresh(self) -> tuple[str, str]:
        """Return the addresses of two installations with definitions alone."""
        number = next(self._numbers)
        urls = []
        for name in ("source", "target"):
            path = self._folder / f"{name}-{number}.db"
            shutil.copy(self._folder / "empty.db", path)
            self.workspace.connections.put(name, f"sqlite:///{path}")
            urls.append(f"sqlite:///{path}")
        return urls[0], urls[1]

    def move(self, entity: str, format_: str, fields: tuple[str, ...] | None) -> Task:
        """Export from the source, import into the target; return the import."""
        export = ExportPlan(entity_type=entity, format=format_, fields=fields)
        done = self._run("source", export)
        assert done.status is TaskStatus.COMPLETED, done.error
        plan = ImportPlan(entity_type=entity, new_sites=True)
        return self._run("target", plan, exported_path(self.workspace, done))

    def _run(
        self, place: str, plan: ExportPlan | ImportPlan, file: Path | None = None
    ) -> Task:
        task = self.workspace.tasks.add(place, plan, "export.zip" if file else "")
        if file:
            copy_into_workspace(
                file, original_path(self.workspace, task), consume=False
            )
        run_task(self.workspace, task.id)
        return self.workspace.tasks.get(task.id)

    def why(self, task: Task) -> list[Any]:
        """Say what went wrong in an import."""
        return [task.error, *self.workspace.outcomes.failures(task.id)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "DMC_ENCRYPTION_KEY", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
        )
        made = Stage(tmp_path_factory.mktemp("stage"))
        yield made
        made.workspace.close()


every_format = pytest.mark.parametrize(
    "format_", ["JSON", "JSONL", "JSONT", "CSV", "PARQUET", "XLSX"]
)


def stored(url: str, entity: str, left_out: set[str]) -> list[Item]:
    """Read all that is comparable, files by name and content."""
    installation = connect(url)
    items = read(installation, entity)
    installation.close()
    for item in items:
        for name in item.keys() & (OWN | left_out):
            del item[name]
        for name in [each for each in item if each.endswith("Id")]:
            del item[name]  # a parent's, which each installation numbers itself
        if item.get("scan"):
            item["scan"] = {
                key: item["scan"][key]
                for key in ("externalReferenceCode", "fileBase64", "name", "mimeType")
            }
    return items


def without_empty_texts(value: Any) -> Any:
    """Leave out what no cell can tell from one that is empty, languages included."""
    if isinstance(value, dict):
        kept = {key: without_empty_texts(each) for key, each in value.items()}
        return {key: kept[key] for key in kept if kept[key] is not None} or None
    return None if value == "" else value


@every_format
@settings(max_examples=8, deadline=None, phases=[Phase.generate])
@given(pictures=PICTURES)
def test_stored_values_survive_a_round_trip(
    stage: Stage, format_: str, pictures: list[Item]
) -> None:
    """Null stays null, and what was absent stays so, with every digit and character."""
    source, target = stage.fresh()
    installation = connect(source)
    rooms = [{"externalReferenceCode": f"R-{n}", "name": "=R"} for n in (1, 2)]
    coded = [
        {**each, "externalReferenceCode": f"P,{n}", "code": f"'{n}"}
        for n, each in enumerate(pictures)
    ]
    coded[0]["r_key_c_roomERC"] = "R-2"
    written = [
        *write(installation, "C_Room", *rooms),
        *write(installation, "C_Picture", *coded),
    ]
    names = list(read(installation, "C_Picture")[0])
    kind = type_named(installation, "C_Picture")
    installation.close()
    assert {each.kind for each in written} == {OutcomeKind.CREATED}, written

    info = FORMATS[format_].info
    left_out = {field.name for field in kind.fields if not info.can_hold(field)}
    left_out |= {"scan"} if info.is_table else set()
    fields = tuple(name for name in names if name not in left_out)
    done = stage.move("C_Room", format_, ("externalReferenceCode", "name"))
    assert done.counts.created == 2, stage.why(done)
    done = stage.move("C_Picture", format_, fields)
    assert done.counts.created == len(pictures), stage.why(done)

    before = stored(source, "C_Picture", left_out)
    after = stored(target, "C_Picture", left_out)
    if format_ in TABLES:
        before, after = (
            [
                {key: without_empty_texts(value) for key, value in item.items()}
                for item in items
            ]
            for items in (before, after)
        )
    assert after == before
    assert stored(target, "C_Room", set()) == stored(source, "C_Room", set())


@every_format
def test_two_sites_may_hold_the_same_code(stage: Stage, format_: str) -> None:
    source, target = stage.fresh()
    notes = [
        {"externalReferenceCode": "N", "scopeKey": site, "text": f"=in {site}"}
        for site in ("Guest", "Intranet, 2")
    ]
    installation = connect(source)
    assert kinds(write(installation, "C_Note", *notes)) == [OutcomeKind.CREATED] * 2
    installation.close()

    done = stage.move("C_Note", format_, None)

    assert done.counts.created == 2, stage.why(done)
    assert stored(target, "C_Note", set()) == stored(source, "C_Note", set())
