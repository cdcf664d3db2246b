"""External reference codes that stand in a file more than once, or almost do.

A code that comes again changes the entry of the first record, and one that differs
only in case, blanks or Unicode form makes a second entry of what may be the same.
Neither is an error, so both are said: before the start where the file is small enough
to be read for it, and else when the import is done.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from ...errors import FileError
from ...formats.source import open_source
from ...model.entity_type import EntityType
from ...model.mapping import FieldMapping, Mapping
from ...model.outcome import Outcome, Problem
from ...model.record import Record, UnreadableRecord
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc
from ...workspace.outcomes import OutcomeBatch
from .expressions import compile_expression
from .file_head import FileHead

_SMALL_FILE_BYTES_BY_FORMAT: Final = {"XLSX": 512 * 1024}
_SMALL_FILE_BYTES: Final = 8 * 1024 * 1024
_PARTITION_SIZE: Final = 250_000
_MAX_GROUPS: Final = 10_000
_MAX_NUMBERS: Final = 100
_MAX_SHOWN: Final = 5


def is_checked_before_import(size: int, format_name: str) -> bool:
    """Return True if a file is read for its codes before the import starts."""
    return size <= _SMALL_FILE_BYTES_BY_FORMAT.get(format_name, _SMALL_FILE_BYTES)


class DuplicateCodes:
    """Finds codes that several records have, in eight bytes a record."""

    def __init__(self) -> None:
        self._hashes = array("q")

    def add(
        self, first: int, codes: Sequence[str], sites: Sequence[str] | None = None
    ) -> None:
        """Take the codes of neighbouring records.

        Args:
            first: The number of the first record.
            codes: One a record, empty where it has none.
            sites: The keys of the sites that the codes belong to.
        """
        gap = first - 1 - len(self._hashes)
        self._hashes.extend([0] * gap)
        keys = [_fold_code(code) for code in codes]
        if sites is not None:
            keys = [
                key and f"{key}\0{site}" for key, site in zip(keys, sites, strict=True)
            ]
        self._hashes.extend([hash(key) if key else 0 for key in keys])

    def groups(self) -> list[list[int]]:
        """Return the numbers of records whose codes are alike, group by group.

        Of more than ten thousand groups, only as many; of each the first hundred.
        """
        repeated = self._repeated()
        found: dict[int, list[int]] = {each: [] for each in repeated}
        if found:
            for number, value in enumerate(self._hashes, start=1):
                if value in found and len(found[value]) < _MAX_NUMBERS:
                    found[value].append(number)
        return sorted(found.values())

    def _repeated(self) -> set[int]:
        """Return the hashes that stand more than once, looking at a part at a time."""
        hashes, found = self._hashes, set[int]()
        parts = len(hashes) // _PARTITION_SIZE + 1
        for part in range(parts):
            some = [x for x in hashes if x and x % parts == part]
            if len(set(some)) < len(some):
                some.sort()
                found.update(one for one, other in pairwise(some) if one == other)
            if len(found) >= _MAX_GROUPS:
                return set(sorted(found)[:_MAX_GROUPS])
        return found


def duplicate_code_warnings(
    groups: Sequence[Sequence[int]], code_of: Callable[[int], str]
) -> list[str]:
    """Say which codes stand more than once, and which ones almost do.

    Args:
        groups: The numbers of records whose codes are alike.
        code_of: Gives the code of the record of a number.
    """
    same: list[str] = []
    alike: list[str] = []
    for numbers in groups:
        places: dict[str, list[int]] = {}
        for number in numbers:
            places.setdefault(code_of(number), []).append(number)
        same += [_format_places(x, places[x]) for x in places if len(places[x]) > 1]
        if len(places) > 1:
            alike.append(" and ".join(_format_places(x, places[x]) for x in places))
    found = []
    if same:
        what = "code stands" if len(same) == 1 else "codes stand"
        found.append(
            f"{_format_count(same)} external reference {what} in more than one record, "
            "and "
            f"later records meet what the first has left: {_join_shown(same)}."
        )
    if alike:
        what = "external reference code is" if len(alike) == 1 else "codes are"
        found.append(
            f"{_format_count(alike)} {what} written in several ways, which differ only "
            "in "
            "case, blanks around them or Unicode form and count as different codes: "
            f"{_join_shown(alike)}."
        )
    return found


def check_codes_of_file(
    mapping: Mapping, entity_type: EntityType, head: FileHead
) -> list[str]:
    """Say of a small file which of its codes are repeated; of a large one nothing."""
    if not is_checked_before_import(head.size, head.format):
        return []
    read = create_code_reader(mapping, entity_type)
    keys = [read(record) for record in _read_records(head)]
    codes = DuplicateCodes()
    codes.add(1, [code for code, _ in keys], [site for _, site in keys])
    return duplicate_code_warnings(codes.groups(), lambda number: keys[number - 1][0])


def _read_records(head: FileHead) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of a file as far as it is sound; the import says the rest."""
    if head.complete:
        yield from head.found
        return
    with open_source(head.path, name=head.file_name, options=head.options) as source:
        try:
            yield from source.records()
        except FileError:
            return


