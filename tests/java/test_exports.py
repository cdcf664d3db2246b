"""What is exported for a version is what the classes of that version read.

Each item goes through Jackson as the batch engine does it: property by property into
the class of the build. Skipped where Java or the jars are missing.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import LIST_TYPE_DEFINITION, OBJECT_DEFINITION
from dmc_widgets.model.strategies import Policy
from dmc_widgets.objects.documents.file_bodies import file_body, package_body
from dmc_widgets.objects.versions.releases import find_release
from dmc_widgets.ports import Batch, Query
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.item_losses import fit_to_version
from tests.java.conftest import RunJava
from tests.java.version_table import BUILDS
from tests.tasks.full_documents import CHILD, HUES, PARENT

VERSIONS = ("7.4.3.28", "7.4.13.u77", "7.4.3.112")

Items = list[tuple[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Documents with every property, as an installation gives them out."""
    installation = connect(f"sqlite:///{tmp_path_factory.mktemp('java') / 'a.db'}")
    types = installation.entity_types()
    found = {}
    for key, items in (
        (LIST_TYPE_DEFINITION, [HUES]),
        (OBJECT_DEFINITION, [PARENT, CHILD]),
    ):
        entity_type = find_entity_type(types, key)
        batch = Batch(task=key, number=1, items=copy.deepcopy(items), policy=Policy())
        installation.write(entity_type, batch)
        found[key] = (entity_type, list(installation.read(entity_type, Query())))
    yield found
    installation.close()


def read_into_classes(run_java: RunJava, version: str, items: Items) -> list[str]:
    """Return for each item ``ok``, or what the classes of a version refuse."""
    lines = "".join(f"{name}\t{json.dumps(item)}\n" for name, item in items)
    printed = run_java("ReadItems.java", "top", jars=(BUILDS[version],), input=lines)
    return printed.splitlines()


@pytest.mark.parametrize("version", VERSIONS)
def test_classes_read_what_is_written_for_them_and_refuse_what_the_table_refuses(
    run_java: RunJava, given: Mapping[str, Any], version: str
) -> None:
    """Whole documents, then each property alone, at the top and in each kind of part.

    Both in one run of Java, which takes a second to start.
    """
    release = find_release(version)
    written: Items = []
    singles: Items = []
    for class_name, (entity_type, documents) in given.items():
        for make in (file_body, package_body):
            losses = fit_to_version(entity_type, version)
            assert losses is not None
            bodies = (make(entity_type, document) for document in documents)
            written += ((class_name, item) for item in losses.fit(bodies))
        for document in documents:
            body = file_body(entity_type, document)
            singles += ((class_name, single) for single in split_properties(body))

    said = read_into_classes(run_java, version, written + singles)

    assert said[: len(written)] == ["ok"] * 6
    refused = [
        release.schemas_of_class(class_name).find_unknown(
            class_name.rpartition(".")[2], item
        )
        is not None
        for class_name, item in singles
    ]
    assert any(refused)
    assert [text != "ok" for text in said[len(written) :]] == refused


def split_properties(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield objects that hold one property of *value* each, at whatever depth."""
    for name, part in value.items():
        members = part if isinstance(part, list) else []
        nested = [member for member in members if isinstance(member, dict)]
        for member in nested:
            for single in split_properties(member):
                yield {name: [single]}
        if not nested:
            yield {name: part}
