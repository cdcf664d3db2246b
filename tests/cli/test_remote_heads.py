"""Heads and previews of files at addresses: only what they need is fetched."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.errors import FileBroken
from dmc_widgets.storage.ranged_files import RangedFile
from tests.cli.driver import ERC, Driver, customer
from tests.counting_servers import (
    CountingProxy,
    FileServer,
    run_counting_proxy,
    run_file_server,
)
from tests.object_store import ObjectStore

MEGABYTE = 1024 * 1024
RECORDS = 40_000


def records() -> Iterator[dict[str, Any]]:
    """Yield customers of about 250 bytes; only the last one is not of ASCII."""
    for number in range(RECORDS):
        yield customer(number, description="x" * 180)
    yield customer(RECORDS, description="späte Größe")


def as_lines() -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records())


def as_array() -> bytes:
    return b"[\n" + b",\n".join(map(orjson.dumps, records())) + b"\n]"


def as_csv() -> bytes:
    rows = [f"{ERC};name;email;description"]
    rows += [";".join(record.values()) for record in records()]
    return "\r\n".join(rows).encode("cp1252")


def as_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:  # stored, and so large
        archive.writestr("customers.jsonl", as_lines())
    return stream.getvalue()


def as_gzip() -> bytes:
    return gzip.compress(as_lines(), compresslevel=0)


def as_parquet() -> bytes:
    stream = io.BytesIO()
    table = pa.Table.from_pylist([*records()])
    pq.write_table(
        table, stream, compression="none", use_dictionary=False, row_group_size=2_000
    )
    return stream.getvalue()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """A workspace of this file's own, since others count the sample's entries."""
    return Driver(tmp_path_factory.mktemp("heads") / "workspace")


@pytest.fixture(scope="module")
def center(run: Driver) -> Iterator[Center]:
    with open_center(run.workspace) as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[FileServer]:
    with run_file_server() as running:
        yield running


@pytest.fixture
def proxy(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CountingProxy]:
    """What the store sends goes through the proxy."""
    port = urlsplit(object_store.url).port
    assert port
    with run_counting_proxy(port) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        yield running


def left_in(folder: Path) -> list[str]:
    """Return what is in a workspace besides its database."""
    return [path.name for path in folder.iterdir() if "workspace.db" not in path.name]


@pytest.mark.parametrize(
    ("name", "make", "most"),
    [
        ("customers.jsonl", as_lines, MEGABYTE),
        ("customers.json", as_array, MEGABYTE),
        ("customers.csv", as_csv, 4 * MEGABYTE),
        ("customers.zip", as_zip, MEGABYTE),
        ("customers.jsonl.gz", as_gzip, MEGABYTE),
        ("customers.parquet", as_parquet, 3 * MEGABYTE),
    ],
)
def test_head_fetches_what_it_reads(  # noqa: PLR0917
    server: FileServer,
    center: Center,
    tmp_path: Path,
    name: str,
    make: Callable[[], bytes],
    most: int,
) -> None:
    """And is that of the file on this machine, whatever the format."""
    content = make()
    assert len(content) > 8 * MEGABYTE
    local = tmp_path / name
    local.write_bytes(content)

    head = center.files.read_head(server.put(f"/{name}", content))

    assert server.sent < most
    expected = center.files.read_head(local)
    assert isinstance(head.path, RangedFile)
    assert head.raw_records == expected.raw_records
    assert head.options == expected.options
    assert head.warnings == expected.warnings
    assert (head.size, head.name) == (expected.size, expected.name)
    assert head.records_about == expected.records_about


def test_commands_fetch_what_they_show(
    object_store: ObjectStore, proxy: CountingProxy, run: Driver
) -> None:
    """Suggestion, preview and mapping of a file of a bucket."""
    address = object_store.put("incoming/customers.jsonl", as_lines())
    run("list")  # the sample is made
    before = left_in(run.workspace)

    suggested = run("suggest", "Sample source", address)
    previewed = run("preview", "Sample source", "Customer", address, "--rows", 3)
    sampled = run(
        *("preview", "Sample source", "Customer", address, "--rows", 3, "--sample")
    )
    mapped = run("mapping", "Sample source", "Customer", address, "-o", "/dev/null")

    assert suggested.output.startswith("Customer: 3 of 4 names")
    assert "T-0" in previewed.output
    assert "Expected: 3 created." in previewed.output
    assert "Expected: 3 created." in sampled.output
    assert mapped.exit_code == 0
    assert proxy.sent < 3 * MEGABYTE
    assert left_in(run.workspace) == before


def test_file_that_was_imported_is_known_by_its_version(
    server: FileServer, center: Center
) -> None:
    """Its bytes are not read for that; another file at the address is not it."""
    content = as_lines()
    address = server.put("/again.jsonl", content)
    files = center.files
    task = center.import_file("Sample source", "Customer", address, dry_run=False)
    server.sent = 0

    (warning,) = files.describe_earlier_import("Sample source", address)

    assert warning.startswith(
        "This file (the same version at its address) was imported into Sample source "
        f"before: task {task.id} of "
    )
    assert server.sent < MEGABYTE
    server.put("/again.jsonl", content[:-2] + b" \n")
    assert files.describe_earlier_import("Sample source", address) == ()


def test_file_of_a_host_without_ranges_is_copied(
    server: FileServer, center: Center
) -> None:
    """So is one without a version, which may be replaced between two ranges."""
    content = as_lines()
    address = server.put("/plain.jsonl", content)
    for option in ("has_ranges", "has_versions"):
        setattr(server, option, False)

        head = center.files.read_head(address)

        assert isinstance(head.path, Path)
        assert head.path.read_bytes() == content
        setattr(server, option, True)


def test_file_that_is_replaced_is_not_read_on(
    object_store: ObjectStore, server: FileServer, center: Center
) -> None:
    """Neither of a web server nor of a bucket; whatever its size is."""
    content = as_lines()
    puts: tuple[Callable[[str, bytes], str], ...] = (
        lambda name, data: server.put(f"/{name}", data),
        lambda name, data: object_store.put(f"incoming/{name}", data),
    )
    for put in puts:
        for other in (content[::-1], content[:1000], content + b"{}\n"):
            address = put("changing.jsonl", content)
            head = center.files.read_head(address)
            put("changing.jsonl", other)
            assert isinstance(head.path, RangedFile)

            with pytest.raises(FileBroken) as refused:
                head.path.read(5 * MEGABYTE, 6 * MEGABYTE)

            assert str(refused.value) == (
                f"{address}: it was replaced while it was read. Start again with the "
                "file as it is now."
            )


def test_connection_that_the_host_has_ended_is_made_again(
    server: FileServer, center: Center
) -> None:
    content = as_lines()
    head = center.files.read_head(server.put("/calm.jsonl", content))
    assert isinstance(head.path, RangedFile)
    connection = head.path._ranges._connection  # type: ignore[attr-defined]
    connection.sock.close()

    assert head.path.read(5 * MEGABYTE, 5 * MEGABYTE + 9) == content[5 * MEGABYTE :][:9]


def test_no_byte_is_fetched_twice(server: FileServer, center: Center) -> None:
    """And a reader that goes on gets more and more with each request."""
    content = as_lines()
    ranged = center.files.read_head(server.put("/once.jsonl", content)).path
    assert isinstance(ranged, RangedFile)
    requests = len(server.ranges)

    with ranged.open() as first, ranged.open() as second:
        parts = iter(lambda: first.read(100_000), b"")
        assert b"".join(parts) == content
        second.seek(-7, io.SEEK_END)
        assert second.read() == content[-7:]

    assert server.sent == len(content) + 1  # and the first byte of all
    assert len(server.ranges) - requests < 12
