"""Random plans over random files: the preview, the run and a second run agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan
from dmc_widgets.installations import connect
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.tasks.gallery import write as write_items
from tests.tasks.imports.test_import_preflight import table

ERC = "externalReferenceCode"
CREATED, UPDATED = OutcomeKind.CREATED, OutcomeKind.UPDATED
UNCHANGED, FAILED = OutcomeKind.UNCHANGED, OutcomeKind.FAILED
TYPES = {
    "title": ("Text", "String"),
    "amount": ("Integer", "Integer"),
    "price": ("Decimal", "Double"),
    "done": ("Boolean", "Boolean"),
    "due": ("Date", "Date"),
}
THING = {
    ERC: "THING",
    "label": {"en_US": "Thing"},
    "name": "Thing",
    "objectFields": [
        {
            "DBType": column,
            "businessType": type_,
            "label": {"en_US": name},
            "name": name,
            "required": name == "title",
        }
        for name, (type_, column) in TYPES.items()
    ],
    "pluralLabel": {"en_US": "Things"},
    "scope": "company",
    "status": {"code": 0},
}
VALUES: dict[str, list[Any]] = {
    "title": ["Leak", "Smoke", "ü", "Leak ", "=1", "'=1", '"x"', "Leak", None],
    "amount": [0, 7, -3, "12", 5, 6, "abc", None],
    "price": [0.5, 2, "1.25", 3.5, 1e-7, "1,25", None],
    "done": [True, False, "true", None],
    "due": ["2026-01-31", "2026-02-28", "1969-12-31", "soon", None],
}


@dataclass(frozen=True)
class Case:
    """A file and a plan for it. Codes are numbers, to be made unique by a prefix.

    Attributes:
        suffix: Of the file.
        stored: What the target holds before: codes and titles.
        names: The columns, under which the fields stand in the file.
        records: Values by field; what is absent stays so in JSON alone.
        pairs: Explicit pairs; None fills fields of the same name.
    """

    suffix: str
    stored: dict[int, str]
    names: dict[str, str]
    records: list[dict[str, Any]]
    pairs: tuple[FieldMapping, ...] | None
    policy: Policy = field(default_factory=Policy)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    fields = draw(st.lists(st.sampled_from(list(TYPES)), unique=True, min_size=1))
    if "title" not in fields and draw(st.booleans()):
        fields.append("title")
    has_code = draw(st.integers(0, 4)) > 0
    present = [*([ERC] if has_code else []), *fields]
    explicit = draw(st.booleans())
    names = {
        x: (f"col {x}" if explicit and draw(st.booleans()) else x) for x in present
    }
    codes = st.sampled_from([1, 2, 3, 4, None])
    sources = {x: codes if x == ERC else st.sampled_from(VALUES[x]) for x in present}
    sure = {x: sources.pop(x) for x in present if x == "title"}
    sure |= {x: sources.pop(x) for x in present[:1] if x != "title"}
    record = st.fixed_dictionaries(sure, optional=sources)
    return Case(
        suffix=draw(st.sampled_from(["csv", "xlsx", "json", "jsonl"])),
        stored=draw(
            st.dictionaries(st.sampled_from([1, 2, 3, 5]), st.just("Leak"), min_size=1)
        ),
        names=names,
        records=draw(st.lists(record, min_size=1, max_size=5)) if present else [{}],
        pairs=draw(pairs_of(names)) if explicit else None,
        policy=Policy(
            import_strategy=draw(st.sampled_from(list(ImportStrategy))),
            update_strategy=draw(st.sampled_from(list(UpdateStrategy))),
            error_strategy=ErrorStrategy.CONTINUE,
        ),
    )


@st.composite
def pairs_of(draw: st.DrawFn, names: dict[str, str]) -> tuple[FieldMapping, ...]:
    """Draw what fills the fields: most of them as they are, some otherwise."""
    pairs = []
    for target, source in names.items():
        kind = draw(st.sampled_from([*["plain"] * 10, "default", "values", "slip", ""]))
        if kind == "default" and target != ERC:
            value = next(x for x in VALUES[target] if x is not None)
            pair = FieldMapping(source, target, if_missing=value, if_empty=value)
        elif kind == "values" and target == "title":
            pair = FieldMapping(source, target, values=(("Leak", "Flood"),))
        elif kind == "slip":
            pair = FieldMapping(f"{source}s", target)
        elif kind:
            pair = FieldMapping(source, target)
        else:
            continue
        pairs.append(pair)
    if "title" not in names and draw(st.booleans()):
        pairs.append(FieldMapping("", "title", constant="Leak"))
    return tuple(pairs)


@dataclass(frozen=True)
class Bench:
    """One target for all cases; each has codes of its own."""

    workspace: Workspace
    center: Center
    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def store(self, prefix: str, stored: dict[int, str]) -> None:
        if not stored:
            return
        (known,) = self.workspace.connections.all()
        installation = connect(known.url)
        thing = find_entity_type(installation.entity_types(), "Thing")
        items = [{ERC: f"{prefix}{n}", "title": x} for n, x in stored.items()]
        batch = Batch(task=prefix, number=1, items=items, policy=Policy())
        outcomes = installation.write(thing, batch)
        installation.close()
        assert {outcome.kind for outcome in outcomes} == {CREATED}

    def run(self, path: Path, plan: ImportPlan) -> list[OutcomeKind]:
        """Import in this process; return what became of each record."""
        tasks = self.workspace.tasks
        task = tasks.add("things", plan, path.name)
        copy_into_workspace(path, original_path(self.workspace, task), consume=False)
        run_task(self.workspace, task.id)
        ended = tasks.get(task.id)
        assert not ended.error, ended.error
        recorded = self.workspace.outcomes.read(task.id)
        kinds = [outcome.kind for batch in recorded for outcome in batch.outcomes]
        assert ended.counts.total == len(kinds)
        return kinds


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("plans")
    workspace = Workspace(folder / "workspace")
    workspace.save_setting("furnished", "yes")
    url = f"sqlite:///{folder / 'things.db'}"
    installation = connect(url)
    write_items(installation, "ObjectDefinition", THING)
    installation.close()
    workspace.connections.put("things", url)
    with Center(workspace) as center:
        yield Bench(workspace, center, folder)


def file_of(case: Case, path: Path, prefix: str) -> Path:
    records = [
        {
            case.names[name]: f"{prefix}{value}" if name == ERC and value else value
            for name, value in record.items()
        }
        for record in case.records
    ]
    if "json" in path.suffix:
        lines = [orjson.dumps(record) for record in records]
        array = b"[" + b",".join(lines) + b"]"
        path.write_bytes(array if path.suffix == ".json" else b"\n".join(lines))
        return path
    names = list(case.names.values()) or ["nothing"]
    rows = [[_cell(record.get(name)) for name in names] for record in records]
    return table(path, names, *([_quoted(x) for x in row] for row in rows))


def _cell(value: Any) -> Any:
    return "" if value is None else value


def _quoted(value: Any) -> Any:
    return f'"{value}"' if isinstance(value, str) and "," in value else value


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=cases())
def test_preview_run_and_second_run_agree(bench: Bench, case: Case) -> None:
    """What is refused is refused everywhere; what starts ends as it was previewed."""
    prefix = f"P{next(bench.numbers)}-"
    bench.store(prefix, case.stored)
    path = file_of(case, bench.folder / f"{prefix}.{case.suffix}", prefix)
    plan = ImportPlan(
        entity_type=bench.center.installations.entity_type("things", "Thing").key,
        mapping=Mapping(case.pairs or (), same_names=case.pairs is None),
        policy=case.policy,
        name="random",
    )

    check = bench.center.files.check_import("things", plan, path)
    if check.problems:
        for refuse in (
            bench.center.files.preview_records,
            bench.center.tasks.start_import,
        ):
            with pytest.raises(InvalidPlan) as caught:
                refuse("things", plan, path)
            assert str(caught.value) == " ".join(check.problems)
        return
    first = _agreed(bench, path, plan)
    second = _agreed(bench, path, plan)

    _require_no_second_change(case, first, second)


def _agreed(bench: Bench, path: Path, plan: ImportPlan) -> list[OutcomeKind]:
    """Return the outcomes of the run, which the preview predicted."""
    preview = bench.center.files.preview_records("things", plan, path)
    expected = [record.expected for record in preview.records]
    kinds = bench.run(path, plan)
    assert kinds == expected
    return kinds


def _require_no_second_change(
    case: Case, first: list[OutcomeKind], second: list[OutcomeKind]
) -> None:
    """A record with only its code changes nothing in a second import."""
    filled = case.pairs is None or any(pair.target == ERC for pair in case.pairs)
    kept = [x for x in case.records if _stands(x, case)]
    codes = [x.get(ERC) if filled else None for x in kept]
    times = Counter(codes)
    assert len(codes) == len(first)
    for code, before, after in zip(codes, first, second, strict=True):
        if before is FAILED:
            continue
        if code is None:
            assert (before, after) == (CREATED, CREATED)
        elif case.policy.import_strategy is ImportStrategy.INSERT:
            assert (before, after) == (CREATED, FAILED)
        elif times[code] == 1:
            assert after is UNCHANGED


def _stands(record: dict[str, Any], case: Case) -> bool:
    """Return False for a line of a table without a value, which is not a record."""
    is_table = case.suffix in {"csv", "xlsx"}
    return not is_table or any(each is not None for each in record.values())
