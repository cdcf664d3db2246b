"""Dry runs: the whole task without its last step.

A target that can rehearse really writes, and takes everything back in the end. For
others the same decisions are made over what they hold, and remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from ...model.plan import ImportPlan
from ...ports import Installation, Rehearser
from ..migration.key_store import KeyStore
from ..task_run import TaskRun
from .dry_run_target import DryRunTarget
from .remembered_items import RememberedItems

DRY_RUN_NOTE: Final = (
    "This was a dry run: nothing was written, and the counts say what would become of "
    "the records."
)


@contextmanager
def open_import_target(
    run: TaskRun, plan: ImportPlan, installation: Installation
) -> Iterator[Installation]:
    """Yield the target of an import that is a dry run, or a run as one has shown.

    Args:
        run: The task.
        plan: The plan of the import.
        installation: The target of the import.

    Raises:
        InstallationError: It does not answer, or is in use for too long.
    """
    if plan.dry_run:
        run.notes.append(DRY_RUN_NOTE)
        with open_rehearsal(installation) as target:
            yield target
    elif isinstance(installation, Rehearser):  # it shows a batch before it is stored
        yield installation
    else:
        with closing(KeyStore()) as store, closing(RememberedItems()) as items:
            run.predictor = DryRunTarget(installation, items, store)
            yield installation


@contextmanager
def open_rehearsal(installation: Installation) -> Iterator[Installation]:
    """Yield an installation that takes records as the target would, and stores none.

    Args:
        installation: The target of an import.

    Raises:
        InstallationError: It does not answer, or is in use for too long.
    """
    if isinstance(installation, Rehearser):
        with installation.rehearsal() as rehearsal:
            yield rehearsal
        return
    with closing(KeyStore()) as store, closing(RememberedItems()) as items:
        yield DryRunTarget(installation, items, store)
