"""Migrations between two servers, beside a loop that posts the same bodies.

Two sandboxes run as processes of their own and are spoken to over loopback. The bare
loop fills the source: it posts bodies of 1,000 records and waits for each, puts one
link after the other, and looks at nothing. The migration reads them from there, and
writes them into the other one. Requests and bytes come from the servers' logs; bytes
are those of bodies. Processor times say more than seconds where the machine is busy.
"""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2
import orjson
import psutil

import dmc_widgets as dmc
from dmc_widgets.model.access import Access
from tests.bench.measure import Measure
from tests.bench.measuring import Peak, cpu_s, records_file, say, seconds, wait

PASSWORD: Final = "bench only"
USER: Final = "test@liferay.com"
_ADMIN: Final = "/o/object-admin/v1.0/object-definitions"
_ENGINE: Final = "/o/headless-batch-engine/v1.0/import-task"
_ENTRY: Final = "com.liferay.object.rest.dto.v1_0.ObjectEntry"
_BATCH: Final = 1_000
_GROUPS: Final = 1_000
_TAGS: Final = 500
_LINKED_PERCENT: Final = 24
_FILE_EVERY: Final = 20
_FILE_BYTES: Final = 4_096
_LINK: Final = b',"r_members_c_groupERC":"GROUP-%05d"}\n'
_LOG_LINE: Final = re.compile(r" (\d+) bytes in, (\d+) out$")


class Sandbox(NamedTuple):
    """A server of its own."""

    url: str
    log: Path
    process: psutil.Process

    def client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, auth=(USER, PASSWORD), timeout=120)

    def traffic(self) -> tuple[int, int]:
        """Return the requests and the bytes of bodies until now."""
        found = filter(None, map(_LOG_LINE.search, self.log.read_text().splitlines()))
        sizes = [int(each[1]) + int(each[2]) for each in found]
        return len(sizes), sum(sizes)


class _Content(NamedTuple):
    """What is moved.

    Attributes:
        title: What it is, for the line that is printed.
        records: A file of entries that name a parent, as JSON Lines.
        links: The codes of an entry and of a tag that it is linked with.
    """

    title: str
    records: Path
    links: Sequence[tuple[str, str]] = ()


class _Cost(NamedTuple):
    """What some work has cost, of our own process and of servers apart.

    Attributes:
        wall_s: How long it took.
        own_s: The processor time of the process that sends the requests.
        server_s: The processor time of the servers.
        requests: The number of requests.
        bytes: The bytes of their bodies and of those of the responses.
    """

    wall_s: float
    own_s: float
    server_s: float
    requests: int
    bytes: int

    def show(self, title: str, count: int) -> None:
        """Print this as a line, an entry."""
        own, servers = (x / count * 1e6 for x in (self.own_s, self.server_s))
        say(
            f"  {title:<24}{self.wall_s:7.2f} s{count / self.wall_s:8,.0f} entries/s   "
            f"an entry: {self.requests / count:.4f} requests "
            f"{self.bytes / count:7,.0f} bytes, processor "
            f"{own:5.0f} µs own {servers:5.0f} µs of servers"
        )


def bench_network(folder: Path, count: int, size: int) -> list[Measure]:
    """Print how long migrations take, and what they cost; return the ratios.

    Args:
        folder: A folder for the files.
        count: The number of entries.
        size: The bytes of an entry.
    """
    os.environ["DMC_PASSWORD"] = PASSWORD
    plain = _Content("parents", _records(folder, count, size))
    links = [
        (f"ENTRY-{number:07}", f"TAG-{number * 7 % _TAGS:05}")
        for number in range(count)
        if number % 100 < _LINKED_PERCENT
    ]
    files = _add_files(plain.records, folder / "files.jsonl")
    _bench_content(folder, plain, count)
    everything = _Content("parents, links, files", files, links)
    return _bench_content(folder, everything, count)


