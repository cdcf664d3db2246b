"""The one check of an import plan, through which every face goes."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.model.mapping import FieldMapping, Mapping, mapping_from_dict
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.preview import PlanCheck
from dmc_widgets.model.reading_options import ReadingOptions
from dmc_widgets.model.strategies import ImportStrategy, Policy, UpdateStrategy
from dmc_widgets.model.task import Counts
from dmc_widgets.ports import Query
from dmc_widgets.tasks.imports import file_head as file_fields
from dmc_widgets.workspace import Workspace
from tests.tasks.gallery import write as write_items

pytestmark = pytest.mark.usefixtures("in_this_process")

MUST_MAP = "You must map at least one field and all required fields before continuing."
FURTHER_DOWN = (
    "If the names of the columns stand further down, skip the lines above them."
)
ERC = "externalReferenceCode"
CONTACT = {
    ERC: "CONTACT",
    "label": {"en_US": "Contact"},
    "name": "Contact",
    "objectFields": [
        {
            "DBType": "String",
            "businessType": "Text",
            "label": {"en_US": name.capitalize()},
            "name": name,
            "required": False,
        }
        for name in ("city", "phone")
    ],
    "pluralLabel": {"en_US": "Contacts"},
    "scope": "company",
    "status": {"code": 0},
}
PAIRS = (FieldMapping("code", ERC), FieldMapping("Phone", "phone"))


@pytest.fixture
def contacts(workspace: Workspace, center: Center, tmp_path: Path) -> Center:
    """An installation named contacts, which holds two with their phone numbers."""
    url = f"sqlite:///{tmp_path / 'contacts.db'}"
    installation = connect(url)
    write_items(installation, "ObjectDefinition", CONTACT)
    write_items(
        installation,
        "Contact",
        {ERC: "C-1", "phone": "111"},
        {ERC: "C-2", "phone": "222"},
    )
    installation.close()
    workspace.connections.put("contacts", url)
    return center


def stored(center: Center) -> list[tuple[str, Any]]:
    with connect_to(center) as installation:
        key = center.installations.entity_type("contacts", "Contact")
        return [(x[ERC], x.get("phone")) for x in installation.read(key, Query())]


def connect_to(center: Center) -> Any:
    (found,) = [x for x in center.installations.list() if x.name == "contacts"]
    return closing(connect(found.url))


def table(path: Path, *lines: list[Any]) -> Path:
    """Write *lines* in the format that the path's name says."""
    names, *rows = lines
    if path.suffix == ".csv":
        text = "\n".join(",".join(map(str, line)) for line in lines)
        path.write_text(text + "\n")
    elif path.suffix == ".xlsx":
        with import_module("xlsxwriter").Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, line in enumerate(lines):
                sheet.write_row(number, 0, line)
    elif path.suffix == ".jsonl":
        items = [dict(zip(names, row, strict=True)) for row in rows]
        path.write_bytes(b"".join(orjson.dumps(item) + b"\n" for item in items))
    else:
        items = [dict(zip(names, row, strict=True)) for row in rows]
        path.write_bytes(orjson.dumps(items))
    return path


