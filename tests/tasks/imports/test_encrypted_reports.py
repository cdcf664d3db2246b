"""What is to be encrypted is in no report of failed records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dmc_widgets.center import Center
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.mapping import FieldMapping, Mapping
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.model.task import Task
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.workspace import Workspace

SAFE = {
    "externalReferenceCode": "SAFE",
    "name": "Safe",
    "label": {"en_US": "Safe"},
    "pluralLabel": {"en_US": "Safes"},
    "scope": "company",
    "status": {"code": 0},
    "objectFields": [
        {"businessType": "Encrypted", "label": {"en_US": "Word"}, "name": "word"}
    ],
}
TOO_LONG = "open sesame " * 30


@pytest.fixture
def _safe(center: Center) -> None:
    """Publish the definition of safes."""
    installation = connect(center.installations.list()[0].url)
    definitions = find_entity_type(installation.entity_types(), OBJECT_DEFINITION)
    batch = Batch(task="safe", number=1, items=[SAFE], policy=Policy())
    installation.write(definitions, batch)
    installation.close()


@pytest.mark.usefixtures("_safe")
@pytest.mark.parametrize(
    ("mapping", "record", "shown"),
    [
        pytest.param(
            Mapping(same_names=True),
            {"externalReferenceCode": "S", "word": TOO_LONG},
            '{"externalReferenceCode":"S","word":"***"}',
            id="same names",
        ),
        pytest.param(
            Mapping(pairs=(FieldMapping(source="parole", target="word"),)),
            {"parole": TOO_LONG, "title": "a"},
            '{"parole":"***","title":"a"}',
            id="another name in the file",
        ),
    ],
)
def test_a_failed_record_is_reported_without_its_secret(
    workspace: Workspace,
    run_import: Callable[..., Task],
    mapping: Mapping,
    record: dict[str, Any],
    shown: str,
) -> None:
    plan = ImportPlan(
        entity_type="com.liferay.object.rest.dto.v1_0.ObjectEntry#C_Safe",
        name="test",
        policy=Policy(error_strategy=ErrorStrategy.CONTINUE),
        mapping=mapping,
    )

    task = run_import([record], plan)

    (failure,) = workspace.outcomes.failures(task.id)
    assert failure.item == shown
    assert "sesame" not in repr(failure)
