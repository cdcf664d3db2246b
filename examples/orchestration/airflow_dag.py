"""An Airflow DAG that imports customers, then their bicycles.

Put it into the folder of DAGs, beside import_step.py. ``python airflow_dag.py`` runs it
once, in this process.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from airflow.sdk import dag, get_current_context, task
from import_step import import_step

TARGET = os.environ.get("DMC_TARGET", "Production")
INCOMING = os.environ.get("DMC_INCOMING", "s3://bucket/incoming")


@task(retries=2)
def import_entity(entity: str) -> dict[str, int]:
    """Import the file of an entity type; a retry goes on where the last try stopped."""
    run = get_current_context()["run_id"]
    source = f"{INCOMING}/{entity}.jsonl"
    return import_step(TARGET, entity, source, key=f"{entity} of {run}")


@dag(schedule="0 2 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False)
def nightly_import() -> None:
    """Import customers and bicycles; failed records fail the run."""
    customers = import_entity.override(task_id="customers")("Customer")
    bicycles = import_entity.override(task_id="bicycles")("Bicycle")
    customers >> bicycles


nightly = nightly_import()

if __name__ == "__main__":
    run = nightly.test()
    for step in run.get_task_instances():
        print(f"{step.task_id}: {step.state}, try {step.try_number}")
    raise SystemExit(run.state != "success")
