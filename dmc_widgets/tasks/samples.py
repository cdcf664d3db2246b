"""Sample data: a new workspace gets two installations to try everything with.

The source holds a bicycle workshop, generated from a seed. Its entries have what real
data has and demonstrations leave out: umlauts, quotation marks, line breaks, prices
with more digits than a float keeps, empty values, and entries that refer to others of
their own type.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Protocol

from ..errors import Refused
from ..formats.source import open_source
from ..installations import connect
from ..model.entity_type import EntityType
from ..model.record import UnreadableRecord
from ..model.strategies import Policy
from ..ports import Batch, Installation, Item
from ..storage.operating_system import sqlite_url_path
from ..storage.private_files import make_private_folder
from ..workspace import Workspace
from ..workspace.file_transfer import translate_os_errors

SAMPLE_SOURCE = "Sample source"
SAMPLE_TARGET = "Sample target"
_SEEDED_SETTING = "furnished"  # the name that existing workspaces have

_SAMPLE_FOLDER = Path(__file__).parent / "sample_data"
_BATCH_ITEMS = 1_000

CUSTOMERS = 800
BICYCLES = 1_200
REPAIRS = 2_500

_SEED = 2026
_TODAY = dt.datetime(2026, 6, 30, 18, 0, tzinfo=dt.UTC)
_FIRST_NAMES = [
    "Jürgen",
    "Zoë",
    "Aoife",
    "Björn",
    "Chloé",
    "Łukasz",
    "İpek",
    "Søren",
    "Marta",
    "Noah",
    "Yuki",
    "Amara",
    "Élodie",
    "Goran",
    "Siân",
    "Ömer",
    "Renée",
    "Pádraig",
    "Ingrid",
    "Thị",
]
_LAST_NAMES = [
    "Müller",
    "O’Brien",
    "García Ruiz",
    "Groß",
    "Dvořák",
    "van der Berg",
    "Ångström",
    "Şahin",
    "Nguyễn",
    "Smith",
    "Kowalczyk",
    "Bălan",
    'D"Arcy',
    "Żak",
    "Fournier",
    "Okafor",
    "Tanaka",
    "Weiß",
]
_NOTES = (
    'Prefers calls after 5 p.m.; says "no e-mails, please".',
    "Rides to work every day.\nNeeds a loan bicycle during repairs.",
    "Zahlt bar, möchte eine Quittung.\r\nTürcode: 47 #",
    "Pays yearly; see the agreement, section 3, “Fleet”.",
    "Allergic to the smell of rubber solution\tuse the side door.",
)
_MODELS = [
    "Kranich 7",
    "Elbe Tour",
    "Großglockner 29″",
    "Café Racer",
    "Øresund",
    "Pony 20",
    "Mistral 'S'",
    "Donau Cargo",
    "Sirocco",
    "Étoile",
]
_BICYCLE_KINDS = ("city", "trekking", "road", "mountain", "cargo", "child")
_EXTRAS = ("lights", "rack", "mudguards", "lock", "bell", "childSeat")
_STATES = ("received", "waiting", "inProgress", "done", "collected", "collected")
_SERVICES = ("inspection", "brakes", "gears", "wheels", "chain", "battery")
_COMPLAINTS = (
    "Front brake squeals when wet",
    'Gear shifter stuck in "7"',
    "Rear wheel out of true — 2 spokes broken",
    "Chain skips under load",
    "Battery shows 80 % but is empty after 5 km",
    "Yearly inspection",
)

Entry = dict[str, Any]


class _EntryFactory(Protocol):
    def __call__(self, random: Random, number: int) -> Entry: ...


def generate_entries() -> Iterator[tuple[str, list[Entry]]]:
    """Yield each entity type's short name and its entries, parents first."""
    plan: Sequence[tuple[str, int, _EntryFactory]] = (
        ("C_Customer", CUSTOMERS, _make_customer),
        ("C_Bicycle", BICYCLES, _make_bicycle),
        ("C_Repair", REPAIRS, _make_repair),
    )
    for name, count, make in plan:
        # One generator a type: more bicycles leave the repairs as they are.
        random = Random(f"{_SEED} {name}")
        yield name, [make(random, number) for number in range(1, count + 1)]


def _make_customer(random: Random, number: int) -> Entry:
    first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)
    since = _random_past_moment(random, days=4_000)
    recommended = number > 20 and random.random() < 0.3
    return {
        "externalReferenceCode": _format_code("CUSTOMER", number),
        "name": f"{first} {last}",
        "email": f"customer{number}@example.com",
        "phone": f"+49 30 {random.randrange(10**6, 10**7)}",
        "customerSince": _format_date(since),
        "lastVisit": _format_moment(_random_past_moment(random, days=300)),
        "newsletter": random.random() < 0.4,
        "loyaltyPoints": random.randrange(10**11),
        "notes": random.choice(_NOTES) if random.random() < 0.5 else None,
        "r_referral_c_customerERC": (
            _format_code("CUSTOMER", random.randrange(1, number)) if recommended else ""
        ),
    }