def create_code_reader(
    mapping: Mapping, entity_type: EntityType
) -> Callable[[Record | UnreadableRecord], tuple[str, str]]:
    """Return the function from a record to its code and its site's key."""
    wanted = (ERC, SCOPE_KEY)
    pairs = [pair for pair in mapping.pairs if pair.target in wanted]
    if mapping.same_names:
        claimed = {pair.source for pair in mapping.pairs} | mapping.targets
        pairs += [FieldMapping(x, x) for x in wanted if x not in claimed]
    make = Mapping(tuple(pairs)).compile(entity_type, compile_expression)

    def read(record: Record | UnreadableRecord) -> tuple[str, str]:
        if isinstance(record, UnreadableRecord):
            return "", ""
        item = make(record)
        if isinstance(item, Problem):
            return "", ""
        return _non_blank_text(item.get(ERC)), _non_blank_text(item.get(SCOPE_KEY))

    return read


class ImportedCodeCollector:
    """The codes of a running import, taken from its outcomes batch by batch.

    Args:
        mapping: The plan's.
        entity_type: The target's; with sites, a code belongs to its site.
    """

    def __init__(self, mapping: Mapping, entity_type: EntityType) -> None:
        self._codes = DuplicateCodes()
        has_sites = any(field.name == SCOPE_KEY for field in entity_type.fields)
        self._read = create_code_reader(mapping, entity_type) if has_sites else None

    def add(
        self,
        first: int,
        records: Sequence[Record | UnreadableRecord],
        outcomes: Sequence[Outcome],
    ) -> None:
        """Take the codes of a batch; *first* is the number of its first record."""
        read = self._read
        sites = None
        if read is not None:
            tried = zip(records, outcomes, strict=False)
            sites = [read(record)[1] for record, _ in tried]
        self._codes.add(first, [outcome.key for outcome in outcomes], sites)

    def sentences(self, recorded: Callable[[], Iterator[OutcomeBatch]]) -> list[str]:
        """Say which codes were repeated; *recorded* yields the outcomes again."""
        groups = self._codes.groups()
        wanted = {number for numbers in groups for number in numbers}
        if not wanted:
            return []
        codes: dict[int, str] = {}
        for batch in recorded():
            for number, outcome in enumerate(batch.outcomes, start=batch.first_index):
                if number in wanted:
                    codes[number] = outcome.key
        return duplicate_code_warnings(groups, lambda number: codes.get(number, ""))


def _fold_code(code: str) -> str:
    if code.isascii():
        return code.strip().lower()
    return unicodedata.normalize("NFC", code.strip()).casefold()


def _non_blank_text(value: Any) -> str:
    text = format_erc(value)
    return text if text.strip() else ""


def _format_count(found: Sequence[str]) -> str:
    at_least = "At least " if len(found) >= _MAX_GROUPS else ""
    return f"{at_least}{len(found):,}"


def _format_places(code: str, numbers: Sequence[int]) -> str:
    shown = ", ".join(f"{number:,}" for number in numbers[:_MAX_SHOWN])
    more = ", …" if len(numbers) > _MAX_SHOWN else ""
    return f"{code!r} (record{'' if len(numbers) == 1 else 's'} {shown}{more})"


def _join_shown(found: Sequence[str]) -> str:
    more = "; …" if len(found) > _MAX_SHOWN else ""
    return "; ".join(found[:_MAX_SHOWN]) + more
