"""``--site`` of the command line, and what becomes of a slip in a key."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest

import dmc_widgets as dmc
from dmc_widgets.center import Center
from dmc_widgets.errors import InvalidPlan, UnknownName
from tests.cli.driver import ERC, Driver, jsonl
from tests.tasks.migration.test_migration_task import definition

pytestmark = pytest.mark.usefixtures("in_this_process")

SLIP = "There is no site named 'nroth'. Known: Global, Guest, north."
ADD = " Check its key, or let the import add new sites (--new-sites)."


@pytest.fixture
def shops(run: Driver, center: Center, tmp_path: Path) -> str:
    """Name an installation whose shops belong to sites; one is in the north."""
    name = tmp_path.name
    center.installations.add(name, f"sqlite:///{tmp_path / 'shops.db'}")
    kinds = [definition("Shop", scope="site"), definition("Till")]
    for entity, records, more in (
        ("ObjectDefinition", kinds, ()),
        ("Shop", [shop("S1", "north")], ("--new-sites",)),
    ):
        file = jsonl(tmp_path / "setup.jsonl", *records)
        done = run("import", name, entity, file, *more)
        assert done.exit_code == 0, done.output
    return name


def shop(code: str, site: str = "", **values: Any) -> dict[str, Any]:
    stated = {"scopeKey": site} if site else {}
    return {ERC: code, "title": code, **stated, **values}


def stored(center: Center, name: str) -> list[tuple[str, str]]:
    url = next(
        installation.url
        for installation in center.installations.list()
        if installation.name == name
    )
    with dmc.connect(url) as opened:
        return [(item[ERC], item["scopeKey"]) for item in opened.read("Shop")]


def test_an_import_names_the_site_of_its_records(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    file = jsonl(tmp_path / "more.jsonl", shop("S2"))

    done = run("import", shops, "Shop", file, "--site", "Guest")

    assert done.exit_code == 0, done.output
    assert stored(center, shops) == [("S2", "Guest"), ("S1", "north")]


@pytest.mark.parametrize("command", ["import", "preview"])
def test_a_slip_in_the_key_of_a_site_is_refused_with_the_known_ones(
    run: Driver, center: Center, shops: str, tmp_path: Path, command: str
) -> None:
    """Before a task; Python says the same."""
    file = jsonl(tmp_path / "more.jsonl", shop("S2"))

    done = run(command, shops, "Shop", file, "--site", "nroth")

    assert done.exit_code == 2
    assert done.stderr == f"Error: {SLIP}{ADD}\n"
    plan = dmc.ImportPlan(entity_type="Shop", scope="nroth")
    assert center.files.check_import(shops, plan, file).problems == (f"{SLIP}{ADD}",)
    with pytest.raises(InvalidPlan, match="There is no site named 'nroth'"):
        center.tasks.start_import(shops, plan, file)
    assert stored(center, shops) == [("S1", "north")]


def test_an_export_takes_the_entries_of_one_site(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    assert (
        run(
            "import", shops, "Shop", jsonl(tmp_path / "g.jsonl", shop("S2", "Guest"))
        ).exit_code
        == 0
    )
    out = tmp_path / "out.zip"
    command = ("export", shops, "Shop", "-o", out, "--format", "jsonl")

    slip = run(*command, "--site", "nroth")
    done = run(*command, "--site", "north")

    assert (slip.exit_code, slip.stderr) == (2, f"Error: {SLIP}\n")
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(out) as archive:
        lines = archive.read("export.jsonl").splitlines()
    assert [orjson.loads(line)[ERC] for line in lines] == ["S1"]
    plan = dmc.ExportPlan(entity_type="Shop", scope="nroth")
    with pytest.raises(InvalidPlan, match="There is no site named 'nroth'"):
        center.tasks.start_export(shops, plan)


def test_an_entity_type_without_sites_takes_none(
    run: Driver, shops: str, tmp_path: Path
) -> None:
    """It would come to nothing, silently."""
    file = jsonl(tmp_path / "tills.jsonl", {ERC: "T1", "title": "x"})
    told = (
        "Error: Entries of C_Till belong to no site, so the site 'north' cannot be "
        "used. Leave it out.\n"
    )

    imported = run("import", shops, "Till", file, "--site", "north")
    exported = run("export", shops, "Till", "-o", file, "--site", "north")

    assert (imported.exit_code, imported.stderr) == (2, told)
    assert (exported.exit_code, exported.stderr) == (2, told)


def test_records_that_name_other_sites_are_told_before_and_after(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    """The import's site wins, as in Liferay, and nothing is lost without a word."""
    records = [shop("S2", "Guest"), shop("S3", "north"), shop("S4")]
    file = jsonl(tmp_path / "more.jsonl", *records)
    before = (
        "Records of the file name other sites ('Guest'); the import brings all of "
        "them into 'north'."
    )

    previewed = run("preview", shops, "Shop", file, "--site", "north")
    done = run("import", shops, "Shop", file, "--site", "north")

    assert before in previewed.stderr
    assert done.exit_code == 0, done.output
    assert before in done.stderr
    assert (
        "1 record named another site (Guest) and went to 'north', the site of the "
        "import." in center.tasks.list()[-1].notes
    )
    sites = {site for _, site in stored(center, shops)}
    assert sites == {"north"}


