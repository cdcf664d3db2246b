"""What is foreseen of definitions that say less than is stored of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dmc_widgets.installations import connect
from dmc_widgets.model.outcome import OutcomeKind
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.strategies import ImportStrategy, Policy
from dmc_widgets.ports import Batch, Installation
from dmc_widgets.tasks.checkers.document_checker import DocumentChecker
from dmc_widgets.tasks.installation_access import find_entity_type
from tests.tasks.migration.test_migration_task import definition

POLICY = Policy(import_strategy=ImportStrategy.UPSERT)
RULE = {"name": {"en_US": "Never"}, "engine": "ddm", "script": "1 == 1"}
LABELLED = {**RULE, "engineLabel": "Expression Builder"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Installation]:
    installation = connect(f"sqlite:///{tmp_path / 'desk'}.db")
    yield installation
    installation.close()


def write(desk: Installation, item: dict[str, Any], number: int = 1) -> OutcomeKind:
    kind = find_entity_type(desk.entity_types(), "ObjectDefinition")
    batch = Batch(task="t", number=number, items=[item], policy=POLICY)
    return desk.write(kind, batch)[0].kind


def foreseen(
    desk: Installation, item: dict[str, Any], *, completes: bool
) -> OutcomeKind:
    """Say what is foreseen where documents are kept as they come, or completed."""
    types = [replace(known, open=not completes) for known in desk.entity_types()]
    kind = find_entity_type(types, "ObjectDefinition")
    plan = ImportPlan(entity_type=kind.key, policy=POLICY)
    return DocumentChecker(desk, types, kind, plan).predict_outcomes([item])[0].kind


def test_less_complete_document_is_unchanged_only_at_servers(
    desk: Installation,
) -> None:
    """A database keeps them as they come, and loses what is left out."""
    write(desk, definition("Bicycle", objectValidationRules=[LABELLED]))
    less = definition("Bicycle", objectValidationRules=[RULE])

    assert foreseen(desk, less, completes=True) is OutcomeKind.UNCHANGED
    assert foreseen(desk, less, completes=False) is OutcomeKind.UPDATED
    assert write(desk, less, 2) is OutcomeKind.UPDATED


def test_publishing_a_draft_is_an_update(desk: Installation) -> None:
    """Also of what stays inactive, so that nothing else differs."""
    write(desk, definition("Bicycle", status={"code": 2}))

    published = definition("Bicycle", active=False)
    assert foreseen(desk, published, completes=True) is OutcomeKind.UPDATED
