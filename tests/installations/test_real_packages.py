"""Documents that people made for Liferay, through the database and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from dmc_widgets.installations.sql.database.engine import Database
from dmc_widgets.installations.sql.database.sqlite import Sqlite
from dmc_widgets.installations.sql.document_reader import read_items
from dmc_widgets.installations.sql.document_writer import DocumentWriter
from dmc_widgets.model.outcome import Outcome, OutcomeKind
from dmc_widgets.model.strategies import ImportStrategy, Policy
from dmc_widgets.objects.documents.change_set import DEFINITION, FOLDER, PICKLIST

Item = dict[str, Any]

DATA = Path(__file__).parents[3] / "shared" / "data"
T1 = 1_709_618_828_000
T2 = 1_709_618_888_000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database("test", Sqlite(tmp_path / "test.db"))
    yield opened
    opened.close()


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.writing() as writing:
        yield writing


def read(connection: Connection, kind: str = DEFINITION) -> list[Item]:
    return list(read_items(connection, kind))


KINDS = (DEFINITION, FOLDER, PICKLIST)


needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real files are not beside the project"
)


def files(name: str) -> list[tuple[str, Item]]:
    """Return kind and content of the files of definitions, in order."""
    found = []
    for path in sorted((DATA / name).glob("*.batch-engine-data.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        kind = content["configuration"]["className"].rpartition(".")[2]
        if kind in KINDS:
            found.append((kind, content))
    return found


def import_file(connection: Connection, kind: str, content: Item) -> list[Outcome]:
    stated = content["configuration"]["parameters"]["createStrategy"]
    policy = Policy(import_strategy=ImportStrategy(stated))
    catalog = DocumentWriter(connection, now_ms=T1)
    return [catalog.write_item(kind, item, policy) for item in content["items"]]


def exported(connection: Connection) -> dict[str, dict[str, Item]]:
    own = {"dateCreated", "dateModified", "id"}
    return {
        kind: {
            item["externalReferenceCode"]: {
                name: value for name, value in item.items() if name not in own
            }
            for item in read(connection, kind)
        }
        for kind in KINDS
    }


@needs_data
@pytest.mark.parametrize("name", ["onboarding", "pulse"])
def test_real_packages_come_back_as_they_went(
    connection: Connection, tmp_path: Path, name: str
) -> None:
    for kind, content in files(name):
        outcomes = import_file(connection, kind, content)
        assert not [outcome.problem for outcome in outcomes if outcome.problem]
    source = exported(connection)

    other = Database("other", Sqlite(tmp_path / "other.db"))
    with other.writing() as target:
        for kind in KINDS:
            catalog = DocumentWriter(target, now_ms=T2)
            for item in read(connection, kind):
                catalog.write_item(kind, item, Policy())
        copied = exported(target)
    other.close()

    assert copied == source
    assert all(source.values())


@needs_data
def test_a_package_again_is_unchanged_where_it_does_not_say_otherwise(
    connection: Connection,
) -> None:
    package = list(files("onboarding"))
    assert package
    for kind, content in package:
        import_file(connection, kind, content)

    for kind, content in package:
        kinds = {outcome.kind for outcome in import_file(connection, kind, content)}
        assert kinds == {OutcomeKind.UNCHANGED}


@needs_data
def test_a_folder_that_its_file_inserts_twice_is_refused(
    connection: Connection,
) -> None:
    ((kind, content),) = [file for file in files("pulse") if file[0] == FOLDER]
    import_file(connection, kind, content)

    (outcome,) = import_file(connection, kind, content)

    assert outcome.problem is not None
    assert outcome.problem.message == "Duplicate name pulse"