def test_a_slip_within_a_record_fails_the_record(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    """A preview says the same; whoever wants a new site says so."""
    file = jsonl(tmp_path / "more.jsonl", shop("S2", "nroth"), shop("S3", "north"))
    told = 'There is no site "nroth". Known: Global, Guest, north.'

    previewed = run("preview", shops, "Shop", file)
    failed = run("import", shops, "Shop", file, "--on-error", "continue")
    wanted = run("import", shops, "Shop", file, "--new-sites")

    assert previewed.exit_code == 3
    assert told in previewed.stdout
    assert failed.exit_code == 3
    assert told in center.tasks.failures(center.tasks.list()[-2].id)[0].problem.message
    assert wanted.exit_code == 0, wanted.output
    assert [site.key for site in center.installations.sites(shops, "Shop")] == [
        "Global",
        "Guest",
        "north",
        "nroth",
    ]


def test_templates_keep_the_site(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    plan = dmc.ImportPlan(entity_type="Shop", scope="north", new_sites=True)
    center.templates.save(tmp_path.name, plan)
    file = jsonl(tmp_path / "more.jsonl", shop("S2"))

    done = run("import", shops, "Shop", file, "--template", tmp_path.name)

    assert done.exit_code == 0, done.output
    assert stored(center, shops) == [("S1", "north"), ("S2", "north")]
    kept = center.templates.get(tmp_path.name).plan
    assert isinstance(kept, dmc.ImportPlan)
    assert (kept.scope, kept.new_sites) == ("north", True)


def test_a_package_and_a_migration_refuse_sites_that_the_source_does_not_have(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    """A migration brings the sites of its entries along into a fresh database."""
    center.installations.add(f"{shops} copy", f"sqlite:///{tmp_path / 'copy.db'}")
    package = tmp_path / "p.zip"

    for command in (
        ("export-package", shops, "Shop", "-o", package),
        ("migrate", shops, f"{shops} copy", "Shop"),
    ):
        done = run(*command, "--site", "nroth")
        assert (done.exit_code, done.stderr) == (2, f"Error: {SLIP}\n")
    rehearsed = run("migrate", shops, f"{shops} copy", "--dry-run")
    moved = run("migrate", shops, f"{shops} copy")

    assert rehearsed.exit_code == 0, rehearsed.output
    assert moved.exit_code == 0, moved.output
    assert stored(center, f"{shops} copy") == [("S1", "north")]


def test_a_package_brings_new_sites_where_it_is_told_to(
    run: Driver, center: Center, shops: str, tmp_path: Path
) -> None:
    package = tmp_path / "p.zip"
    assert run("export-package", shops, "-o", package).exit_code == 0
    fresh = f"{shops} fresh"
    center.installations.add(fresh, f"sqlite:///{tmp_path / 'fresh.db'}")

    refused = run("package", fresh, package)
    taken = run("package", fresh, package, "--new-sites")

    assert refused.exit_code != 0
    assert "There is no site named 'north'. Known: Global, Guest." in refused.output
    assert taken.exit_code == 0, taken.output
    assert stored(center, fresh) == [("S1", "north")]


def test_an_unknown_entity_type_has_no_sites_to_ask_for(
    center: Center, shops: str
) -> None:
    assert center.installations.sites(shops, "Till") == []
    with pytest.raises(UnknownName):
        center.installations.sites(shops, "Nothing")
