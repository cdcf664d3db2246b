"""One case: a damaged file is read, or imported, and must end as it ought to.

It gives records, records that cannot be read, each with its place, and at most one
error of ours; in an import every record that was read has a fate. A case that takes
long or fills the memory has failed as well.
"""

from __future__ import annotations

import io
import logging
import resource
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from dmc_widgets.errors import FileError
from dmc_widgets.formats.source import open_source
from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import OBJECT_DEFINITION
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.record import UnreadableRecord
from dmc_widgets.model.strategies import ErrorStrategy, Policy
from dmc_widgets.ports import Batch
from dmc_widgets.tasks.installation_access import find_entity_type
from dmc_widgets.tasks.task_files import original_path
from dmc_widgets.tasks.worker.runner import run_task
from dmc_widgets.workspace import Workspace
from dmc_widgets.workspace.file_transfer import copy_into_workspace
from tests.fuzz.mutations import mutated, mutated_within
from tests.fuzz.samples import Sample, samples

SECONDS = 2.0
MEGABYTES = 200
IMPORTED = 50
"""One case in so many is imported as well."""

_TICKET = {
    "externalReferenceCode": "TICKET",
    "label": {"en_US": "Ticket"},
    "name": "Ticket",
    "objectFields": [
        {
            "businessType": type_,
            "label": {"en_US": name},
            "name": name,
            "required": name == "title",
        }
        for name, type_ in {
            "title": "Text",
            "priority": "Integer",
            "price": "PrecisionDecimal",
            "day": "Date",
        }.items()
    ],
    "pluralLabel": {"en_US": "Tickets"},
    "scope": "company",
    "status": {"code": 0},
}


class Ending(NamedTuple):
    """How the reading of a file ended.

    Attributes:
        records: Those that were read, good and bad.
        bad: Those of them that cannot be read.
        error: Our message, or empty.
    """

    records: int
    bad: int
    error: str


class Failed(AssertionError):
    """A case that ended as it must not."""


@dataclass(slots=True)
class Cases:
    """Cases in a folder, each made by its number and a seed.

    Attributes:
        folder: Gets the files, a workspace and an installation.
        seed: Other seeds make other cases.
    """

    folder: Path
    seed: str
    _samples: list[Sample]
    _workspace: Workspace

    @classmethod
    def in_folder(cls, folder: Path, seed: str) -> Cases:
        """Set up the workspace and an installation that holds the object Ticket."""
        logging.getLogger("dmc_widgets.tasks.worker.runner").setLevel(logging.CRITICAL)
        workspace = Workspace(folder / "workspace")
        workspace.save_setting("furnished", "yes")
        url = f"sqlite:///{folder / 'target.db'}"
        installation = connect(url)
        kind = find_entity_type(installation.entity_types(), OBJECT_DEFINITION)
        batch = Batch(task="setup", number=1, items=[_TICKET], policy=Policy())
        (outcome,) = installation.write(kind, batch)
        installation.close()
        if outcome.problem:
            raise Failed(outcome.problem.message)
        workspace.connections.put("target", url)
        return cls(folder, seed, samples(), workspace)

    def close(self) -> None:
        """Let go of the workspace."""
        self._workspace.close()

    def damaged(self, number: int) -> Sample:
        """Make the file of a case: always the same one."""
        sample = self._samples[number % len(self._samples)]
        dice = Random(f"{self.seed}/{number}")
        within = zipfile.is_zipfile(io.BytesIO(sample.data)) and dice.random() < 0.6
        data = (mutated_within if within else mutated)(sample.data, dice)
        return Sample(sample.name, data, sample.options)

    def run(self, number: int) -> Ending:
        """Carry out the case of that *number*.

        Raises:
            Failed: It ended as it must not.
        """
        sample = self.damaged(number)
        path = self.folder / "file"
        path.write_bytes(sample.data)
        before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        ending = _read(path, sample)
        if number % IMPORTED == 0:
            self._import(path, sample, ending, number)
        seconds = time.process_time() - start
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb) / 1024
        if seconds > SECONDS or grown > MEGABYTES:
            told = f"it took {seconds:.1f} s and {grown:.0f} MB"
            raise Failed(told)
        return ending

    def _import(self, path: Path, sample: Sample, ending: Ending, number: int) -> None:
        error_strategy = list(ErrorStrategy)[number // IMPORTED % 2]
        plan = ImportPlan(
            entity_type="C_Ticket",
            policy=Policy(error_strategy=error_strategy),
            reading=sample.options,
        )
        tasks = self._workspace.tasks
        task = tasks.add("target", plan, sample.name)
        copy_into_workspace(path, original_path(self._workspace, task), consume=False)
        run_task(self._workspace, task.id)
        done = tasks.get(task.id)
        if not done.status.is_final or done.error.startswith("Unexpected"):
            msg = f"the import is {done.status}: {done.error}"
            raise Failed(msg)
        if done.counts.total != ending.records:
            msg = f"of {ending.records} records, {done.counts} were counted"
            raise Failed(msg)
        failures = self._workspace.outcomes.count_failures(task.id)
        if failures != done.counts.failed:
            msg = f"{done.counts.failed} failed, {failures} are reported"
            raise Failed(msg)


def _read(path: Path, sample: Sample) -> Ending:
    count = bad = 0
    try:
        with open_source(path, name=sample.name, options=sample.options) as source:
            for each in source.records():
                count += 1
                bad += _is_bad(each)
    except FileError as exc:
        error = str(exc)
        if not error.endswith(".") or "\n" in error:
            msg = f"no sentence: {error!r}"
            raise Failed(msg) from exc
        return Ending(count, bad, error)
    except Exception as exc:
        msg = f"{type(exc).__name__}: {exc}"
        raise Failed(msg) from exc
    return Ending(count, bad, "")


def _is_bad(found: object) -> bool:
    if type(found) is dict:
        return False
    if type(found) is not UnreadableRecord:
        msg = f"neither a record nor a bad one: {type(found).__name__}"
        raise Failed(msg)
    if not found.problem.message.startswith(("Line ", "Cell ", "Row ")):
        msg = f"no place in {found.problem.message!r}"
        raise Failed(msg)
    return True
