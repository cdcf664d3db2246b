"""What people move the same records with otherwise, each with its best settings.

None of them knows Liferay: they check no rule of a field, and keep no journal. SQLite
syncs for all of them as seldom as for ours and the bare loop. The packages are loaded
by name, because only `make bench` installs them.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.moving.shapes import CODE, Shape
from tests.bench.moving.sides import EXPORT, IMPORT, Work

_BATCH: Final = 1_000
_SYNC_SELDOM: Final = "PRAGMA synchronous = NORMAL"


class OtherSide:
    """A side that adds or updates the records of JSON lines or CSV.

    Attributes:
        name: What the table calls it.
        package: The package that it needs.
        extensions: The files that it reads.
    """

    name = ""
    package = ""
    extensions: tuple[str, ...] = ("jsonl", "csv")

    def can(self, shape: Shape, step: str) -> bool:
        is_read = shape.extension in self.extensions
        return is_read and not shape.rules and step != EXPORT

    def load(self) -> None:
        import_module(self.package)

    def prepare(self, work: Work) -> None:
        """The first import makes what is needed."""

    def carry_out(self, work: Work, step: str) -> None:
        raise NotImplementedError


class SqliteUtils(OtherSide):
    """`Table.upsert_all` into a database with a write-ahead log."""

    name = "sqlite-utils"
    package = "sqlite_utils"

    def carry_out(self, work: Work, step: str) -> None:
        database = import_module("sqlite_utils").Database(work.folder / "utils.db")
        database.enable_wal()
        database.execute(_SYNC_SELDOM)
        records = _records(work.files[step])
        database["entry"].upsert_all(records, pk=CODE, batch_size=_BATCH)
        database.conn.close()


class DuckDb(OtherSide):
    """`read_json`, `read_csv` or `read_parquet` and *insert or replace*, in SQL alone.

    *Merge into* takes ten times as long to update. The order of records is not kept,
    which spares a tenth to a third.
    """

    name = "DuckDB"
    package = "duckdb"
    extensions = ("jsonl", "csv", "parquet")

    def prepare(self, work: Work) -> None:
        columns = ", ".join(f'"{name}" {kind}' for name, kind in _columns(work.shape))
        with _duckdb(work) as connection:
            connection.execute(
                f'CREATE TABLE entry ({columns}, PRIMARY KEY ("{CODE}"))'
            )

    def carry_out(self, work: Work, step: str) -> None:
        columns = dict(_columns(work.shape))
        source = _DUCKDB_SOURCES[work.shape.extension].format(columns=columns)
        with _duckdb(work) as connection:
            connection.execute("SET preserve_insertion_order = false")
            connection.execute(
                f"INSERT OR REPLACE INTO entry SELECT * FROM {source}",
                [str(work.files[step])],
            )


_DUCKDB_SOURCES: Final = {
    "jsonl": "read_json(?, format='newline_delimited', columns={columns})",
    "csv": "read_csv(?, header=true, columns={columns})",
    "parquet": "read_parquet(?)",
}


def _duckdb(work: Work) -> Any:
    return import_module("duckdb").connect(str(work.folder / "duck.db"))


_SQL_TYPES: Final = {
    "Boolean": "BOOLEAN",
    "Date": "DATE",
    "DateTime": "TIMESTAMP",
    "Decimal": "DOUBLE",
    "Integer": "INTEGER",
}


def _columns(shape: Shape) -> Iterator[tuple[str, str]]:
    yield CODE, "VARCHAR"
    for name, kind in shape.fields.items():
        yield name, _SQL_TYPES.get(kind, "VARCHAR")


class Dlt(OtherSide):
    """A pipeline that merges pages of Arrow into DuckDB.

    It need not look for keys that come twice: there are none. Its strategy `upsert`
    takes as long as the usual one.
    """

    name = "dlt merge"
    package = "dlt"
    extensions = ("jsonl", "csv", "parquet")

    def load(self) -> None:
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
        for name in ("dlt", "duckdb", *_ARROW_READERS):
            import_module(name)

    def carry_out(self, work: Work, step: str) -> None:
        dlt = import_module("dlt")
        path = work.folder / "dlt.duckdb"
        pipeline = dlt.pipeline(
            pipeline_name="bench",
            pipelines_dir=str(work.folder / "dlt"),
            destination=dlt.destinations.duckdb(str(path)),
            dataset_name="bench",
        )
        merge = {"disposition": "merge", "deduplicated": True}
        pages = _read_arrow(work.files[step])
        pipeline.run(
            [pages], table_name="entry", write_disposition=merge, primary_key=CODE
        )


_ARROW_READERS: Final = ("pyarrow.json", "pyarrow.csv", "pyarrow.parquet")


def _read_arrow(path: Path) -> Any:
    if path.suffix == ".csv":
        return import_module("pyarrow.csv").read_csv(path)
    if path.suffix == ".parquet":
        return import_module("pyarrow.parquet").read_table(path)
    return import_module("pyarrow.json").read_json(path)


class DjangoImportExport(OtherSide):
    """A resource with bulk operations and without reports of differences.

    Batches of 50 take as long as those of 1,000.
    """

    name = "django-import-export"
    package = "import_export"

    def load(self) -> None:
        django, settings = import_module("django"), import_module("django.conf")
        settings.settings.configure(
            INSTALLED_APPS=["import_export"],
            DATABASES={},
            DATETIME_INPUT_FORMATS=["%Y-%m-%dT%H:%M:%S.%fZ"],
            USE_TZ=True,
        )
        django.setup()
        for name in ("import_export.resources", "tablib"):
            import_module(name)

    def carry_out(self, work: Work, step: str) -> None:
        model = _django_model(work)
        resources = import_module("import_export.resources")
        options = {
            "model": model,
            "fields": (CODE, *work.shape.fields),
            "import_id_fields": (CODE,),
            "use_bulk": True,
            "batch_size": _BATCH,
            "skip_diff": True,
            "skip_html_diff": True,
            "instance_loader_class": import_module(
                "import_export.instance_loaders"
            ).CachedInstanceLoader,
        }
        kind = resources.ModelResource
        resource = type("Entries", (kind,), {"Meta": type("Meta", (), options)})()
        records = [*_records(work.files[step])]
        names = (CODE, *work.shape.fields)
        data = import_module("tablib").Dataset(
            *(tuple(record[name] for name in names) for record in records),
            headers=names,
        )
        resource.import_data(data, raise_errors=True, use_transactions=True)


_DJANGO_FIELDS: Final = {
    "Boolean": "BooleanField",
    "Date": "DateField",
    "DateTime": "DateTimeField",
    "Decimal": "FloatField",
    "Integer": "IntegerField",
}


def _django_model(work: Work) -> Any:
    """Return a model of the shape; its table is made once."""
    models, database = import_module("django.db.models"), import_module("django.db")
    path = work.folder / "django.db"
    database.connections.databases["default"] = {
        **database.connections.configure_settings({})["default"],
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
    }
    fields = {
        name: getattr(models, _DJANGO_FIELDS.get(kind, "TextField"))(null=True)
        for name, kind in work.shape.fields.items()
    }
    fields[CODE] = models.CharField(max_length=75, primary_key=True)
    meta = type("Meta", (), {"app_label": "import_export", "db_table": "entry"})
    inner = {"__module__": __name__, "Meta": meta, **fields}
    model = type("Entry", (models.Model,), inner)
    connection = database.connections["default"]
    if "entry" not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(model)
    connection.cursor().execute("PRAGMA journal_mode = WAL")
    return model


class _Adding(OtherSide):
    """A side that can only add records."""

    def can(self, shape: Shape, step: str) -> bool:
        return super().can(shape, step) and step == IMPORT


class Pandas(_Adding):
    """A reader of Arrow or calamine, and `to_sql`; by ADBC that takes longer."""

    name = "pandas to_sql"
    package = "pyarrow"
    extensions = ("jsonl", "csv", "xlsx", "parquet")

    def load(self) -> None:
        for name in ("pandas", *_ARROW_READERS):
            import_module(name)

    def carry_out(self, work: Work, step: str) -> None:
        reader, options = _PANDAS_READERS[work.shape.extension]
        frame = getattr(import_module("pandas"), reader)(work.files[step], **options)
        connection = sqlite3.connect(work.folder / "pandas.db")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(_SYNC_SELDOM)
        frame.to_sql("entry", connection, index=False, if_exists="replace")
        connection.close()


_PANDAS_READERS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "jsonl": ("read_json", {"lines": True, "engine": "pyarrow"}),
    "csv": ("read_csv", {"engine": "pyarrow"}),
    "xlsx": ("read_excel", {"engine": "calamine"}),
    "parquet": ("read_parquet", {"engine": "pyarrow"}),
}


class Polars(_Adding):
    """`read_ndjson`, `read_csv` or `read_parquet`, and `write_database` by ADBC."""

    name = "polars, ADBC"
    package = "polars"
    extensions = ("jsonl", "csv", "parquet")

    def load(self) -> None:
        for name in ("polars", "adbc_driver_sqlite.dbapi"):
            import_module(name)

    def carry_out(self, work: Work, step: str) -> None:
        reader = _POLARS_READERS[work.shape.extension]
        frame = getattr(import_module("polars"), reader)(work.files[step])
        frame.write_database(
            "entry",
            f"sqlite:///{work.folder / 'polars.db'}",
            if_table_exists="replace",
            engine="adbc",
        )


_POLARS_READERS: Final = {
    "jsonl": "read_ndjson",
    "csv": "read_csv",
    "parquet": "read_parquet",
}


def _records(path: Path) -> Iterator[dict[str, Any]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as rows:
            yield from csv.DictReader(rows)
        return
    with path.open("rb") as stream:
        yield from map(orjson.loads, stream)


OTHER_SIDES: Final[tuple[Callable[[], OtherSide], ...]] = (
    DuckDb,
    Polars,
    Pandas,
    SqliteUtils,
    Dlt,
    DjangoImportExport,
)
