"""The entries of the sample installation: a bicycle workshop, made from a seed.

They hold what real data holds and demonstrations leave out: umlauts, quotation
marks, line breaks, prices with more digits than a float keeps, empty values, and
entries that point at others of their own kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Protocol

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
_KINDS = ("city", "trekking", "road", "mountain", "cargo", "child")
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


class _Maker(Protocol):
    def __call__(self, random: Random, number: int) -> Entry: ...


def sample_entries() -> Iterator[tuple[str, list[Entry]]]:
    """Yield each entity type's short name and its entries, parents first."""
    plan: Sequence[tuple[str, int, _Maker]] = (
        ("C_Customer", CUSTOMERS, _customer),
        ("C_Bicycle", BICYCLES, _bicycle),
        ("C_Repair", REPAIRS, _repair),
    )
    for name, count, make in plan:
        # One generator a type: more bicycles leave the repairs as they are.
        random = Random(f"{_SEED} {name}")
        yield name, [make(random, number) for number in range(1, count + 1)]


def _customer(random: Random, number: int) -> Entry:
    first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)
    since = _past(random, days=4_000)
    recommended = number > 20 and random.random() < 0.3
    return {
        "externalReferenceCode": _key("CUSTOMER", number),
        "name": f"{first} {last}",
        "email": f"customer{number}@example.com",
        "phone": f"+49 30 {random.randrange(10**6, 10**7)}",
        "customerSince": _date(since),
        "lastVisit": _moment(_past(random, days=300)),
        "newsletter": random.random() < 0.4,
        "loyaltyPoints": random.randrange(10**11),
        "notes": random.choice(_NOTES) if random.random() < 0.5 else None,
        "r_referral_c_customerERC": (
            _key("CUSTOMER", random.randrange(1, number)) if recommended else ""
        ),
    }


def _bicycle(random: Random, number: int) -> Entry:
    model, kind = random.choice(_MODELS), random.choice(_KINDS)
    return {
        "externalReferenceCode": _key("BICYCLE", number),
        "frameNumber": f"WZ{random.randrange(10**4):04}-{number:06}",
        "model": model,
        "kind": {"key": kind},
        "extras": [{"key": each} for each in _some(random, _EXTRAS)],
        "price": _price(random, 5_000),
        "weight": round(random.uniform(6.5, 42.0), 2),
        "distance": random.randrange(100_000_000),
        "gears": random.choice((1, 3, 7, 8, 11, 24, 27)),
        "electric": random.random() < 0.3,
        "bought": _date(_past(random, days=3_000)),
        "description": f"<p>{model}, <strong>{kind}</strong> &amp; well kept.</p>",
        "r_bicycles_c_customerERC": _key("CUSTOMER", random.randint(1, CUSTOMERS)),
    }


def _repair(random: Random, number: int) -> Entry:
    complaint = random.choice(_COMPLAINTS)
    received = _past(random, days=900)
    promised = received + dt.timedelta(days=random.randrange(1, 15))
    minutes = random.randrange(10, 480)
    return {
        "externalReferenceCode": _key("REPAIR", number),
        "title": f"{complaint} ({number})",
        "state": {"key": random.choice(_STATES)},
        "services": [{"key": each} for each in _some(random, _SERVICES)],
        "receivedAt": _moment(received),
        "promisedFor": _date(promised) if random.random() < 0.9 else None,
        "workMinutes": minutes,
        "hourlyRate": random.choice((54.5, 62.25, 71.9)),
        "partsPrice": _price(random, 300),
        "warranty": random.random() < 0.1,
        "complaint": f"{complaint}.\n{random.choice(_NOTES)}",
        "report": f"<p>Done in {minutes} minutes.</p><ul><li>Grüße!</li></ul>",
        "r_repairs_c_bicycleERC": _key("BICYCLE", random.randint(1, BICYCLES)),
    }


def _key(kind: str, number: int) -> str:
    return f"{kind}-{number:05}"


def _some(random: Random, keys: Sequence[str]) -> list[str]:
    return [key for key in keys if random.random() < 0.35]


def _price(random: Random, highest: int) -> Decimal:
    """Return a net price as a shop's program computes it: sixteen decimals."""
    gross = random.randrange(100, highest * 100)
    return (Decimal(gross) / Decimal(119)).quantize(Decimal("1e-16"))


def _past(random: Random, *, days: int) -> dt.datetime:
    return _TODAY - dt.timedelta(minutes=random.randrange(days * 24 * 60))


def _date(moment: dt.datetime) -> str:
    return moment.date().isoformat()


def _moment(moment: dt.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
