"""Clients that openapi-python-client generates from the documents of the sandbox.

They do over HTTP what a program made for Liferay does: definitions are added, read,
changed and deleted; entries are imported and exported.
"""

from __future__ import annotations

import compileall
import importlib
import io
import json
import sys
import time
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from tests.sandbox.conftest import (
    ENTRY,
    SETTINGS,
    Define,
    SandboxServer,
    definition,
    field,
)

APIS = {
    "admin_client": "/o/object-admin/v1.0",
    "engine_client": "/o/headless-batch-engine/v1.0",
    "flue_client": "/o/c/flues",
}


class GeneratedClient:
    """A generated package, with a client of it that is signed in."""

    def __init__(self, package: str, base_url: str) -> None:
        self._package = package
        client = importlib.import_module(f"{package}.client")
        token = b64encode(f"{SETTINGS.user}:{SETTINGS.password}".encode()).decode()
        self._client = client.AuthenticatedClient(base_url, token, prefix="Basic")

    def close(self) -> None:
        self._client.get_httpx_client().close()

    def call(self, group: str, operation: str, *arguments: Any, **others: Any) -> Any:
        """Call the method of an operation, and return what its response contains."""
        name = f"{self._package}.api.{group}.{operation}"
        module = importlib.import_module(name)
        response = module.sync_detailed(*arguments, client=self._client, **others)
        assert response.status_code in {200, 202, 204}, response.content
        return response.parsed

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{self._package}.models"), name)


@pytest.fixture(scope="module")
def clients(
    sandbox: SandboxServer, define: Define, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, GeneratedClient]]:
    """Generate the clients of two APIs and of an object, and import them."""
    moment = field("seen", "DateTime")
    define("Flue", objectFields=[field("title", "Text"), field("due", "Date"), moment])
    folder = tmp_path_factory.mktemp("generated")
    with sandbox.client() as client:
        for package, path in APIS.items():
            document = folder / f"{package}.json"
            document.write_bytes(client.get(f"{path}/openapi.json").content)
            generate_package(document, folder / package)
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    generated = {
        package: GeneratedClient(package, sandbox.url + path.removesuffix("/v1.0"))
        for package, path in APIS.items()
    }
    yield generated
    for client_of_api in generated.values():
        client_of_api.close()
    sys.path.remove(str(folder))


def generate_package(document: Path, target: Path) -> None:
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=document,
        file_encoding="utf-8",
        overwrite=False,
        output_path=target,
    )
    problems = [problem.detail or "" for problem in generate(config=config)]
    # The generator knows no other body of a table than a form's.
    assert all("Unsupported content type" in problem for problem in problems), problems
    assert compileall.compile_dir(target, quiet=1)


def test_generated_client_adds_changes_and_deletes_definitions(
    clients: dict[str, GeneratedClient],
) -> None:
    """The names of methods are those of a client made from Liferay's documents."""
    admin = clients["admin_client"]
    new_definition = admin.model("ObjectDefinition").from_dict
    settings = [
        {"name": "maxLength", "value": 20},
        {"name": "showCounter", "value": True},
    ]
    title = field("title", "Text", objectFieldSettings=settings)
    body = new_definition(definition("Kiln", objectFields=[title]))

    created = admin.call("object_definition", "post_object_definition", body=body)
    changed = admin.call(
        "object_definition",
        "patch_object_definition",
        created.id,
        body=new_definition({"label": {"en_US": "Oven"}}),
    )
    coded = admin.call(
        "object_definition",
        "get_object_definition_by_external_reference_code",
        "KILN",
    )
    added = admin.call(
        "object_field",
        "post_object_definition_object_field",
        created.id,
        body=admin.model("ObjectField").from_dict(field("heat", "Integer")),
    )
    fields = admin.call(
        "object_field",
        "get_object_definition_object_fields_page",
        created.id,
        page="-1",
    )
    again = admin.call(
        "object_definition",
        "put_object_definition_by_external_reference_code",
        "KILN",
        body=new_definition(definition("Kiln", externalReferenceCode="KILN")),
    )
    admin.call("object_definition", "delete_object_definition", created.id)
    page = admin.call(
        "object_definition", "get_object_definitions_page", filter_="name eq 'Kiln'"
    )

    (own_field,) = [f for f in created.object_fields if f.name == "title"]
    assert {s.name: s.value for s in own_field.object_field_settings} == {
        "maxLength": 20,
        "showCounter": True,
    }
    assert changed.label.to_dict() == coded.label.to_dict() == {"en_US": "Oven"}
    assert added.business_type.value == "Integer"
    assert {"title", "heat"} <= {item.name for item in fields.items}
    assert again.id == created.id
    assert "heat" not in {f.name for f in again.object_fields}
    assert page.total_count == 0


def test_generated_client_imports_and_exports_entries(
    clients: dict[str, GeneratedClient],
) -> None:
    """An upload is a file of a form; the content of an export is a zip archive."""
    admin, engine = clients["admin_client"], clients["engine_client"]
    body = admin.model("ObjectDefinition").from_dict(definition("Anvil"))
    admin.call("object_definition", "post_object_definition", body=body)
    types = importlib.import_module("engine_client.types")
    items = [{"amount": 3, "externalReferenceCode": "A", "title": "One"}]
    file = types.File(io.BytesIO(json.dumps(items).encode()), "anvils.json")

    task = engine.call(
        "import_task",
        "post_import_task_1",
        ENTRY,
        body=engine.model("PostImportTaskRequestBody")(file=file),
        external_reference_code="ANVILS",
        task_item_delegate_name="C_Anvil",
    )
    task = wait(engine, "import_task", task.id)
    coded = engine.call(
        "import_task", "get_import_task_by_external_reference_code", "ANVILS"
    )
    export = engine.call(
        "export_task",
        "post_export_task",
        ENTRY,
        "JSON",
        field_names="amount,externalReferenceCode,title",
        task_item_delegate_name="C_Anvil",
    )
    export = wait(engine, "export_task", export.id)
    content = engine.call("export_task", "get_export_task_content", export.id)

    assert (task.execute_status.value, task.processed_items_count) == ("COMPLETED", 1)
    assert coded.failed_items == []
    with zipfile.ZipFile(content.payload) as archive:
        (name,) = archive.namelist()
        assert json.loads(archive.read(name)) == items


def test_generated_client_adds_changes_and_deletes_entries(
    clients: dict[str, GeneratedClient],
) -> None:
    """Dates are read as they are written: with a time."""
    flues = clients["flue_client"]
    new_entry = flues.model("Flue").from_dict
    values = {"due": "2024-01-05", "seen": "2024-01-05T10:00:00Z", "title": "A"}

    created = flues.call("flue", "post_flue", body=new_entry(values))
    flues.call("flue", "patch_flue", created.id, body=new_entry({"title": "B"}))
    page = flues.call("flue", "get_flues_page", filter_="title eq 'B'", page="-1")
    flues.call("flue", "delete_flue", created.id)

    (item,) = page.items
    assert (item.id, item.title) == (created.id, "B")
    assert item.due.isoformat() == "2024-01-05T00:00:00+00:00"
    assert item.seen.isoformat() == "2024-01-05T10:00:00+00:00"


def wait(engine: GeneratedClient, group: str, number: int) -> Any:
    for _ in range(500):
        task = engine.call(group, f"get_{group}", number)
        if task.execute_status.value in {"COMPLETED", "FAILED"}:
            return task
        time.sleep(0.02)
    pytest.fail(f"The task does not end: {task}")