def _make_bicycle(random: Random, number: int) -> Entry:
    model, kind = random.choice(_MODELS), random.choice(_BICYCLE_KINDS)
    return {
        "externalReferenceCode": _format_code("BICYCLE", number),
        "frameNumber": f"WZ{random.randrange(10**4):04}-{number:06}",
        "model": model,
        "kind": {"key": kind},
        "extras": [{"key": key} for key in _choose_some(random, _EXTRAS)],
        "price": _random_price(random, 5_000),
        "weight": round(random.uniform(6.5, 42.0), 2),
        "distance": random.randrange(100_000_000),
        "gears": random.choice((1, 3, 7, 8, 11, 24, 27)),
        "electric": random.random() < 0.3,
        "bought": _format_date(_random_past_moment(random, days=3_000)),
        "description": f"<p>{model}, <strong>{kind}</strong> &amp; well kept.</p>",
        "r_bicycles_c_customerERC": _format_code(
            "CUSTOMER", random.randint(1, CUSTOMERS)
        ),
    }


def _make_repair(random: Random, number: int) -> Entry:
    complaint = random.choice(_COMPLAINTS)
    received = _random_past_moment(random, days=900)
    promised = received + dt.timedelta(days=random.randrange(1, 15))
    minutes = random.randrange(10, 480)
    return {
        "externalReferenceCode": _format_code("REPAIR", number),
        "title": f"{complaint} ({number})",
        "state": {"key": random.choice(_STATES)},
        "services": [{"key": key} for key in _choose_some(random, _SERVICES)],
        "receivedAt": _format_moment(received),
        "promisedFor": _format_date(promised) if random.random() < 0.9 else None,
        "workMinutes": minutes,
        "hourlyRate": random.choice((54.5, 62.25, 71.9)),
        "partsPrice": _random_price(random, 300),
        "warranty": random.random() < 0.1,
        "complaint": f"{complaint}.\n{random.choice(_NOTES)}",
        "report": f"<p>Done in {minutes} minutes.</p><ul><li>Grüße!</li></ul>",
        "r_repairs_c_bicycleERC": _format_code("BICYCLE", random.randint(1, BICYCLES)),
    }


def _format_code(kind: str, number: int) -> str:
    return f"{kind}-{number:05}"


def _choose_some(random: Random, keys: Sequence[str]) -> list[str]:
    return [key for key in keys if random.random() < 0.35]


def _random_price(random: Random, highest: int) -> Decimal:
    """Return a net price with sixteen decimals, as a shop's program computes it."""
    gross = random.randrange(100, highest * 100)
    return (Decimal(gross) / Decimal(119)).quantize(Decimal("1e-16"))


def _random_past_moment(random: Random, *, days: int) -> dt.datetime:
    return _TODAY - dt.timedelta(minutes=random.randrange(days * 24 * 60))


def _format_date(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def _format_moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def write_sample_data(installation: Installation) -> None:
    """Write the bicycle workshop: a folder, picklists, three objects, their entries.

    Writing to the same installation twice changes nothing.

    Raises:
        Refused: The installation refuses an item.
        InstallationError: The installation does not answer.
    """
    number = 0
    for key, items in _read_sample_data():
        # Entity types are read each time: definitions add those of the entries.
        entity_type = _find_entity_type(installation, key)
        for start in range(0, len(items), _BATCH_ITEMS):
            number += 1
            batch = Batch(
                task="sample-data",
                number=number,
                items=items[start : start + _BATCH_ITEMS],
                policy=Policy(),
            )
            _write_batch(installation, entity_type, batch)


def _read_sample_data() -> Iterator[tuple[str, Sequence[Item]]]:
    for path in sorted(_SAMPLE_FOLDER.glob("*.batch-engine-data.json")):
        with open_source(path) as source:
            records = list(source.records())
            items = [x for x in records if not isinstance(x, UnreadableRecord)]
            if source.configuration is None or len(items) < len(records):
                raise Refused(path.name, "The file of sample data is damaged.")
            yield source.configuration.key, items
    yield from generate_entries()


def _find_entity_type(installation: Installation, name: str) -> EntityType:
    for entity_type in installation.entity_types():
        if entity_type.is_named(name):
            return entity_type
    raise Refused(name, "The installation does not hold this entity type.")


def _write_batch(
    installation: Installation, entity_type: EntityType, batch: Batch
) -> None:
    for outcome in installation.write(entity_type, batch):
        if outcome.problem is not None:
            reason = f"{outcome.key}: {outcome.problem.message}"
            raise Refused(entity_type.name, reason)


def seed_workspace(workspace: Workspace) -> None:
    """Create the sample installations of a new workspace; leave others unchanged.

    Each database is created under another name and then renamed, so a process that is
    killed leaves no database that looks finished.
    """
    if workspace.setting(_SEEDED_SETTING):
        return
    folder = workspace.path / "sample"
    for name, file, content in (
        (SAMPLE_SOURCE, "source.db", write_sample_data),
        (SAMPLE_TARGET, "target.db", _leave_empty),
    ):
        _create_database(folder / file, content)
        workspace.connections.put(name, f"sqlite:///{sqlite_url_path(folder / file)}")
    workspace.save_setting(_SEEDED_SETTING, "yes")


def _create_database(path: Path, content: Callable[[Installation], None]) -> None:
    if path.exists():
        return
    part = path.with_name(f"{uuid.uuid4().hex}.part")
    with translate_os_errors(path.parent):
        make_private_folder(path.parent)
    try:
        installation = connect(f"sqlite:///{sqlite_url_path(part)}")
        try:
            content(installation)
        finally:
            installation.close()
        with translate_os_errors(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _leave_empty(_installation: Installation) -> None:
    """Leave the target empty."""
