"""A Prefect flow that imports customers, then their bicycles.

Run it once with ``python prefect_flow.py``; deploy it as any other flow.
"""

from __future__ import annotations

import os

from import_step import import_step
from prefect import flow, task
from prefect.runtime import flow_run

TARGET = os.environ.get("DMC_TARGET", "Production")
INCOMING = os.environ.get("DMC_INCOMING", "s3://bucket/incoming")


@task(retries=2, task_run_name="import {entity}")
def import_entity(entity: str) -> dict[str, int]:
    """Import the file of an entity type; a retry goes on where the last try stopped."""
    source = f"{INCOMING}/{entity}.jsonl"
    return import_step(TARGET, entity, source, key=f"{entity} of {flow_run.id}")


@flow(log_prints=True)
def nightly_import() -> None:
    """Import customers and bicycles; failed records fail the flow."""
    for entity in ("Customer", "Bicycle"):
        print(f"{entity}: {import_entity(entity)}")


if __name__ == "__main__":
    nightly_import()