SUFFIXES = ["csv", "xlsx", "json", "jsonl"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("pairs", "missing", "filled"),
    [
        pytest.param(PAIRS, "Phone", "phone", id="a-field"),
        pytest.param(
            (FieldMapping("Code", ERC), FieldMapping("phone", "phone")),
            "Code",
            ERC,
            id="the-external-reference-code",
        ),
        pytest.param(
            (FieldMapping("code", ERC), FieldMapping("home.city", "city")),
            "home.city",
            "city",
            id="a-part-of-a-nested-field",
        ),
        pytest.param(
            (
                FieldMapping("code", ERC),
                FieldMapping("", "phone", expression='record["Phone"] + "0"'),
            ),
            "Phone",
            "phone",
            id="a-field-in-an-expression",
        ),
        pytest.param(
            (FieldMapping("code", ERC), FieldMapping("Phone", "phone", if_empty="-")),
            "Phone",
            "phone",
            id="a-default-for-empty-values-alone",
        ),
        pytest.param(
            (
                FieldMapping("code", ERC),
                FieldMapping("Phone", "phone", values=(("111", "999"),)),
            ),
            "Phone",
            "phone",
            id="mapped-values",
        ),
    ],
)
def test_missing_source_is_refused_before_anything_changes(  # noqa: PLR0917
    contacts: Center,
    tmp_path: Path,
    suffix: str,
    pairs: tuple[FieldMapping, ...],
    missing: str,
    filled: str,
) -> None:
    path = table(
        tmp_path / f"a.{suffix}", ["code", "phone"], ["C-1", "1"], ["C-2", "2"]
    )
    plan = ImportPlan(entity_type="Contact", mapping=Mapping(pairs))

    with pytest.raises(InvalidPlan) as caught:
        contacts.tasks.start_import("contacts", plan, path)

    what = "field" if "json" in suffix else "column"
    close = {"Phone": "'phone', 'code'", "Code": "'code', 'phone'"}
    known = close.get(missing, "'code', 'phone'")
    assert str(caught.value) == (
        f"a.{suffix} has no {what} {missing!r}, from which the mapping fills "
        f"{filled!r}. Its {what}s: {known}. Correct the name; where the field may be "
        "missing, give it if_missing."
    )
    with pytest.raises(InvalidPlan, match="has no"):
        contacts.files.preview("contacts", plan, path)
    assert contacts.tasks.list() == []
    assert stored(contacts) == [("C-1", "111"), ("C-2", "222")]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "pair",
    [
        pytest.param(FieldMapping("Phone", "phone", if_missing="-"), id="if-missing"),
        pytest.param(FieldMapping("", "phone", constant="-"), id="a-constant"),
        pytest.param(
            FieldMapping(
                "", "phone", expression='"Phone" in record ? record["Phone"] : "-"'
            ),
            id="an-expression-that-asks",
        ),
        pytest.param(
            FieldMapping(
                "", "phone", expression='has(record.Phone) ? record.Phone : "-"'
            ),
            id="an-expression-that-asks-with-has",
        ),
        pytest.param(
            FieldMapping("", "phone", expression='["-"].map(x, x)[0]'),
            id="a-name-of-the-expression-itself",
        ),
    ],
)
def test_pair_with_a_default_may_lack_its_source(
    contacts: Center, tmp_path: Path, suffix: str, pair: FieldMapping
) -> None:
    path = table(tmp_path / f"a.{suffix}", ["code", "phone"], ["C-1", "1"])
    plan = ImportPlan(
        entity_type="Contact", mapping=Mapping((FieldMapping("code", ERC), pair))
    )

    assert contacts.files.check_import("contacts", plan, path) == PlanCheck()
    frame = contacts.files.preview("contacts", plan, path)
    assert list(frame["target"]["phone"]) == ["-"]


def test_part_of_a_nested_column_is_known_from_the_header(
    contacts: Center, tmp_path: Path
) -> None:
    """Below a header everything may be empty; its names hold all the same."""
    path = table(tmp_path / "a.csv", ["code", "home.city"], ["C-1", ""])
    mapping = Mapping((FieldMapping("code", ERC), FieldMapping("home.city", "city")))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)
    slip = Mapping((FieldMapping("code", ERC), FieldMapping("home.ctiy", "city")))

    assert contacts.files.check_import("contacts", plan, path).problems == ()
    check = contacts.files.check_import("contacts", replace(plan, mapping=slip), path)
    assert check.problems[0].startswith(
        "a.csv has no column 'home.ctiy', from which the mapping fills 'city'. "
        "Its columns: 'home.city', "
    )


LATE = [{"code": f"C-{number}"} for number in range(250)] + [
    {"code": "C-250", "phone": "1", "home": {"city": "Ulm"}}
]


