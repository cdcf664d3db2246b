"""Dry runs: the whole task without its last step.

A target that can rehearse really writes, and takes everything back in the end. For
others the same decisions are made over what they hold, and remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

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
def open_import_rehearsal(
    run: TaskRun, installation: Installation
) -> Iterator[Installation]:
    """Yield the target of the dry run of an import, and note that it is one.

    Args:
        run: The task.
        installation: The target of the import. It is left as it is.

    Raises:
        InstallationError: It does not answer, or is in use for too long.
    """
    run.notes.append(DRY_RUN_NOTE)
    if isinstance(installation, Rehearser):
        with installation.rehearsal() as rehearsal:
            yield rehearsal
        return
    with closing(KeyStore()) as store, closing(RememberedItems()) as items:
        yield DryRunTarget(installation, items, store)
