"""Files at addresses of a store: imported, and exported to; what fails says why."""

from __future__ import annotations

import json
import socket
import sys
import time
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import pytest

from dmc_widgets import open_center
from dmc_widgets.center import Center
from dmc_widgets.errors import DmcError, FileBroken, InvalidPlan, Refused, Unreachable
from dmc_widgets.states.paths.server_source import ServerSource
from dmc_widgets.storage import remote_files, remote_filesystems
from dmc_widgets.storage.remote_addresses import RemoteAddress, find_address
from dmc_widgets.storage.remote_errors import translate_errors
from dmc_widgets.storage.remote_files import (
    RemoteFile,
    find_remote_kind,
    require_place,
)
from dmc_widgets.workspace.source_policy import SourcePolicy
from tests.cli.driver import ERC, Driver, customer
from tests.object_store import KEY, SECRET, ObjectStore, run_cut_store

LACKING = (
    "The library for addresses with {}:// is not installed. Install it: pip install "
    '"dmc-widgets'
)
FAILING = {"name": "no e-mail"}


def lines(*records: dict[str, Any]) -> bytes:
    return b"".join(orjson.dumps(record) + b"\n" for record in records)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """A workspace of this file's own, since others count the sample's entries."""
    return Driver(tmp_path_factory.mktemp("remote") / "workspace")


@pytest.fixture(scope="module")
def center(run: Driver) -> Iterator[Center]:
    with open_center(run.workspace) as opened:
        yield opened


@pytest.fixture(scope="module", autouse=True)
def no_secrets(object_store: ObjectStore, run: Driver) -> Iterator[None]:
    """Nothing that the tests of this file write holds the credentials."""
    yield
    files = [path for path in run.workspace.rglob("*") if path.is_file()]
    assert len(files) > 5
    for secret in (KEY, SECRET, object_store.url):
        assert not [path for path in files if secret.encode() in path.read_bytes()]


def test_file_of_a_bucket_is_imported_as_one_of_this_machine(
    object_store: ObjectStore, run: Driver, center: Center, tmp_path: Path
) -> None:
    """Suggested, previewed, imported; its copy goes to the task, and none is left."""
    name = "in 2026/custömers [1] b#c?.jsonl"
    records = [customer(n) for n in range(7_000, 7_010)]
    address = object_store.put(f"incoming/{name}", lines(*records))

    suggested = run("suggest", "Sample source", address)
    previewed = run("preview", "Sample source", "Customer", address, "--rows", 2)
    mapped = run(
        "mapping", "Sample source", "Customer", address, "-o", tmp_path / "m.yaml"
    )
    imported = run("import", "Sample source", "Customer", address)

    assert suggested.output.startswith("Customer: 3 of 3 names")
    assert "Expected: 2 created." in previewed.output
    assert mapped.exit_code == 0
    assert "10 records, 10 created, 0 failed." in imported.output
    assert f"Note: The file was read from {address}." in imported.output
    task = center.tasks.list()[-1]
    assert task.original_file == "custömers [1] b#c?.jsonl"
    assert center.tasks.file(task).read_bytes() == lines(*records)
    assert list((run.workspace / "uploads").iterdir()) == []


def test_python_takes_an_address_wherever_it_takes_a_path(
    object_store: ObjectStore, center: Center, tmp_path: Path
) -> None:
    content = lines(customer(7_100), customer(7_101))
    address = object_store.put("incoming/customers.jsonl", content)
    (tmp_path / "a b.jsonl").write_bytes(content)
    plan = center.files.plan_from_file(
        "Sample source", center.files.read_head(address), "Customer"
    )

    assert center.files.recognise(address).format == "JSONL"
    assert center.files.suggest_entity_types("Sample source", address)[0].clear
    assert center.files.check_import("Sample source", plan, address).problems == ()
    shown = center.files.preview_records("Sample source", plan, address)
    assert len(shown.records) == 2
    task = center.import_file("Sample source", "Customer", address)
    assert (task.status, task.counts.created) == ("Completed", 2)
    assert center.files.describe_earlier_import("Sample source", address) != ()
    local = center.import_file(
        "Sample source", "Customer", f"file://{tmp_path}/a b.jsonl"
    )
    assert local.counts.unchanged == 2
    assert not any("was read from" in note for note in local.notes)


def test_task_goes_on_with_the_bytes_that_it_began_with(
    object_store: ObjectStore, center: Center
) -> None:
    """Whatever is at the address when it is resumed."""
    first = lines(customer(7_200), FAILING, customer(7_201))
    address = object_store.put("incoming/changing.jsonl", first)
    task = center.import_file("Sample source", "Customer", address)
    assert task.status == "Failed"
    object_store.put("incoming/changing.jsonl", lines(customer(7_299)))

    resumed = task.resume()

    assert (resumed.counts.created, resumed.counts.failed) == (2, 1)
    assert resumed.file().read_bytes() == first


