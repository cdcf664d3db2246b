"""From an installation into a package: many batch files in one zip.

The files are numbered in the order in which they have to be imported, as batch
client extensions are: folders, picklists, definitions, entries with parents first,
and the relationships that close a circle. `dmc package` takes them in, and so does
Liferay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from typing import Final

from ..formats import format_named
from ..formats.archive import Entry, write_entries
from ..formats.configuration import EXISTING_ONLY
from ..model.migration import policy_as_dict
from ..model.plan import PackagePlan
from ..model.record import Record
from ..model.strategies import ImportStrategy, UpdateStrategy
from ..model.task import TaskPart, TaskStatus
from ..objects.entry_faults import ERC, SCOPE_KEY
from ..ports import ExportHeader, Installation
from ..private_files import make_private_folder
from .exporting import watched
from .files import EXPORTED_NAME, exported_path
from .key_store import KeyStore
from .moved_items import MovedItems, moved_names, stood_group, written_group
from .needing import collect_needed
from .run import Run
from .selecting import Part, Selected, of_sites, select, task_part, unmet_sites

_FORMAT: Final = "JSONT"
_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")


def run_packing(run: Run, plan: PackagePlan, source: Installation) -> None:
    """Carry out the export of a package to its end.

    Raises:
        RequestError: The plan asks for something that is not there.
        InstallationError: The installation gave up.
        WorkspaceError: The file could not be written.
        Cancelled: Somebody asked for it. No file is left.
    """
    source = of_sites(source, plan.chosen)
    selected = select(source, plan.chosen)
    path = exported_path(run.workspace, run.task)
    make_private_folder(path.parent)
    with closing(KeyStore()) as store:
        collect_needed(source, selected, store, lambda _: run.advance(0))
        items = MovedItems(source, store, _Nowhere())
        packing = _Packing(run, plan, items, store)
        write_entries(path, format_named(_FORMAT), packing.entries(selected))
        run.remarks += items.remarks()
        run.remarks += unmet_sites(source)
    run.exported_file = EXPORTED_NAME
    run.finish(TaskStatus.COMPLETED)


class _Packing:
    def __init__(
        self, run: Run, plan: PackagePlan, items: MovedItems, store: KeyStore
    ) -> None:
        self._run = run
        self._plan = plan
        self._items = items
        self._store = store

    def entries(self, selected: Selected) -> Iterator[Entry]:
        """Yield the files of the package; an entity type without items has none."""
        run = self._run
        run.parts = [task_part(part) for part in selected.parts]
        run.of = sum(self._items.hint(part) for part in selected.parts)
        for number, part in enumerate(selected.parts):
            run.begin_part(number)
            names = moved_names(part, part.entity_type)
            items = self._items.read(part, names)
            first = next(items, None)
            if first is not None:
                all_items = watched(run, self._noted(part, chain([first], items)))
                yield Entry(
                    _file_name(run.parts, number), all_items, self._header(part)
                )
            run.end_part(number, TaskStatus.COMPLETED)

    def _noted(self, part: Part, items: Iterator[Record]) -> Iterator[Record]:
        """Note which entries pass, for the second pass over them."""
        if part.brought or not part.left_out:
            return items
        return self._noting(part, items)

    def _noting(self, part: Part, items: Iterator[Record]) -> Iterator[Record]:
        groups = [written_group(part.entity_type)]
        if self._plan.policy.on_existing is not ImportStrategy.INSERT:
            groups.append(stood_group(part.entity_type))
        for item in items:
            for group in groups:
                self._store.add(group, [(item.get(SCOPE_KEY) or "", item[ERC])])
            yield item

    def _header(self, part: Part) -> ExportHeader:
        parameters = policy_as_dict(self._plan.policy)
        if part.brought:
            # The first pass made these entries, or they were there: an entry of which
            # nothing but links is known must not come to be.
            parameters["createStrategy"] = ImportStrategy.UPSERT.value
            parameters["updateStrategy"] = UpdateStrategy.PARTIAL_UPDATE.value
            parameters[EXISTING_ONLY] = "true"
        return ExportHeader(
            entity_type=part.entity_type,
            fields=part.entity_type.export_fields,
            parameters=parameters,
        )


class _Nowhere:
    """A package knows no target: all that is needed goes in.

    An entry may stand there with links that the source gave up, so entries without
    links come in the second pass, too, unless the package is for new entries only.
    """

    def lacking(self, _part: Part, _scope: str, keys: list[str]) -> list[str]:
        return keys

    def linked(self, _part: Part, _scope: str, keys: list[str]) -> set[str]:
        return set(keys)


def _file_name(parts: Sequence[TaskPart], number: int) -> str:
    """Name a part's file: ``04-customer.batch-engine-data.json``."""
    width = max(2, len(str(len(parts))))
    part = replace(parts[number], needed=False)  # for whoever unpacks, it is all one
    words = _WORDS.split(part.title.removeprefix("C_"))
    name = "-".join(filter(None, words)).lower()
    return f"{number + 1:0{width}}-{name}.{format_named(_FORMAT).extension}"
