"""Thousands of unusual requests, none of which may be answered by 500.

``python tests/sandbox/fuzz.py 10000`` makes as many requests, spread over every
operation of the sandbox's own OpenAPI documents, and prints a summary of the responses.
Without a seed it chooses one, and prints it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.objects.parts.part_kinds import DEFINITION_PARTS
from tests.sandbox.conftest import (
    DEFINITIONS,
    ENGINE,
    ENTRY,
    PICKLISTS,
    SETTINGS,
    SandboxServer,
    definition,
    field,
    run_sandbox,
)
from tests.sandbox.spoiled_bodies import spoil

PATHS = (
    "/o/object-admin/v1.0",
    "/o/headless-admin-list-type/v1.0",
    "/o/headless-batch-engine/v1.0",
    "/o/batch-planner/v1.0",
    "/o/c/thistles",
    "/o/c/meadows",
    "/o/c/heaths",
)
SITE = "north"

FOLDERS = "/o/object-admin/v1.0/object-folders"
TINTS = {"listTypeDefinitionExternalReferenceCode": "TINTS"}
LINK = {
    "deletionType": "cascade",
    "label": {"en_US": "Meadow"},
    "name": "meadow",
    "objectDefinitionExternalReferenceCode1": "MEADOW",
    "objectDefinitionExternalReferenceCode2": "THISTLE",
    "type": "oneToMany",
}
FIELDS = [
    field("title", "Text"),
    field("amount", "Integer"),
    field("size", "LongInteger"),
    field("price", "PrecisionDecimal"),
    field("weight", "Decimal"),
    field("open", "Boolean"),
    field("due", "Date"),
    field("seen", "DateTime"),
    field("tint", "Picklist", **TINTS),
    field("tints", "MultiselectPicklist", **TINTS),
    field("story", "RichText"),
]
NAMED = [{"name": {"en_US": "One"}}]
MEADOW = definition(
    "Meadow",
    objectActions=[{"externalReferenceCode": "ACTION", "name": "one"}],
    objectLayouts=NAMED,
    objectRelationships=[LINK],
    objectValidationRules=NAMED,
    objectViews=NAMED,
)
TINT_LIST = {"listTypeEntries": [{"key": "red", "name": "Red"}], "name": "Tints"}
BODIES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (PICKLISTS, "TINTS", TINT_LIST),
    (FOLDERS, "HEDGE", {"label": {"en_US": "Hedge"}, "name": "Hedge"}),
    (DEFINITIONS, "THISTLE", definition("Thistle", objectFields=FIELDS)),
    (DEFINITIONS, "MEADOW", MEADOW),
    ("/o/c/thistles", "A", {"title": "A"}),
    (DEFINITIONS, "HEATH", definition("Heath", scope="site")),
    ("/o/c/meadows", "M", {"title": "M"}),
    (f"/o/c/heaths/scopes/{SITE}", "H", {"title": "H"}),
)

Ids = dict[str, list[int]]
"""What is there, by the last fixed part of the path that it is found at."""

Bodies = dict[str, list[Any]]
"""Real bodies, by the last fixed part of the path of their list."""

_VARIANTS = 5
"""The number of requests that are made from each generated one."""

_PARTS = ("fields", "relationships", "actions", "layouts", "validation-rules", "views")
_OWNERS = {
    "listTypeDefinitionId": "list-type-definitions",
    "listTypeEntryId": "list-type-entries",
    "objectActionId": "object-actions",
    "objectDefinitionId": "object-definitions",
    "objectFieldId": "object-fields",
    "objectFolderId": "object-folders",
    "objectLayoutId": "object-layouts",
    "objectRelationshipId": "object-relationships",
    "objectValidationRuleId": "object-validation-rules",
    "objectViewId": "object-views",
    "heathId": "heaths",
    "meadowId": "meadows",
    "thistleId": "thistles",
}
"""The list that an id in a path belongs to."""

_RESTORED_AFTER = 5
"""The number of operations after which deleted samples are restored."""

_CODES = ["A", "M", "H", "MEADOW", "TINTS", "é/%"]
_CLASSES = [ENTRY, OBJECT_DEFINITION, *(kind.class_name for kind in DEFINITION_PARTS)]


def known_parts(ids: Ids) -> st.SearchStrategy[dict[str, Any] | None]:
    """Return path parameters that name existing things."""
    codes = st.sampled_from(_CODES)
    numbers = {
        name: st.sampled_from([*(ids.get(place) or [1]) * 3, 1, 2**40])
        for name, place in _OWNERS.items()
    }
    named = st.fixed_dictionaries(
        {
            "className": st.sampled_from(_CLASSES),
            "contentType": st.sampled_from(["JSON", "CSV", "XLS", "JSONT", "nothing"]),
            "currentExternalReferenceCode": codes,
            "exportTaskId": st.integers(1, 5),
            "externalReferenceCode": codes,
            "importTaskId": st.integers(1, 5),
            "internalClassNameKey": st.sampled_from([*_CLASSES, f"{ENTRY}#C_Thistle"]),
            "planId": st.integers(1, 5),
            "relatedExternalReferenceCode": codes,
            "scopeKey": st.sampled_from([SITE, SITE, "nowhere"]),
            **numbers,
        }
    )
    return st.one_of(named, named, named, st.none())


_QUERY_NAMES = [
    "accumulateError",
    "aggregationTerms",
    "batchExternalReferenceCode",
    "batchNestedFields",
    "batchNestedFieldsDepth",
    "batchRestrictFields",
    "createStrategy",
    "externalReferenceCode",
    "fields",
    "filter",
    "nestedFields",
    "nestedFieldsDepth",
    "objectDefinitionId",
    "page",
    "pageSize",
    "restrictFields",
    "scopeKey",
    "search",
    "siteId",
    "sort",
    "taskItemDelegateName",
    "updateStrategy",
]
_QUERY_VALUES = [
    "",
    "-1",
    "0",
    "2",
    "C_Meadow",
    "C_Thistle",
    "MEADOW",
    "PARTIAL_UPDATE",
    "UPSERT",
    "amount gt 1 and contains(title, 'a')",
    "meadow",
    "north",
    "permissions,auditEvents,thistles",
    "title",
    "title:desc",
    "true",
    "é'(",
]


def choose_queries(chance: random.Random) -> dict[str, str]:
    """Choose query parameters, of which some are known to the operation."""
    names = chance.sample(_QUERY_NAMES, chance.randint(0, 3))
    return {name: chance.choice(_QUERY_VALUES) for name in names}


def create_samples(sandbox: SandboxServer) -> Bodies:
    """Create objects with parts of all kinds, a picklist, entries and a task.

    Those that exist already are restored.
    """
    with sandbox.client() as client:
        for path, code, body in BODIES:
            coded = f"{path}/by-external-reference-code/{code}"
            response = client.put(coded, json=body)
            assert response.status_code == 200, response.text
        url = f"{ENGINE}/import-task/{ENTRY}?taskItemDelegateName=C_Thistle"
        assert client.post(url, json=[{"title": "B"}]).status_code == 200
        return _collect_bodies(client)


def _collect_bodies(client: httpx2.Client) -> Bodies:
    def listed(path: str) -> list[Any]:
        items: list[Any] = client.get(path).json()["items"]
        return items

    owner = f"{DEFINITIONS}/by-external-reference-code"
    found = {
        f"object-{part}": listed(f"{owner}/MEADOW/object-{part}") for part in _PARTS
    }
    picklist = f"{PICKLISTS}/by-external-reference-code/TINTS/list-type-entries"
    return found | {
        "list-type-definitions": listed(PICKLISTS),
        "list-type-entries": listed(picklist),
        "meadows": listed("/o/c/meadows"),
        "heaths": listed(f"/o/c/heaths/scopes/{SITE}"),
        "object-definitions": listed(DEFINITIONS),
        "object-folders": listed(FOLDERS),
        "thistles": listed("/o/c/thistles"),
    }


def operations(sandbox: SandboxServer) -> Iterator[tuple[str, Any]]:
    """Yield every operation of every document, with the name of its list."""
    with sandbox.client() as client:
        for path in PATHS:
            document = client.get(f"{path}/openapi.json").json()
            schema = schemathesis.openapi.from_dict(document)
            for found in schema.get_all_operations():
                operation = found.ok()  # type: ignore[union-attr]
                steps = [path.rpartition("/")[2], *operation.path.split("/")]
                lists = [step for step in steps if step in _OWNERS.values()]
                yield lists[-1] if lists else "thistles", operation


def fuzz(
    sandbox: SandboxServer, number: int, seed: int, sample: int = 0
) -> Counter[int]:
    """Send about *number* requests, and count the responses by status.

    Args:
        sandbox: The server.
        number: The number of requests, spread over the operations.
        seed: Decides on the requests.
        sample: The number of operations to choose; 0 for all of them.

    Raises:
        AssertionError: A response has status 500, or is not JSON.
    """
    found: Counter[int] = Counter()
    every = list(operations(sandbox))
    if sample:
        every = random.Random(seed).sample(every, sample)
    examples = -(-number // (len(every) * (_VARIANTS + 1)))
    with sandbox.client() as client:
        for position, (name, operation) in enumerate(every):
            if position % _RESTORED_AFTER == 0:
                bodies = create_samples(sandbox)
                ids = {k: [body["id"] for body in some] for k, some in bodies.items()}
            send = partial(_send, client, found)
            vary = partial(_vary, bodies.get(name) or [{}], send)
            _fuzz_one(operation, known_parts(ids), vary, (examples, seed))
    return found


def _vary(
    bodies: list[Any],
    send: Callable[[dict[str, Any]], None],
    case: Any,
    chance: random.Random,
) -> None:
    """Send a request, and variants with other queries and with nearly right bodies."""
    arguments = _transport_arguments(case)
    send(arguments)
    has_body = case.method.upper() not in {"GET", "HEAD"}
    for _ in range(_VARIANTS):
        queries = {**(arguments.get("params") or {}), **choose_queries(chance)}
        varied = {k: arguments[k] for k in ("method", "url", "headers")}
        varied["params"] = queries
        if has_body:
            body = spoil(chance.choice(bodies), chance)
            if case.path.endswith(("batch", "{className}")):
                body = [body]
            varied["content"] = json.dumps(body).encode()
            varied["headers"] = {"Content-Type": "application/json"}
        send(varied)


def _transport_arguments(case: Any) -> dict[str, Any]:
    """Return the arguments of the HTTP client that send a generated request."""
    arguments: dict[str, Any] = case.as_transport_kwargs()
    arguments.pop("cookies", None)
    if isinstance(arguments.get("data"), bytes | str):
        arguments["content"] = arguments.pop("data")
    arguments["headers"] = {
        name: value
        for name, value in (arguments.get("headers") or {}).items()
        if name.lower() != "authorization" and value.isprintable()
    }
    return arguments


def _fuzz_one(
    operation: Any,
    known: st.SearchStrategy[dict[str, Any] | None],
    vary: Callable[[Any, random.Random], None],
    often: tuple[int, int],
) -> None:
    """Send requests to an operation; *often* says how many, and the seed."""
    mode = schemathesis.GenerationMode
    good = operation.as_strategy(generation_mode=mode.POSITIVE)
    bad = operation.as_strategy(generation_mode=mode.NEGATIVE)

    @hypothesis.seed(often[1])
    @hypothesis.settings(
        max_examples=often[0],
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=good | bad, named=known, salt=st.integers(0, 2**32))
    def run(case: Any, named: dict[str, Any] | None, salt: int) -> None:
        if named:  # what is there leads further than what is made up
            made_up = case.path_parameters or {}
            there = {name: named[name] for name in made_up if name in named}
            case.path_parameters = made_up | there
        vary(case, random.Random(salt))

    run()


def _send(
    client: httpx2.Client, found: Counter[int], arguments: dict[str, Any]
) -> None:
    try:
        request = client.build_request(**arguments)
        request.read()
    except (AttributeError, TypeError, UnicodeEncodeError, httpx2.InvalidURL):
        return  # nothing that can be sent
    response = client.send(request)
    found[response.status_code] += 1
    assert response.status_code < 500, (arguments, response.text)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        run_sandbox(Path(folder) / "fuzz.db", SETTINGS) as sandbox,
    ):
        create_samples(sandbox)
        found = fuzz(sandbox, arguments.number, arguments.seed)
    summary = ", ".join(f"{status}: {n:,}" for status, n in sorted(found.items()))
    sys.stdout.write(f"seed {arguments.seed}, {found.total():,} requests: {summary}\n")


if __name__ == "__main__":
    main()