def test_object_that_is_replaced_while_it_is_read_is_refused(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a mixture of both, nor the old one as if it were the new one."""
    monkeypatch.setattr(remote_files, "PIECE_BYTES", 10)
    address = RemoteAddress.parse(object_store.put("incoming/torn.csv", b"a" * 30))
    for number_read in (1, 3):
        object_store.put("incoming/torn.csv", b"a" * 30)
        pieces = RemoteFile(address).pieces()
        for _ in range(number_read):
            assert next(pieces) == b"a" * 10

        object_store.put("incoming/torn.csv", b"b" * 30)

        with pytest.raises(FileBroken, match="it was replaced while it was read"):
            list(pieces)


@pytest.fixture
def without_clouds(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The libraries of two clouds are not installed."""
    del object_store
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    monkeypatch.setitem(sys.modules, "adlfs", None)


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("s3://nowhere/a.csv", 1, "s3://nowhere: the bucket does not exist."),
        ("s3://incoming/a.csv", 1, "s3://incoming/a.csv: the file does not exist."),
        ("s3://incoming/some?versionId=null", 1, "s3://incoming: the store refuses"),
        ("s3://incoming/", 1, "s3://incoming/: the address does not end with the"),
        ("s3://Büc ket/a.csv", 2, "s3://Büc ket/a.csv is not a valid s3:// address."),
        ("s3://me:hidden@incoming/a.csv", 2, "An address with a user or a password"),
        ("s3://hidden@incoming/a.csv", 2, "An address with a user or a password"),
        ("sftp://me:hidden@host/a.csv", 2, "An address with a user or a password"),
        ("gs://bucket/a.csv", 2, f'{LACKING.format("gs")}[gs]"'),
        ("abfs://c@a/a.csv", 2, f'{LACKING.format("abfs")}[abfs]"'),
        ("nothing://a/a.csv", 2, "nothing:// is not a known protocol."),
    ],
)
def test_file_that_cannot_be_read_says_why_in_one_line(
    run: Driver,
    without_clouds: None,
    address: str,
    status: int,
    sentence: str,
) -> None:
    del without_clouds

    done = run("import", "Sample source", "Customer", address)

    assert done.exit_code == status
    assert f"Error: {sentence}" in done.output
    assert len(done.output.splitlines()) == 1
    assert "hidden" not in done.output


def test_store_without_credentials_or_answer_says_so(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = RemoteAddress.parse(object_store.put("incoming/some.csv", b"a\n1\n"))
    with run_cut_store(5_000_000) as cut:
        monkeypatch.setenv("AWS_ENDPOINT_URL", cut)
        with pytest.raises(Unreachable, match="the connection broke at byte 0"):
            list(RemoteFile(address).pieces())
    with pytest.raises(Unreachable, match="the store does not answer"):
        RemoteFile(address)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Refused, match="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS"):
        RemoteFile(address)


