"""A migration between two servers, beside a loop that posts the same records.

Two sandboxes run as processes of their own and are spoken to over loopback. The bare
loop fills the source: it posts bodies of 1,000 records and waits for each, and looks
at nothing. The migration reads them from there, and writes them into the other one.
Requests and bytes come from the servers' logs; bytes are those of bodies. Processor
times say more than seconds where the machine is busy.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx2
import orjson
import psutil

import dmc_widgets as dmc
from dmc_widgets.model.access import Access
from tests.bench.measuring import Peak, cpu_s, records_file, say, seconds, wait

PASSWORD: Final = "bench only"
USER: Final = "test@liferay.com"
_ADMIN: Final = "/o/object-admin/v1.0/object-definitions"
_ENGINE: Final = "/o/headless-batch-engine/v1.0/import-task"
_ENTRY: Final = "com.liferay.object.rest.dto.v1_0.ObjectEntry"
_BATCH: Final = 1_000
_GROUPS: Final = 1_000
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


def bench_network(folder: Path, count: int, size: int) -> None:
    """Print how long a migration takes, and what it costs."""
    os.environ["DMC_PASSWORD"] = PASSWORD
    with (
        serve_sandbox(folder, "source") as source,
        serve_sandbox(folder, "target") as target,
    ):
        loop_s, loop_cpu_s = _filled(source, _records(folder, count, size))
        before = [*source.traffic(), *target.traffic()]
        spent = [cpu_s(source.process), cpu_s(target.process)]
        with dmc.open_center(folder / "network") as center:
            for name, each in (("source", source), ("target", target)):
                center.installations.add(name, each.url, Access(user=USER))
            chosen = dmc.Selection(entity_types=("C_Entry",), with_needed=True)
            plan = dmc.MigrationPlan(source="source", selection=chosen)
            peak, begun = Peak(), time.perf_counter()
            done = wait(center, center.tasks.start_migration("target", plan))
            took, megabytes = time.perf_counter() - begun, peak.stop()
        after = [*source.traffic(), *target.traffic()]
        source_cpu_s = cpu_s(source.process) - spent[0]
        target_cpu_s = cpu_s(target.process) - spent[1]
        _require_all(target, count)
    asked = [now - then for now, then in zip(after, before, strict=True)]
    say(
        f"{'migrate over HTTP':<26}{took:7.2f} s   bare loop {loop_s:6.2f} s   "
        f"ratio {took / loop_s:5.2f}   worker's peak {megabytes:4.0f} MB"
    )
    whole_s = peak.cpu_s + source_cpu_s + target_cpu_s
    say(
        f"{'':<26}{whole_s:7.2f} s of processors, bare loop {loop_cpu_s:6.2f} s   "
        f"ratio {whole_s / loop_cpu_s:5.2f}   (worker {peak.cpu_s:.2f}, "
        f"source {source_cpu_s:.2f}, target {target_cpu_s:.2f})"
    )
    say(
        f"{'':<26}{done.counts.created:,} records; requests an entry "
        f"{(asked[0] + asked[2]) / count:.4f} (source {asked[0]:,}, "
        f"target {asked[2]:,}); bytes an entry {(asked[1] + asked[3]) / count:,.0f} "
        f"(source {asked[1] / count:,.0f}, target {asked[3] / count:,.0f})"
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


def _filled(sandbox: Sandbox, records: Path) -> tuple[float, float]:
    """Fill a server; return the seconds and the processor time of the bare loop."""
    with sandbox.client() as client:
        for definition in _DEFINITIONS:
            client.post(_ADMIN, json=definition).raise_for_status()
        groups = [
            orjson.dumps({"externalReferenceCode": f"GROUP-{n:05}", "title": f"{n}"})
            for n in range(_GROUPS)
        ]
        _post(client, "C_Group", b"\n".join(groups))
        processes = (sandbox.process, psutil.Process())
        before = sum(map(cpu_s, processes))
        took = seconds(lambda: _bare_loop(client, records))
        return took, sum(map(cpu_s, processes)) - before


def _bare_loop(client: httpx2.Client, records: Path) -> None:
    with records.open("rb") as lines:
        while body := b"".join(islice(lines, _BATCH)):
            _post(client, "C_Entry", body)


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


def _require_all(sandbox: Sandbox, count: int) -> None:
    with sandbox.client() as client:
        found = client.get("/o/c/entries", params={"pageSize": 1}).json()
    if found["totalCount"] != count:
        sys.exit(f"{found['totalCount']} of {count} entries have come")


def _definition(name: str, fields: Mapping[str, str]) -> dict[str, Any]:
    return {
        "externalReferenceCode": name.upper(),
        "name": name,
        "label": {"en_US": name},
        "pluralLabel": {"en_US": f"{name}s"},
        "scope": "company",
        "status": {"code": 0},
        "objectFields": [
            {"name": each, "businessType": type_, "label": {"en_US": each}}
            for each, type_ in fields.items()
        ],
    }


_DEFINITIONS: Final = (
    _definition(
        "Entry",
        {
            "title": "Text",
            "amount": "Integer",
            "open": "Boolean",
            "day": "Date",
            "text": "LongText",
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
)
