"""Broken connections, busy servers, repeated requests: nothing twice, nothing lost."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

from dmc_widgets.installations.addresses import parse_address
from dmc_widgets.installations.connect_options import ConnectOptions
from dmc_widgets.installations.liferay import open_liferay
from dmc_widgets.installations.liferay.http.client import Limits
from dmc_widgets.installations.liferay.installation import LiferayInstallation
from dmc_widgets.model.access import Access
from dmc_widgets.model.outcome import GENERATED_KEY, Outcome, OutcomeKind
from dmc_widgets.model.strategies import (
    ErrorStrategy,
    ImportStrategy,
    Policy,
    UpdateStrategy,
)
from dmc_widgets.objects.fields.encrypted import Secret
from dmc_widgets.ports import Batch, Item
from dmc_widgets.testing.samples import DEFINITIONS, PICKLIST, read, type_named, write
from tests.installations.fault_proxy import Fault, Faults, faulty
from tests.sandbox.conftest import SETTINGS, run_sandbox

CALLER = ConnectOptions(
    access=Access(user=SETTINGS.user), secret=Secret(SETTINGS.password)
)
QUICK = Limits(tries=8, wait_s=0.01, longest_wait_s=0.1, poll_s=0.01, answer_s=20)
INSERT = Policy(
    import_strategy=ImportStrategy.INSERT, error_strategy=ErrorStrategy.CONTINUE
)
UPSERT = Policy(
    update_strategy=UpdateStrategy.PARTIAL_UPDATE, error_strategy=ErrorStrategy.CONTINUE
)

logging.getLogger("stamina").setLevel(logging.ERROR)


@dataclass
class Bench:
    """A client, the faults in front of its server, and a client without faults."""

    installation: LiferayInstallation
    faults: Faults
    direct: LiferayInstallation


def bench(folder: Path, faults: Faults) -> Iterator[Bench]:
    with (
        run_sandbox(folder / "sandbox.db") as sandbox,
        faulty(sandbox.url, faults) as url,
    ):
        direct = open_liferay(parse_address(sandbox.url), CALLER, QUICK)
        write(direct, "ListTypeDefinition", PICKLIST)
        write(direct, "ObjectDefinition", *DEFINITIONS)
        opened = open_liferay(parse_address(url), CALLER, QUICK)
        faults.paused = False
        yield Bench(opened, faults, direct)
        opened.close()
        direct.close()


@pytest.fixture
def few(tmp_path: Path) -> Iterator[Bench]:
    yield from bench(tmp_path, Faults(seed=20261125, number=40))


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Bench]:
    yield from bench(tmp_path, Faults(seed=7, number=200))


def records(number: int) -> list[Item]:
    """Return records; some have no code, and some lack a required field."""
    made: list[Item] = []
    for index in range(number):
        item: Item = {"externalReferenceCode": f"T-{index}", "title": f"Ticket {index}"}
        if index % 10 == 3:
            del item["externalReferenceCode"]
        if index % 50 == 7:
            del item["title"]
        made.append(item)
    return made


def batches(items: list[Item], size: int, policy: Policy) -> Iterator[Batch]:
    """Divide *items* into batches."""
    for number, at in enumerate(range(0, len(items), size), start=1):
        some = items[at : at + size]
        yield Batch(task="faults", number=number, items=some, policy=policy)


def write_batches(
    installation: LiferayInstallation, items: list[Item], size: int, policy: Policy
) -> list[Outcome]:
    """Write *items* in batches, as an import does."""
    entity_type = type_named(installation, "C_Ticket")
    some = batches(items, size, policy)
    return list(chain.from_iterable(installation.write_all(entity_type, some)))


def require_permission(
    bench: Bench, items: list[Item], outcomes: list[Outcome]
) -> None:
    """Check that every entry is stored once, and that every outcome is right."""
    expected = [
        OutcomeKind.CREATED if "title" in item else OutcomeKind.FAILED for item in items
    ]
    titles = Counter(
        entry["title"] for entry in read(bench.direct, "C_Ticket", "title")
    )

    assert [outcome.kind for outcome in outcomes] == expected
    assert titles == Counter(item["title"] for item in items if "title" in item)
    assert [outcome.key for outcome in outcomes if not outcome.note] == [
        item["externalReferenceCode"]
        for item, outcome in zip(items, outcomes, strict=True)
        if not outcome.note
    ]
    generated = [outcome for outcome in outcomes if outcome.note == GENERATED_KEY]
    assert len({outcome.key for outcome in generated}) == len(generated)


def test_import_survives_faults(few: Bench) -> None:
    """Entries are added once, whatever happens to requests and responses."""
    items = records(1000)

    outcomes = write_batches(few.installation, items, 50, INSERT)

    assert few.faults.done.total() == 40
    require_permission(few, items, outcomes)


def test_batches_written_one_by_one_survive_faults(few: Bench) -> None:
    """An import with parents among its own entries writes batches like this."""
    entity_type = type_named(few.installation, "C_Ticket")
    items = records(1000)

    outcomes = [
        outcome
        for batch in batches(items, 50, INSERT)
        for outcome in few.installation.write(entity_type, batch)
    ]

    assert few.faults.done.total() == 40
    require_permission(few, items, outcomes)


def test_repeated_batch_has_the_same_outcomes(few: Bench) -> None:
    """The outcomes come from the server; nothing of the batch is stored here."""
    items = records(100)
    require_permission(few, items, write_batches(few.installation, items, 50, UPSERT))
    changed = [{**item, "notes": "new"} for item in items]
    task = [Batch(task="later", number=1, items=changed, policy=UPSERT)]
    entity_type = type_named(few.direct, "C_Ticket")
    (first,) = (few.installation.write(entity_type, batch) for batch in task)

    (second,) = (few.direct.write(entity_type, batch) for batch in task)

    assert second == first
    assert Counter(x.kind for x in first) == {
        OutcomeKind.CREATED: 10,  # those without a code are new once more
        OutcomeKind.UPDATED: 88,
        OutcomeKind.FAILED: 2,
    }


@pytest.mark.slow
def test_large_import_survives_many_faults(
    many: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    """The figures are printed: ``pytest -m slow -s``."""
    items = records(5000)
    began = time.monotonic()

    outcomes = write_batches(many.installation, items, 50, INSERT)

    seconds = time.monotonic() - began
    assert many.faults.done.total() == 200
    assert set(many.faults.done) == set(Fault)
    require_permission(many, items, outcomes)
    lines = [
        f"5,000 entries, 200 faults: {seconds:.1f} s",
        f"{many.faults.requests / 5000:.2f} requests an entry",
        f"{many.faults.bytes / 5000:.0f} bytes sent an entry",
        *(f"{number:4} {fault}" for fault, number in sorted(many.faults.done.items())),
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + "\n")