def test_store_that_stays_silent_is_reported_in_time(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its library waits for 60 seconds, and tries again."""
    monkeypatch.setattr(remote_filesystems, "FIRST_ANSWER_S", 1.0)
    address = RemoteAddress.parse(object_store.put("incoming/some.csv", b"a\n1\n"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        began = time.monotonic()

        for ask in (RemoteFile, find_remote_kind, require_place):
            with pytest.raises(Unreachable, match="the store does not answer"):
                ask(address)

    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(403, "access is refused"), (404, "the file does not exist"), (400, "refuses")],
)
def test_status_of_an_azure_error_decides(status: int, sentence: str) -> None:
    """Its library raises one kind of error for all of them."""

    class HttpResponseError(Exception):
        status_code = status

    with (
        pytest.raises(DmcError, match=sentence),
        translate_errors(RemoteAddress.parse("abfs://c/a.csv")),
    ):
        raise HttpResponseError


def test_server_takes_files_of_its_list_only(
    object_store: ObjectStore, center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any protocol, and whoever asks: a form, a task, or an export."""
    content = lines(customer(7_300))
    inside = object_store.put("incoming/2026/a.jsonl", content)
    outside = object_store.put("incoming/2026b/a.jsonl", content)
    policy = SourcePolicy.of([], ["S3://incoming/2026/", "files.example.com"])
    assert policy.stores == {"s3://incoming/2026"}
    assert SourcePolicy.from_environment(policy.to_environment()) == policy
    assert SourcePolicy.from_environment({}).is_open
    monkeypatch.setattr(center._workspace, "source_policy", policy)

    taken = center.sources.download(inside)

    assert taken is not None
    assert (taken.name, taken.path.read_bytes()) == ("a.jsonl", content)
    refused = "is not in a store that is allowed: s3://incoming/2026. The option"
    for address in (
        outside,
        "s3://incoming/2026/../2026b/a.jsonl",
        "s3a://incoming/2026/a.jsonl",
        "memory://incoming/2026/a.jsonl",
        "sftp://incoming/2026/a.jsonl",
        "s3://incoming/2026/..\\..\\2026b\\a.jsonl",
    ):
        with pytest.raises(InvalidPlan, match=refused):
            center.sources.download(address)
        with pytest.raises(InvalidPlan, match=refused):
            center.import_file("Sample source", "Customer", address)
        with pytest.raises(InvalidPlan, match=refused):
            center.export_file("Sample source", "Customer", address)
    with pytest.raises(InvalidPlan, match="is not a host that is allowed"):
        center.import_file("Sample source", "Customer", "http://169.254.169.254/a")
    form = ServerSource(center)
    form.load()
    assert form.has_hosts
    for text in ("file:///etc", "s3://k:s@bucket", "s3://", "https://a.example"):
        with pytest.raises(InvalidPlan):
            SourcePolicy.of([], [text])


def test_export_goes_to_an_address_whole(
    object_store: ObjectStore, run: Driver, center: Center
) -> None:
    """A named file is replaced, and in a folder nothing is, as on this machine."""
    name = "results/out/custömers #1.jsonl"
    object_store.put(name, b"older")

    def export(target: str) -> str:
        done = run("export", "Sample source", "Customer", "-o", target)
        assert done.exit_code == 0, done.output
        return done.output.splitlines()[-1]

    assert export(f"s3://{name}") == f"Replaced s3://{name}."
    first, second = export("s3://results/out"), export("s3://results/out/")

    exported = object_store.files.cat(name).splitlines()
    assert len(exported) == center.tasks.list()[-1].counts.created
    assert ERC in json.loads(exported[0])
    assert second == first.replace(".zip", " (2).zip")
    zipped = first.removeprefix("Wrote s3://").removesuffix(".")
    assert object_store.list("results/out") == sorted(
        [name, zipped, zipped.replace(".zip", " (2).zip")]
    )
    content = zipfile.ZipFile(BytesIO(object_store.files.cat(zipped)))
    assert content.testzip() is None
    assert center.tasks.list()[-1].notes[-1] == (
        f"The file was written to {second[6:]}"
    )


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("s3://nowhere/a.csv", "s3://nowhere does not exist. Create it first, or name"),
        ("https://a.example/a.csv", "No file can be written to an address of http."),
        ("s3://k:hidden@results/a.csv", "An address with a user or a password is"),
        ("memory://no/folder/a.csv", "memory://no/folder does not exist. Create it"),
    ],
)
def test_export_that_could_not_be_written_does_not_begin(
    object_store: ObjectStore, center: Center, target: str, sentence: str
) -> None:
    del object_store
    before = len(center.tasks.list())

    with pytest.raises(InvalidPlan, match=sentence):
        center.export_file("Sample source", "Customer", target)

    assert len(center.tasks.list()) == before


def test_other_stores_see_a_file_once_it_is_whole(
    center: Center, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written beside, and renamed; one that fails leaves what was there."""
    from fsspec.implementations.memory import MemoryFileSystem

    files = MemoryFileSystem()
    files.makedirs("/exports")
    task = center.export_file(
        "Sample source", "Customer", "memory://exports/a.csv", fields=["name"]
    )
    whole = files.cat("/exports/a.csv")
    assert whole.startswith(b"name")
    assert task.notes[-1] == "The file was written to memory://exports/a.csv."

    def fail(*_: object, **_options: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(MemoryFileSystem, "mv", fail)
    with monkeypatch.context() as patch:
        patch.setattr(MemoryFileSystem, "rm_file", fail)
        with pytest.raises(Unreachable):
            center.tasks.save_file(task.id, "memory://exports/a.csv")

    assert files.cat("/exports/a.csv") == whole

    with pytest.raises(Unreachable):  # between the removal and the renaming
        center.tasks.save_file(task.id, "memory://exports/a.csv")

    assert files.cat("/exports/a.csv.part") == whole


def test_address_tells_its_parts_and_shows_no_signature() -> None:
    for text, name, place, shown in [
        ("S3://b/x/y.csv", "y.csv", "s3://b", "s3://b/x/y.csv"),
        ("s3://b/y.csv?versionId=7", "y.csv", "s3://b", "s3://b/y.csv"),
        ("https://h/y.csv?sig=1#a", "y.csv", "https://h", "https://h/y.csv"),
        ("abfs://c@a.net/y.csv", "y.csv", "abfs://c@a.net", "abfs://c@a.net/y.csv"),
    ]:
        address = RemoteAddress.parse(text)
        assert (address.name, address.place, str(address)) == (name, place, shown)
        assert "sig" not in repr(address)
    for text in ("C:\\data\\a.csv", "C://data/a.csv", "a:b.csv", "data/a.csv", "x//y"):
        assert find_address(text) == Path(text)
    assert RemoteAddress.parse("s3://b/a?b&c#d.csv").name == "a?b&c#d.csv"
    for query in (
        "sv=1&sig=hidden",
        "X-Amz-Signature=hidden",
        "x-goog-signature=hidden",
    ):
        with pytest.raises(InvalidPlan, match="a signature is not taken") as refused:
            RemoteAddress.parse(f"abfs://c@a.net/y.csv?{query}")
        assert "hidden" not in str(refused.value)
    for text in ("s3://", "s3:///a.csv", "s3://b/\x1b[2J"):
        with pytest.raises(InvalidPlan):
            RemoteAddress.parse(text)
