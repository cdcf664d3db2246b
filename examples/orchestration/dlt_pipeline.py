"""A dlt pipeline whose destination is an installation.

Any source of dlt fits: its tables are imported into the entity types of their names.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dlt
import orjson
from import_step import import_step

TARGET = os.environ.get("DMC_TARGET", "Production")
INCOMING = os.environ.get("DMC_INCOMING", "incoming")


@dlt.destination(batch_size=50_000, name="dmc", naming_convention="direct")
def installation(items: list[dict[str, Any]], table: dict[str, Any]) -> None:
    """Import a batch; a load that is run again goes on with the task it has begun."""
    load = dlt.current.load_package_state()["load_id"]
    content = b"".join(orjson.dumps(item) + b"\n" for item in items)
    key = f"{table['name']} of {load} from {items[0]['externalReferenceCode']}"
    with TemporaryDirectory() as folder:
        file = Path(folder, f"{table['name']}.jsonl")
        file.write_bytes(content)
        print(table["name"], import_step(TARGET, table["name"], str(file), key=key))


@dlt.resource(name="Customer")
def customers() -> Any:
    """Yield the records of a file; in a pipeline of yours, this is a source of dlt."""
    with Path(INCOMING, "Customer.jsonl").open("rb") as lines:
        yield from map(orjson.loads, lines)


if __name__ == "__main__":
    pipeline = dlt.pipeline("customers", destination=installation)
    pipeline.run(customers())