def _bench_content(folder: Path, content: _Content, count: int) -> list[Measure]:
    place = folder / content.records.stem
    place.mkdir()
    with serve_sandbox(place, "source") as source:
        loop = _filled(source, content)
        with serve_sandbox(place, "target") as target:
            moved, megabytes = _migrated(place, source, target)
            _require_all(target, count, len(content.links))
    say(f"migrate over HTTP, {content.title}: {count:,} entries")
    loop.show("bare loop", count)
    moved.show("migration", count)
    whole_s, bare_s = moved.own_s + moved.server_s, loop.own_s + loop.server_s
    say(
        f"  ratio{'':<19}{moved.wall_s / loop.wall_s:7.2f} of seconds, "
        f"{whole_s / bare_s:.2f} of processor time, "
        f"{moved.bytes / loop.bytes:.2f} of bytes; worker's peak {megabytes:.0f} MB"
    )
    what = f"migration of {count:,} entries over HTTP with {content.title}"
    return [
        Measure(f"{what}, processor time", 2.0, whole_s / bare_s, "x"),
        Measure(f"{what}, wall time", 2.0, moved.wall_s / loop.wall_s, "x"),
    ]


def _migrated(folder: Path, source: Sandbox, target: Sandbox) -> tuple[_Cost, float]:
    """Migrate everything; return the cost, and the worker's peak of memory in MB."""
    servers = source, target
    before = _used(servers)
    with dmc.open_center(folder / "network") as center:
        for name, server in zip(("source", "target"), servers, strict=True):
            center.installations.add(name, server.url, Access(user=USER))
        chosen = dmc.Selection(entity_types=("C_Entry",), with_needed=True)
        plan = dmc.MigrationPlan(source="source", selection=chosen)
        peak, begun = Peak(), time.perf_counter()
        wait(center, center.tasks.start_migration("target", plan))
        wall_s, megabytes = time.perf_counter() - begun, peak.stop()
    return _cost(wall_s, peak.cpu_s, before, _used(servers)), megabytes


def _used(servers: Sequence[Sandbox]) -> tuple[float, int, int]:
    """Return the processor time, the requests and the bytes of servers until now."""
    traffic = [server.traffic() for server in servers]
    return (
        sum(cpu_s(server.process) for server in servers),
        sum(number for number, _ in traffic),
        sum(size for _, size in traffic),
    )


def _cost(
    wall_s: float,
    own_s: float,
    before: tuple[float, int, int],
    after: tuple[float, int, int],
) -> _Cost:
    return _Cost(
        wall_s,
        own_s,
        after[0] - before[0],
        after[1] - before[1],
        after[2] - before[2],
    )


@contextmanager
def serve_sandbox(folder: Path, name: str) -> Iterator[Sandbox]:
    """Serve a new database by a process of its own until the block ends."""
    log = folder / f"{name}.log"
    command = [sys.executable, "-m", "dmc_widgets", "sandbox", "--port", "0"]
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [*command, "--db", str(folder / f"{name}.db")],
            env={**os.environ, "DMC_SANDBOX_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as process,
    ):
        try:
            announced = process.stdout.readline() if process.stdout else ""
            url = announced.split()[-1].rstrip("/")
            yield Sandbox(url, log, psutil.Process(process.pid))
        finally:
            process.terminate()


def _records(folder: Path, count: int, size: int) -> Path:
    """Write entries that name a parent, one of a thousand."""
    bare = records_file(folder / "bare.jsonl", count, size - len(_LINK % 0) + 2)
    path = folder / "network.jsonl"
    with bare.open("rb") as lines, path.open("wb") as stream:
        for number, line in enumerate(lines):
            stream.write(line.rstrip()[:-1] + _LINK % (number % _GROUPS))
    return path


