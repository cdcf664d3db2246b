"""The call that does the same: Python and commands that start the very plan."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import dmc_widgets as dmc
from dmc_widgets.center.backups import build_backup_plan
from dmc_widgets.center.calls import (
    command_line,
    package_import_call,
    python_call,
    python_script,
    render_call,
    render_command,
    retry_call,
)
from dmc_widgets.center.package_import import PackageChoices
from dmc_widgets.center.source_files import SourceFile
from dmc_widgets.center.tasks import Tasks
from dmc_widgets.cli import app
from dmc_widgets.model.entity_type import simple_name
from dmc_widgets.model.error_limit import ErrorLimit
from dmc_widgets.model.field_mapping import FieldMapping
from dmc_widgets.model.plan import Plan, UndoPlan, VerificationPlan
from dmc_widgets.model.run_options import RunOptions

SOURCE, TARGET = "Sample target", "Sample source"
ENTITIES = ["Bicycle", "Customer", "Repair", "ObjectDefinition"]
FIELDS = ["model", "price", "kind", "frameNumber"]
STARTS = ["start_export", "start_import", "start_migration", "start_package"]
STARTS += ["start_verification", "start_backup"]


class Captured(Exception):
    """A task would have been started."""


@pytest.fixture(scope="module")
def center(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dmc.Center]:
    folder = tmp_path_factory.mktemp("calls")
    before = Path.cwd()
    os.chdir(folder)
    (folder / "bicycles.csv").write_text("model,price\n" + "Kranich,10\n" * 5)
    with dmc.open_center(folder / "my workspace") as opened:
        yield opened
    os.chdir(before)


@pytest.fixture(scope="module")
def captured() -> Iterator[list[tuple[str, Plan]]]:
    """Take the plan of each start, and start nothing."""
    plans: list[tuple[str, Plan]] = []

    def start(_self: Any, installation: str, plan: Plan, *_rest: Any) -> None:
        plans.append((installation, plan))
        raise Captured

    with pytest.MonkeyPatch.context() as patch:
        for name in STARTS:
            patch.setattr(Tasks, name, start)
        yield plans


# Texts with what shells, Python and the options could take for something else.
texts = st.text(
    st.sampled_from("ab-'\"$`\\ é=,/;!*?#~{}[]()<>|&%\t"), min_size=1, max_size=12
).filter(lambda text: text.strip() == text)
names = st.sampled_from(["", "Nightly", 'it\'s "$HOME"', "--dry-run", "a b;c"])
policies = st.builds(
    dmc.Policy,
    import_strategy=st.sampled_from(dmc.ImportStrategy),
    update_strategy=st.sampled_from(
        [dmc.UpdateStrategy.UPDATE, dmc.UpdateStrategy.PARTIAL_UPDATE]
    ),
    error_strategy=st.sampled_from(dmc.ErrorStrategy),
    lazy_references=st.booleans(),
) | st.builds(
    dmc.Policy,
    update_strategy=st.just("MERGE"),
    merge=st.builds(
        dmc.MergeChoices,
        only=st.lists(st.sampled_from(["Bicycle", "Bicycle.label"]), unique=True),
        leave=st.lists(st.sampled_from(["Repair.label", "-x"]), unique=True),
    ),
)
limits = st.builds(
    ErrorLimit,
    records=st.integers(1, 1000),
    percent=st.sampled_from([0.0, 2.0, 0.125]),
    undo=st.booleans(),
)
options = st.builds(
    RunOptions,
    journal=st.booleans(),
    verify=st.booleans(),
    backup=st.booleans(),
)
limited_options = st.builds(
    RunOptions, verify=st.booleans(), error_limit=st.none() | limits
)
values = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)
pairs = st.one_of(
    st.builds(FieldMapping, texts, st.sampled_from(FIELDS)),
    st.builds(lambda t, v: FieldMapping("", t, constant=v), st.just("kind"), values),
    st.builds(
        lambda s, v: FieldMapping(s, "model", values=v, other_values="refuse"),
        texts,
        st.dictionaries(texts, texts, min_size=1, max_size=2),
    ),
    st.builds(lambda s: FieldMapping(s, "customer", lookup="email"), texts),
    st.just(FieldMapping("d", "built", format=dmc.DateFormat("%d.%m.%Y"))),
    st.just(FieldMapping("", "price", expression='record["a"] * 2')),
)
mappings = st.just(dmc.Mapping(same_names=True)) | st.builds(
    dmc.Mapping,
    st.lists(pairs, min_size=1, max_size=3, unique_by=lambda pair: pair.target),
    same_names=st.booleans(),
    match=st.sampled_from([(), ("model",), ("model", "price")]),
)
readings = st.just(dmc.ReadingOptions()) | st.builds(
    dmc.ReadingOptions,
    delimiter=st.sampled_from(["", ";", "\t"]),
    encoding=st.sampled_from(["", "utf-8", "latin-1"]),
    headers=st.booleans(),
    skip_lines=st.integers(0, 2),
    short_rows=st.none() | st.just("empty"),
)
selections = st.builds(
    dmc.Selection,
    entity_types=st.lists(st.sampled_from(ENTITIES), unique=True, max_size=2),
    with_needed=st.booleans(),
    filters=st.sampled_from([(), (("Bicycle", "price gt 3 and model eq 'a=b'"),)]),
    sites=st.sampled_from([(), ("berlin",), ("berlin", "-paris")]),
)
export_plans = st.builds(
    dmc.ExportPlan,
    entity_type=st.sampled_from(ENTITIES),
    format=st.sampled_from(["CSV", "JSON", "JSONL", "XLSX"]),
    fields=st.none() | st.lists(st.sampled_from(FIELDS), min_size=1, unique=True),
    include_headers=st.booleans(),
    guard_formulas=st.booleans(),
    filter=st.sampled_from(["", "model eq 'it''s $HOME'"]),
    sort=st.sampled_from(["", "model:asc,price:desc"]),
    search=st.just("") | texts,
    scope=st.sampled_from(["", "berlin"]),
    for_version=st.sampled_from(["", "7.4.3.112"]),
    name=names,
)
import_plans = st.builds(
    dmc.ImportPlan,
    entity_type=st.sampled_from(ENTITIES),
    mapping=mappings,
    policy=policies,
    reading=readings,
    scope=st.sampled_from(["", "berlin"]),
    new_sites=st.booleans(),
    options=options,
    allow_deletions=st.booleans(),
    name=names,
    dry_run=st.booleans(),
) | st.builds(
    dmc.ImportPlan,
    entity_type=st.just("Bicycle"),
    policy=st.just(dmc.Policy(error_strategy="continue")),
    options=limited_options,
)
migration_plans = st.builds(
    dmc.MigrationPlan,
    source=st.just(SOURCE),
    selection=selections,
    policy=policies,
    dry_run=st.booleans(),
    match_names=st.booleans(),
    match=st.sampled_from([(), (("Customer", ("email",)), ("Repair", ("a", "b")))]),
    allow_deletions=st.booleans(),
    options=options,
    name=names,
)
package_plans = st.builds(
    dmc.PackagePlan,
    selection=selections,
    policy=st.builds(
        dmc.Policy,
        import_strategy=st.sampled_from(dmc.ImportStrategy),
        error_strategy=st.sampled_from(dmc.ErrorStrategy),
    ),
    name=names,
    for_version=st.sampled_from(["", "7.4.3.112"]),
)
kept = st.builds(lambda chosen: replace(chosen, with_needed=False), selections)
other_plans = st.builds(
    VerificationPlan,
    source=st.just(SOURCE),
    selection=kept,
    match=st.sampled_from([(), (("Customer", ("email",)), ("Repair", ("a", "b")))]),
    name=names,
) | st.builds(
    lambda chosen, name: build_backup_plan(
        chosen.entity_types, filters=chosen.filters, sites=chosen.sites, name=name
    ),
    kept,
    names,
)

every_plan = st.one_of(
    export_plans, import_plans, migration_plans, package_plans, other_plans
)


def run_python(call: str, center: dmc.Center) -> None:
    with suppress(Captured):
        exec(call, {"center": center, "dmc": dmc})


def run_command(text: str) -> None:
    """Run the lines before the command in a shell, and the command in this process."""
    *before, line = split_commands(text)
    for command in before:
        subprocess.run(["sh", "-c", command], check=True)
    program, *words = shlex.split(line)
    assert program == "dmc"
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, Captured), result.output


def split_commands(text: str) -> list[str]:
    """A mapping is written by a command of its own; its text may have several lines."""
    before, found, rest = text.rpartition(" > mapping.json\n")
    return [f"{before} > mapping.json", rest] if found else [text]


def plain(plan: Plan) -> Any:
    """Return a plan with short names in place of keys, as people may give either."""
    if isinstance(plan, (dmc.ExportPlan, dmc.ImportPlan)):
        name = simple_name(plan.entity_type).removeprefix("C_")
        return replace(plan, entity_type=name)
    return plan


FILE = "bicycles.csv"


def start_by_python(plan: Plan, center: dmc.Center) -> None:
    run_python(python_call(plan, TARGET, FILE), center)


def start_by_command(plan: Plan, center: dmc.Center) -> None:
    run_command(command_line(plan, TARGET, FILE, workspace=center.workspace_path))


WAYS: dict[str, Callable[[Plan, dmc.Center], None]] = {
    "python": start_by_python,
    "command": start_by_command,
}


@pytest.mark.parametrize("way", WAYS)
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes minutes
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(plan=every_plan)
def test_a_call_starts_the_very_plan(
    way: str,
    center: dmc.Center,
    captured: list[tuple[str, Plan]],
    plan: Plan,
) -> None:
    """Whatever is chosen: the call, run as it is, makes a plan that equals it."""
    captured.clear()

    WAYS[way](plan, center)

    assert [(name, plain(made)) for name, made in captured] == [(TARGET, plain(plan))]


@pytest.mark.parametrize(
    ("plan", "call", "command"),
    [
        pytest.param(
            dmc.ExportPlan(entity_type="C_Bicycle", fields=["model", "price"]),
            'center.export_file(\n    "Shop",\n    "C_Bicycle",\n    "b.zip",\n'
            '    format="JSON",\n    fields=["model", "price"],\n)',
            "dmc export Shop C_Bicycle --output b.zip --format JSON "
            "--fields model,price",
            id="export",
        ),
        pytest.param(
            dmc.ImportPlan(
                entity_type="C_Bicycle",
                mapping=dmc.Mapping("Modell=model"),
                policy=dmc.Policy(error_strategy="continue"),
            ),
            'center.import_file(\n    "Shop",\n    "C_Bicycle",\n    "b.zip",\n'
            '    mapping=dmc.Mapping(["Modell=model"]),\n    on_error="continue",\n)',
            "dmc import Shop C_Bicycle b.zip --map Modell=model --on-error continue",
            id="import",
        ),
        pytest.param(
            UndoPlan(task=7, dry_run=True),
            "center.task(7).undo(dry_run=True)",
            "dmc undo 7 --dry-run",
            id="undo",
        ),
        pytest.param(
            VerificationPlan(task=7),
            "center.task(7).verify()",
            "dmc verify 7",
            id="verification of a task",
        ),
        pytest.param(
            dmc.MigrationPlan(
                source="Staging", options=RunOptions(as_shown=8), allow_deletions=True
            ),
            "center.task(8).run(allow_deletions=True)",
            "dmc run 8 --allow-deletions",
            id="the run of a dry run",
        ),
    ],
)
def test_a_call_states_only_what_differs(plan: Plan, call: str, command: str) -> None:
    assert python_call(plan, "Shop", "b.zip") == call
    assert command_line(plan, "Shop", "b.zip") == command


def test_what_a_file_states_is_written_out() -> None:
    """Else the strategies of a batch engine file would count in place of those."""
    plan = dmc.ImportPlan(entity_type="C_Bicycle")

    call = python_call(plan, "Shop", "b.json", states_plan=True)

    assert "mapping=dmc.Mapping(same_names=True)" in call
    assert 'import_strategy="UPSERT"' in call
    assert 'on_error="stop"' in call


package_choices = st.builds(
    PackageChoices,
    site=st.sampled_from(["", "berlin"]),
    new_sites=st.booleans(),
    lazy_references=st.booleans(),
    update_strategy=st.sampled_from([None, *dmc.UpdateStrategy]),
    match=st.sampled_from([(), (("Customer", ("email",)), ("Repair", ("a", "b")))]),
    allow_deletions=st.booleans(),
    dry_run=st.booleans(),
)


@pytest.mark.parametrize("way", WAYS)
@settings(
    max_examples=15, deadline=None, suppress_health_check=[*HealthCheck], database=None
)
@given(choices=package_choices)
def test_the_import_of_a_package_has_the_very_choices(
    way: str,
    center: dmc.Center,
    monkeypatch: pytest.MonkeyPatch,
    choices: PackageChoices,
) -> None:
    given: list[tuple[str, str, dict[str, Any]]] = []

    def capture(_self: Any, target: str, package: Any, **keywords: Any) -> None:
        keywords.pop("on_change", None)
        path = package.path if isinstance(package, SourceFile) else Path(package)
        given.append((target, path.name, keywords))
        raise Captured

    monkeypatch.setattr(Tasks, "import_package", capture)
    (Path.cwd() / "a package").mkdir(exist_ok=True)
    call = package_import_call(TARGET, "a package", choices)

    if way == "python":
        run_python(render_call(call), center)
    else:
        run_command(render_command(call, center.workspace_path))

    ((target, name, keywords),) = given
    keywords["update_strategy"] = keywords["update_strategy"] or None
    assert (target, name) == (TARGET, "a package")
    assert PackageChoices(**keywords) == choices


def test_a_command_refuses_what_its_option_could_not_tell_apart() -> None:
    call = retry_call(7, {"kind": {"a=b": "c"}}, {})

    assert render_call(call) == 'center.task(7).retry(replace={"kind": {"a=b": "c"}})'
    with pytest.raises(dmc.NotSupported, match="Use the Python call"):
        render_command(call)


def test_a_part_of_a_package_has_no_call_of_its_own() -> None:
    plan = dmc.ImportPlan(entity_type="C_Bicycle", matched_in=(3,))

    with pytest.raises(dmc.NotSupported, match="belongs to a package"):
        command_line(plan, "Shop", "b.json")


def test_a_script_is_a_whole_program() -> None:
    assert python_script("center.task(7).verify()", "/srv/team") == (
        "import dmc_widgets as dmc\n"
        "\n"
        'with dmc.open_center("/srv/team") as center:\n'
        "    task = center.task(7).verify()\n"
    )