@pytest.mark.parametrize("source", ["phone", "home.city"])
@pytest.mark.parametrize("suffix", ["json", "jsonl"])
def test_field_of_a_late_record_is_found(
    contacts: Center, tmp_path: Path, suffix: str, source: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    lines = b"\n".join(map(orjson.dumps, LATE))
    path.write_bytes(lines if suffix == "jsonl" else orjson.dumps(LATE))
    mapping = Mapping((FieldMapping("code", ERC), FieldMapping(source, "phone")))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)

    check = contacts.files.check_import("contacts", plan, path)
    assert check.problems == ()
    assert check.warnings == (
        "Overwrite Records empties what the file leaves out: 2 of the first 100 "
        "records would lose a stored value of 'phone'. Choose Update Changed Record "
        "Fields to keep them.",
    )


def test_search_for_a_field_is_bounded(
    contacts: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond it the pair has to state a default for records without the field."""
    monkeypatch.setattr(file_fields, "_MAX_SEARCH_BYTES", 400_000)
    path = tmp_path / "a.jsonl"
    items = [{"code": f"C-{number}", "city": "x" * 500} for number in range(2_000)]
    path.write_bytes(b"\n".join(map(orjson.dumps, [*items, {"phone": "1"}])))
    mapping = Mapping((FieldMapping("code", ERC), FieldMapping("phone", "phone")))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)

    (problem,) = contacts.files.check_import("contacts", plan, path).problems

    assert problem.startswith("a.jsonl, of which ")
    assert " records were searched, has no field 'phone', from which " in problem
    covered = mapping.with_pairs([FieldMapping("phone", "phone", if_missing=None)])
    plan = replace(plan, mapping=covered)
    assert contacts.files.check_import("contacts", plan, path) == PlanCheck()


def test_required_field_beyond_the_searched_part_is_no_problem(
    center: Center, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_fields, "_MAX_SEARCH_BYTES", 400_000)
    path = tmp_path / "a.jsonl"
    items = [{ERC: f"T-{number}", "priority": 1} for number in range(20_000)]
    path.write_bytes(b"\n".join(map(orjson.dumps, items)))
    plan = ImportPlan(entity_type="Ticket")

    assert center.files.check_import("target", plan, path) == PlanCheck()

    monkeypatch.undo()
    (problem,) = center.files.check_import("target", plan, path).problems
    assert problem.startswith(f"{MUST_MAP} Nothing fills: 'title'. ")


def test_parts_of_a_null_object_are_not_missing(
    contacts: Center, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    mapping = Mapping((FieldMapping("code", ERC), FieldMapping("home.city", "city")))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)
    path.write_text(json.dumps([{"code": "C-1", "home": None}]))

    assert contacts.files.check_import("contacts", plan, path).problems == ()

    path.write_text(json.dumps([{"code": "1", "home": None}, {"home": {"town": 1}}]))
    (problem,) = contacts.files.check_import("contacts", plan, path).problems
    assert "has no field 'home.city'" in problem


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_without_any_matching_field_is_refused(
    contacts: Center, tmp_path: Path, suffix: str
) -> None:
    """Such a file made entries of nothing, although no field is required."""
    path = table(tmp_path / f"a.{suffix}", ["Nummer", "Ort"], ["1", "Ulm"])

    (problem,) = contacts.files.check_import(
        "contacts", ImportPlan(entity_type="Contact"), path
    ).problems

    what, hint = "fields", ""
    if "json" not in suffix:
        what, hint = "columns", f" {FURTHER_DOWN}"
    assert problem == (
        f"{MUST_MAP} The {what} of a.{suffix}: 'Nummer', 'Ort'. None of them has the "
        f"name of a field of C_Contact.{hint}"
    )


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_without_headers_needs_a_mapping(
    contacts: Center, tmp_path: Path, suffix: str
) -> None:
    path = table(tmp_path / f"a.{suffix}", ["C-1", "1"], ["C-2", "2"])
    plan = ImportPlan(entity_type="Contact", reading=ReadingOptions(headers=False))

    (problem,) = contacts.files.check_import("contacts", plan, path).problems
    assert problem.startswith(f"{MUST_MAP} The columns of a.{suffix}: '0', '1'. ")

    mapping = Mapping((FieldMapping("0", ERC), FieldMapping("1", "phone")))
    plan = replace(plan, mapping=mapping)
    assert contacts.files.check_import("contacts", plan, path) == PlanCheck()
    task = contacts.tasks.start_import("contacts", plan, path)
    assert contacts.tasks.wait(task.id, timeout_s=60).counts == Counts(updated=2)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_unfilled_required_fields_are_named(
    center: Center, tmp_path: Path, suffix: str
) -> None:
    path = table(tmp_path / f"a.{suffix}", [ERC, "priority"], ["T-1", 1])

    (problem,) = center.files.check_import(
        "target", ImportPlan(entity_type="Ticket"), path
    ).problems

    assert problem.startswith(f"{MUST_MAP} Nothing fills: 'title'. ")


@pytest.mark.parametrize(
    ("policy", "needed"),
    [
        (
            Policy(import_strategy=import_strategy, update_strategy=update_strategy),
            needed,
        )
        for import_strategy, update_strategy, needed in (
            (ImportStrategy.INSERT, UpdateStrategy.UPDATE, True),
            (ImportStrategy.INSERT, UpdateStrategy.PARTIAL_UPDATE, True),
            (ImportStrategy.UPSERT, UpdateStrategy.UPDATE, True),
            (ImportStrategy.UPSERT, UpdateStrategy.PARTIAL_UPDATE, False),
            (ImportStrategy.UPDATE, UpdateStrategy.UPDATE, True),
            (ImportStrategy.UPDATE, UpdateStrategy.PARTIAL_UPDATE, False),
        )
    ],
    ids=lambda value: (
        f"{value.import_strategy}-{value.update_strategy}"
        if isinstance(value, Policy)
        else None
    ),
)
@pytest.mark.parametrize("explicit", [True, False])
def test_partial_update_needs_no_required_fields(
    center: Center, tmp_path: Path, policy: Policy, *, needed: bool, explicit: bool
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "priority"], ["T-1", 1])
    pairs = (FieldMapping(ERC, ERC), FieldMapping("priority", "priority"))
    mapping = Mapping(pairs if explicit else (), same_names=not explicit)
    plan = ImportPlan(entity_type="Ticket", mapping=mapping, policy=policy)

    problems = center.files.check_import("target", plan, path).problems

    assert [problem.startswith(MUST_MAP) for problem in problems] == [True] * needed


def test_required_field_of_a_late_record_is_found(
    center: Center, tmp_path: Path
) -> None:
    """Records without it fail on their own."""
    path = tmp_path / "a.jsonl"
    items = [{ERC: f"T-{number}"} for number in range(200)] + [{"title": "Leak"}]
    path.write_bytes(b"\n".join(map(orjson.dumps, items)))

    check = center.files.check_import("target", ImportPlan(entity_type="Ticket"), path)

    assert check == PlanCheck()


@pytest.mark.parametrize(
    ("status", "pairs", "refused"),
    [
        ({"code": 2}, None, False),
        ({"code": 0}, None, True),
        ("x", (FieldMapping("", "status", constant=2),), False),
        ("x", (FieldMapping("status", "status", values=(("x", 2),)),), False),
        ({"code": 2}, (FieldMapping(ERC, ERC),), True),
    ],
)
def test_drafts_need_no_required_fields(
    center: Center,
    tmp_path: Path,
    status: Any,
    pairs: tuple[FieldMapping, ...] | None,
    *,
    refused: bool,
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{ERC: "T-1", "status": status}]))
    mapping = Mapping(pairs or (), same_names=pairs is None)
    plan = ImportPlan(entity_type="Ticket", mapping=mapping)

    problems = center.files.check_import("target", plan, path).problems

    assert [problem.startswith(MUST_MAP) for problem in problems] == [True] * refused


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.json", "[]", "a.json holds no record."),
        (
            "a.csv",
            "T-1,Leak\n",
            "a.csv holds no record: its only line with a value was taken for the names "
            "of the columns, 'T-1', 'Leak'. If that is a record, say that the file has "
            "no headers.",
        ),
        (
            "a.csv",
            "title,priority\n,\n",
            "a.csv holds no record: its only line with a value was taken for the names "
            "of the columns, 'title', 'priority'. If that is a record, say that the "
            "file has no headers.",
        ),
    ],
)
def test_a_file_without_records_is_refused(
    center: Center, tmp_path: Path, name: str, content: str, problem: str
) -> None:
    path = tmp_path / name
    path.write_text(content)

    check = center.files.check_import("target", ImportPlan(entity_type="Ticket"), path)

    assert check.problems == (problem,)


def test_workbook_with_only_a_header_is_refused(center: Center, tmp_path: Path) -> None:
    path = table(tmp_path / "a.xlsx", ["title", "priority"])

    (problem,) = center.files.check_import(
        "target", ImportPlan(entity_type="Ticket"), path
    ).problems

    assert problem.startswith("a.xlsx holds no record: its only line with a value was ")
    assert "'title', 'priority'" in problem


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    ("slip", "meant"),
    [("ExternalReferenceCode", ERC), ("Phone", "phone"), ("PHONE ", "phone")],
)
def test_almost_matching_name_is_refused(
    contacts: Center, tmp_path: Path, suffix: str, slip: str, meant: str
) -> None:
    """By same names it would fill nothing: entries doubled, phone numbers emptied."""
    other = "phone" if meant == ERC else ERC
    path = table(tmp_path / f"a.{suffix}", [other, slip], ["C-1", "1"])

    problems = contacts.files.check_import(
        "contacts", ImportPlan(entity_type="Contact"), path
    ).problems

    seen = slip if "json" in suffix else slip.strip()
    assert problems == (
        f"{seen!r} of a.{suffix} would be left out, and C_Contact has a field "
        f"{meant!r}, which nothing fills. Correct the name in the file, or map the "
        "field.",
    )


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_almost_matching_names_are_named_once(
    contacts: Center, tmp_path: Path, suffix: str
) -> None:
    """One sentence for all of them, and no warning that they are left out besides."""
    path = table(tmp_path / f"a.{suffix}", ["Phone", "City", "Fax"], ["1", "2", "3"])

    check = contacts.files.check_import(
        "contacts", ImportPlan(entity_type="Contact"), path
    )

    what = "fields" if "json" in suffix else "columns"
    assert check == PlanCheck(
        (
            f"{MUST_MAP} The {what} of a.{suffix}: 'Phone', 'City', 'Fax'.",
            f"'City', 'Phone' of a.{suffix} would be left out, and C_Contact has the "
            "fields 'city', 'phone', which nothing fills. Correct the names in the "
            "file, or map the fields.",
        ),
        ("C_Contact has no fields of these names, so they are left out: Fax.",),
    )


def test_each_unknown_target_is_a_problem(contacts: Center, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", [ERC, "phone"], ["C-1", "1"])
    mapping = Mapping((FieldMapping("phone", "fone"), FieldMapping(ERC, "code")))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)

    one, two = contacts.files.check_import("contacts", plan, path).problems

    assert one == "C_Contact has no field 'code' to import into."
    assert two.startswith("C_Contact has no field 'fone' to import into. Known: ")


def test_left_out_fields_are_named_before_the_start(
    contacts: Center, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "phone", "Fax"], ["C-3", "333", "x"])
    plan = ImportPlan(entity_type="Contact")
    warning = "C_Contact has no fields of these names, so they are left out: Fax."

    assert contacts.files.check_import("contacts", plan, path) == PlanCheck(
        (), (warning,)
    )
    assert contacts.files.preview("contacts", plan, path).attrs["warnings"] == [warning]
    task = contacts.tasks.start_import("contacts", plan, path)
    assert task.notes == (warning,)
    assert contacts.tasks.wait(task.id, timeout_s=60).notes == (warning,)


def test_mapping_without_codes_gives_a_warning(
    contacts: Center, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "phone"], ["C-1", "1"])
    mapping = Mapping((FieldMapping("phone", "phone"),))
    plan = ImportPlan(entity_type="Contact", mapping=mapping)

    assert contacts.files.check_import("contacts", plan, path).warnings == (
        "The mapping leaves externalReferenceCode out, so every record is added as a "
        "new one, and added again when the file is imported again.",
    )


def test_file_of_unreadable_lines_passes_the_check(
    center: Center, tmp_path: Path
) -> None:
    """The records fail, each with its reason."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": \n{"title" \n')

    check = center.files.check_import("target", ImportPlan(entity_type="Ticket"), path)

    assert check == PlanCheck()


def test_package_file_with_a_wrong_mapping_fails(
    contacts: Center, tmp_path: Path
) -> None:
    for name, source in (("1", "Phone"), ("2", "phone")):
        configuration = {
            "className": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
            "taskItemDelegateName": "C_Contact",
            "fieldNameMappingMap": {ERC: ERC, source: "phone"},
            "parameters": {"createStrategy": "UPSERT"},
        }
        items = [{ERC: "C-1", "phone": name}]
        path = tmp_path / "package" / f"{name}.batch-engine-data.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"configuration": configuration, "items": items}))

    first, second = contacts.tasks.import_package("contacts", tmp_path / "package")

    assert (first.task, first.failed) == (None, True)
    assert "has no field 'Phone', from which the mapping fills 'phone'" in first.reason
    assert second.task is not None
    assert second.task.counts == Counts(updated=1)


def test_package_file_without_items_is_skipped(
    contacts: Center, tmp_path: Path
) -> None:
    configuration = {
        "className": "com.liferay.object.rest.dto.v1_0.ObjectEntry",
        "taskItemDelegateName": "C_Contact",
    }
    path = tmp_path / "package" / "1.batch-engine-data.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"configuration": configuration, "items": []}))

    (step,) = contacts.tasks.import_package("contacts", tmp_path / "package")

    assert (step.task, step.failed) == (None, False)
    assert step.reason == "1.batch-engine-data.json holds no record."


def test_mapping_as_data_is_checked_alike(contacts: Center, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["code", "phone"], ["C-1", "1"])
    mapping = mapping_from_dict({"fields": {ERC: "code", "phone": "Phone"}})
    plan = ImportPlan(entity_type="Contact", mapping=mapping)

    (problem,) = contacts.files.check_import("contacts", plan, path).problems

    assert problem.startswith("a.csv has no column 'Phone'")


@pytest.mark.parametrize(
    ("record", "refused"), [({"name_i18n": {"en_US": "x"}}, False), ({}, True)]
)
def test_picklist_name_comes_from_its_translations(
    center: Center, tmp_path: Path, record: dict[str, Any], *, refused: bool
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{ERC: "COLOURS", **record}]))
    plan = ImportPlan(entity_type="ListTypeDefinition")

    problems = center.files.check_import("target", plan, path).problems

    assert [problem.startswith(MUST_MAP) for problem in problems] == [True] * refused


def test_status_of_another_system_is_left_out_with_a_warning(
    contacts: Center, tmp_path: Path
) -> None:
    path = table(tmp_path / "a.csv", [ERC, "Status"], ["C-9", "open"])

    check = contacts.files.check_import(
        "contacts", ImportPlan(entity_type="Contact"), path
    )

    left_out = "C_Contact has no fields of these names, so they are left out: Status."
    assert check == PlanCheck((), (left_out,))