def _add_files(records: Path, path: Path) -> Path:
    """Write the same entries again, one of twenty with a file."""
    file = base64.b64encode(bytes(range(256)) * (_FILE_BYTES // 256)).decode()
    with records.open("rb") as lines, path.open("wb") as stream:
        for number, line in enumerate(lines):
            if number % _FILE_EVERY:
                stream.write(line)
                continue
            value = {"name": f"file-{number}.bin", "fileBase64": file}
            stream.write(
                line.rstrip()[:-1] + b',"file":' + orjson.dumps(value) + b"}\n"
            )
    return path


def _filled(sandbox: Sandbox, content: _Content) -> _Cost:
    """Fill a server; return what the bare loop has cost."""
    with sandbox.client() as client:
        for definition in _DEFINITIONS:
            client.post(_ADMIN, json=definition).raise_for_status()
        for name, number in (("Group", _GROUPS), ("Tag", _TAGS)):
            codes = (f"{name.upper()}-{n:05}" for n in range(number))
            lines = [
                orjson.dumps({"externalReferenceCode": code, "title": code})
                for code in codes
            ]
            _post(client, f"C_{name}", b"\n".join(lines))
        own = psutil.Process()
        before, begun_s = _used([sandbox]), cpu_s(own)
        wall_s = seconds(lambda: _bare_loop(client, content))
        return _cost(wall_s, cpu_s(own) - begun_s, before, _used([sandbox]))


def _bare_loop(client: httpx2.Client, content: _Content) -> None:
    with content.records.open("rb") as lines:
        while body := b"".join(islice(lines, _BATCH)):
            _post(client, "C_Entry", body)
    by_code = "/o/c/entries/by-external-reference-code"
    for entry, tag in content.links:
        client.put(f"{by_code}/{entry}/tags/{tag}").raise_for_status()


def _post(client: httpx2.Client, name: str, body: bytes) -> None:
    """Post an import task and wait until it has ended."""
    params = {"taskItemDelegateName": name, "createStrategy": "UPSERT"}
    headers = {"Content-Type": "application/x-ndjson"}
    path = f"{_ENGINE}/{_ENTRY}"
    task = client.post(path, params=params, content=body, headers=headers).json()
    while task["executeStatus"] not in {"COMPLETED", "FAILED"}:
        time.sleep(0.02)
        task = client.get(f"{_ENGINE}/{task['id']}").json()
    if task["executeStatus"] == "FAILED" or task["failedItems"]:
        sys.exit(f"The bare loop's task failed: {task['errorMessage']}")


def _require_all(sandbox: Sandbox, count: int, links: int) -> None:
    with sandbox.client() as client:
        found = client.get("/o/c/entries", params={"pageSize": 1}).json()
        if found["totalCount"] != count:
            sys.exit(f"{found['totalCount']} of {count} entries have come")
        linked = "/o/c/entries?pageSize=1&filter=tags/title ne ''"
        found = client.get(linked).json()
        if links and found["totalCount"] != links:
            sys.exit(f"{found['totalCount']} of {links} links have come")


def _definition(name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "externalReferenceCode": name.upper(),
        "name": name,
        "label": {"en_US": name},
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            {
                "name": each,
                "businessType": type_,
                "label": {"en_US": each},
                "objectFieldSettings": _FILES if type_ == "Attachment" else [],
            }
            for each, type_ in fields.items()
        ],
    }


_FILES: Final = [
    {"name": "acceptedFileExtensions", "value": "bin"},
    {"name": "fileSource", "value": "userComputer"},
    {"name": "maximumFileSize", "value": 1},
]
_DEFINITIONS: Final = (
    _definition(
        "Entry",
        {
            "title": "Text",
            "amount": "Integer",
            "open": "Boolean",
            "day": "Date",
            "text": "LongText",
            "file": "Attachment",
        },
    ),
    {
        **_definition("Group", {"title": "Text"}),
        "objectRelationships": [
            {
                "name": "members",
                "label": {"en_US": "Members"},
                "type": "oneToMany",
                "deletionType": "prevent",
                "objectDefinitionExternalReferenceCode1": "GROUP",
                "objectDefinitionExternalReferenceCode2": "ENTRY",
            }
        ],
    },
    {
        **_definition("Tag", {"title": "Text"}),
        "objectRelationships": [
            {
                "name": "tags",
                "label": {"en_US": "Tags"},
                "type": "manyToMany",
                "deletionType": "disassociate",
                "objectDefinitionExternalReferenceCode1": "TAG",
                "objectDefinitionExternalReferenceCode2": "ENTRY",
            }
        ],
    },
)
