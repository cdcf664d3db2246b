"""How many entries with files a verification holds in memory at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from dmc_widgets.installations import connect
from dmc_widgets.model.entity_type import EntityType
from dmc_widgets.model.plan import ImportPlan
from dmc_widgets.model.verification import PartVerification
from dmc_widgets.ports import Item, Query
from dmc_widgets.tasks.checkers.compiled_rules import compile_rules
from dmc_widgets.tasks.verification.entry_index import EntryIndex, IndexedEntry
from dmc_widgets.tasks.verification.entry_verification import EntryVerification
from dmc_widgets.tasks.verification.equal_records import EqualRecords
from dmc_widgets.tasks.verification.mismatch_log import MismatchLog
from dmc_widgets.tasks.verification.sent_items import SentItem
from dmc_widgets.tasks.verification.stored_entries import StoredEntries
from dmc_widgets.tasks.verification.verified_part import VerifiedPart
from dmc_widgets.testing.samples import type_named, write
from dmc_widgets.workspace import Workspace
from tests.tasks.verification.test_planted_differences import SCAN


class _Target:
    """Holds any entry, each with a file of the same content."""

    def __init__(self, content: str) -> None:
        self._file = {"name": "a.txt", "fileBase64": content}
        self.pages: list[int] = []

    def fetch(
        self, _entity_type: EntityType, keys: Sequence[str], _scope: str = ""
    ) -> dict[str, Item]:
        self.pages.append(len(keys))
        return {key: {"externalReferenceCode": key, "file": self._file} for key in keys}

    def read(self, _entity_type: EntityType, _query: Query) -> Iterator[Item]:
        return iter(())


class _NoItems:
    """Cannot tell what was sent."""

    def read(self, _index: object, _state: object) -> Iterator[list[SentItem]]:
        return iter(())

    def are_original(self) -> bool:
        return False


def test_pages_grow_while_the_files_in_them_are_small(
    workspace: Workspace, tmp_path: Path
) -> None:
    """The content of each file comes with its entry."""
    with closing(connect(f"sqlite:///{tmp_path / 'a.db'}")) as installation:
        write(installation, "ObjectDefinition", SCAN)
        scans = type_named(installation, "C_Scan")
        rules = compile_rules(installation, installation.entity_types(), scans).rules

    plan = ImportPlan(entity_type=scans.key)
    maker = workspace.tasks.add("target", plan).id

    def pages(number: int, content: str) -> list[int]:
        target = _Target(content)
        part = VerifiedPart(
            target=target,  # type: ignore[arg-type]  # it is only read
            entity_type=scans,
            plan=plan,
            result=PartVerification(entity_type=scans.key),
            log=MismatchLog(workspace, maker),
            advance=lambda _number: None,
        )
        with closing(EntryIndex()) as index:
            digest = b"another one"
            index.add(
                IndexedEntry("", f"SCAN-{at:05}", at, ("file",), digest)
                for at in range(number)
            )
            stored = StoredEntries(part.target, scans, rules)
            equal = EqualRecords(part, stored)
            verification = EntryVerification(part, stored, index, _NoItems(), equal)
            assert verification.carry_out().different == number
        return target.pages

    assert pages(1900, "eA==") == [50, 100, 200, 400, 500, 500, 150]
    assert pages(120, "eA==" * 25_000) == [50, 50, 20]
