"""Requests that no client makes, by thousands: none of them may be answered by 500.

``python tests/sandbox/fuzz.py 10000`` makes as many requests, spread over every
operation of the sandbox's own OpenAPI documents, and prints what came back. Without a
seed it chooses one, and tells it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from dmc_widgets.model.entity import OBJECT_DEFINITION
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    PICKLISTS,
    SETTINGS,
    Served,
    definition,
    field,
    served,
)

PATHS = (
    "/o/object-admin/v1.0",
    "/o/headless-admin-list-type/v1.0",
    "/o/headless-batch-engine/v1.0",
    "/o/c/thistles",
    "/o/c/meadows",
)

KNOWN = st.none() | st.fixed_dictionaries(
    {
        "className": st.sampled_from([ENTRY, OBJECT_DEFINITION]),
        "contentType": st.sampled_from(["JSON", "CSV", "XLS", "JSONT", "nothing"]),
        "exportTaskId": st.integers(1, 5),
        "externalReferenceCode": st.sampled_from(["A", "M", "MEADOW", "TINTS", "é/%"]),
        "id": st.integers(1, 4) | st.integers(30_001, 30_020),
        "importTaskId": st.integers(1, 5),
    }
)
"""Parts of paths that name something."""


def furnish(sandbox: Served) -> None:
    """Make two objects with fields of many kinds, a picklist, entries and tasks."""
    colour = {"listTypeDefinitionExternalReferenceCode": "TINTS"}
    picklist = {
        "externalReferenceCode": "TINTS",
        "listTypeEntries": [{"key": "red", "name": "Red"}],
        "name": "Tints",
    }
    link = {
        "deletionType": "cascade",
        "label": {"en_US": "Meadow"},
        "name": "meadow",
        "objectDefinitionExternalReferenceCode1": "MEADOW",
        "objectDefinitionExternalReferenceCode2": "THISTLE",
        "type": "oneToMany",
    }
    fields = [
        field("title", "Text"),
        field("amount", "Integer"),
        field("size", "LongInteger"),
        field("price", "PrecisionDecimal"),
        field("weight", "Decimal"),
        field("open", "Boolean"),
        field("due", "Date"),
        field("seen", "DateTime"),
        field("tint", "Picklist", **colour),
        field("tints", "MultiselectPicklist", **colour),
        field("story", "RichText"),
    ]
    with sandbox.client() as client:
        for path, body in (
            (PICKLISTS, picklist),
            (DEFINITIONS, definition("Thistle", objectFields=fields)),
            (DEFINITIONS, definition("Meadow", objectRelationships=[link])),
            ("/o/c/thistles", {"title": "A", "externalReferenceCode": "A"}),
            ("/o/c/meadows", {"title": "M", "externalReferenceCode": "M"}),
        ):
            answer = client.post(path, json=body)
            assert answer.status_code == 200, answer.text
        url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Thistle"
        assert client.post(url, json=[{"title": "B"}]).status_code == 200


def operations(sandbox: Served) -> Iterator[Any]:
    """Yield every operation of every document."""
    with sandbox.client() as client:
        for path in PATHS:
            document = client.get(f"{path}/openapi.json").json()
            schema = schemathesis.openapi.from_dict(document)
            yield from (found.ok() for found in schema.get_all_operations())  # type: ignore[union-attr]


def fuzz(sandbox: Served, number: int, seed: int) -> Counter[int]:
    """Make about *number* requests and count the answers by status.

    Raises:
        AssertionError: One was answered by 500, or by no JSON.
    """
    found: Counter[int] = Counter()
    every = list(operations(sandbox))
    each = -(-number // len(every))
    with sandbox.client() as client:
        for operation in every:
            found += _fuzz_one(client, operation, each, seed)
    return found


def _fuzz_one(
    client: httpx2.Client, operation: Any, number: int, seed: int
) -> Counter[int]:
    found: Counter[int] = Counter()
    mode = schemathesis.GenerationMode
    good = operation.as_strategy(generation_mode=mode.POSITIVE)
    bad = operation.as_strategy(generation_mode=mode.NEGATIVE)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=good | bad, known=KNOWN)
    def send(case: Any, known: dict[str, Any] | None) -> None:
        if known:  # what is there leads further than what is made up
            named = case.path_parameters or {}
            case.path_parameters = named | {n: known[n] for n in named if n in known}
        told = case.as_transport_kwargs()
        told.pop("cookies", None)
        if isinstance(told.get("data"), bytes | str):
            told["content"] = told.pop("data")
        told["headers"] = {
            name: value
            for name, value in (told.get("headers") or {}).items()
            if name.lower() != "authorization" and value.isprintable()
        }
        try:
            request = client.build_request(**told)
            request.read()
        except (AttributeError, TypeError, UnicodeEncodeError, httpx2.InvalidURL):
            return  # nothing that can be sent
        answer = client.send(request)
        found[answer.status_code] += 1
        assert answer.status_code < 500, (told, answer.text)

    send()
    return found


def main() -> None:
    """Run by hand, with figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    told = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "fuzz.db", SETTINGS) as sandbox,
    ):
        furnish(sandbox)
        found = fuzz(sandbox, told.number, told.seed)
    shown = ", ".join(f"{status}: {n:,}" for status, n in sorted(found.items()))
    sys.stdout.write(f"seed {told.seed}, {found.total():,} requests: {shown}\n")


if __name__ == "__main__":
    main()
