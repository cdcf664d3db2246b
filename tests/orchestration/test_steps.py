"""Imports as steps of Airflow, Prefect and dlt: the examples, run by these programs.

They run in an environment of their own, `.tools/orchestration`, which ``make test``
makes from `examples/orchestration/uv.lock`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import dmc_widgets as dmc
from dmc_widgets.model.task import Counts

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "orchestration"
PYTHON = ROOT / ".tools" / "orchestration" / "bin" / "python"
ALL = Counts(created=6)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="`make test` installs Airflow"),
]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Six customers and six bicycles, the third of which cannot be imported."""
    incoming = tmp_path / "incoming"
    incoming.mkdir()
    customers = [
        {"externalReferenceCode": f"O{n}", "name": "N", "email": f"o{n}@example.com"}
        for n in range(6)
    ]
    bicycles = [
        {
            "externalReferenceCode": f"B{n}",
            "frameNumber": f"F{n}",
            "model": "M",
            "kind": "submarine" if n == 2 else "city",
        }
        for n in range(6)
    ]
    for name, records in (("Customer", customers), ("Bicycle", bicycles)):
        lines = "".join(f"{json.dumps(record)}\n" for record in records)
        (incoming / f"{name}.jsonl").write_text(lines)
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return {
        **kept,
        "DMC_WORKSPACE": str(tmp_path / "workspace"),
        "DMC_TARGET": "Sample source",
        "DMC_INCOMING": str(incoming),
        "HOME": str(tmp_path),
        # Each program keeps what it has to in a folder of the test, and asks no host.
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(EXAMPLES),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "0",
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(tmp_path / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }


def run(
    environment: dict[str, str], *arguments: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PYTHON, "-B", *arguments],
        cwd=EXAMPLES,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def imports_of(environment: dict[str, str]) -> dict[str, Counts]:
    """Return the counts of each import of the workspace by the file's name."""
    with dmc.open_center(environment["DMC_WORKSPACE"]) as center:
        tasks = center.tasks.list(action="Import")
        found = {task.original_file: task.counts for task in tasks}
        assert len(found) == len(tasks)
        return found


@pytest.mark.parametrize(
    ("script", "tried"),
    [("prefect_flow.py", "Retries are exhausted"), ("airflow_dag.py", "failed, try 3")],
)
def test_retry_of_a_step_goes_on_with_its_task(
    environment: dict[str, str], script: str, tried: str
) -> None:
    """The first try stops at a record, the second imports the rest, the third fails."""
    if script == "airflow_dag.py":
        made = run(environment, "-m", "airflow", "db", "migrate")
        assert made.returncode == 0, made.stdout + made.stderr

    done = run(environment, script)

    told = done.stdout + done.stderr
    assert done.returncode == 1, told
    assert tried in told
    assert 'has no key "submarine"' in told
    assert "2 created, 3 skipped, 1 failed" in told
    assert imports_of(environment) == {
        "Customer.jsonl": ALL,
        "Bicycle.jsonl": Counts(created=5, failed=1),
    }


def test_dlt_loads_into_an_installation(environment: dict[str, str]) -> None:
    done = run(environment, "dlt_pipeline.py")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "'created': 6" in done.stdout
    assert imports_of(environment) == {"Customer.jsonl": ALL}
