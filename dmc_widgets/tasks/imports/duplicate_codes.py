"""Find external reference codes that a file has more than once, or almost.

A repeated code changes the entry of the first record, and a code that differs only in
case, blanks or Unicode form creates a second entry of what may be the same. Neither is
an error, so both are warnings: before the start if the file is small enough to be read
for them, and otherwise when the import is done.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, repeat
from operator import lt
from typing import Any, Final

from ...errors import FileError
from ...formats import FORMATS
from ...formats.source import open_source
from ...model.entity_type import EntityType
from ...model.mapping import FieldMapping, Mapping
from ...model.outcome import Outcome, Problem
from ...model.outcome_runs import list_keys
from ...model.record import Record, UnreadableRecord
from ...objects.names import ERC, SCOPE_KEY
from ...objects.text import format_erc
from ...storage.repeated_hashes import RepeatedHashes
from ...workspace.outcomes import OutcomeBatch
from .expressions import compile_expression
from .file_head import FileHead

_SMALL_WORKBOOK_BYTES: Final = 512 * 1024
_SMALL_FILE_BYTES: Final = 8 * 1024 * 1024
_MAX_GROUPS: Final = 10_000
_MAX_NUMBERS: Final = 100
_MAX_SHOWN: Final = 5


def is_checked_before_import(size: int, format_name: str) -> bool:
    """Return True if a file is read for its codes before the import starts."""
    is_streamed = FORMATS[format_name].info.is_streamed
    return size <= (_SMALL_FILE_BYTES if is_streamed else _SMALL_WORKBOOK_BYTES)


class DuplicateCodes:
    """Find codes that several records have; memory does not grow with their number."""

    def __init__(self) -> None:
        self._hashes = RepeatedHashes()
        self._is_sorted = True
        self._last = ""

    def add(
        self, first: int, codes: Sequence[str], sites: Sequence[str] | None = None
    ) -> None:
        """Add the codes of consecutive records.

        Args:
            first: The number of the first record.
            codes: The codes, one a record; empty for a record without one.
            sites: The keys of the sites that the codes belong to.
        """
        gap = first - 1 - len(self._hashes)
        self._hashes.extend(repeat(0, gap))
        if "".join(codes).isascii():
            keys = [code.strip().lower() for code in codes]
        else:
            keys = [_fold_code(code) for code in codes]
        if sites is not None:
            keys = [
                key and f"{key}\0{site}" for key, site in zip(keys, sites, strict=True)
            ]
        self._hashes.extend([hash(key) for key in keys])  # 0 for an empty text
        if self._is_sorted and keys:
            self._is_sorted = self._last < keys[0] and all(map(lt, keys, keys[1:]))
            self._last = keys[-1]

    def groups(self) -> list[list[int]]:
        """Return the numbers of records whose codes are alike, group by group.

        At most ten thousand groups are returned, with at most a hundred records each.
        """
        if self._is_sorted:  # so each is another one than all before it
            return []
        repeated = self._hashes.find(_MAX_GROUPS) - {0}
        groups: dict[int, list[int]] = {
            value: [] for value in sorted(repeated)[:_MAX_GROUPS]
        }
        if groups:
            hashes = chain.from_iterable(self._hashes.blocks())
            for number, value in enumerate(hashes, start=1):
                if value in groups and len(groups[value]) < _MAX_NUMBERS:
                    groups[value].append(number)
        return sorted(groups.values())


def duplicate_code_warnings(
    groups: Sequence[Sequence[int]], code_of: Callable[[int], str]
) -> list[str]:
    """Return warnings of repeated codes, and of codes that are almost the same.

    Args:
        groups: The numbers of records whose codes are alike.
        code_of: Returns the code of the record with a number.
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
    warnings = []
    if same:
        what = "code is" if len(same) == 1 else "codes are"
        warnings.append(
            f"{_format_count(same)} external reference {what} in more than one record, "
            f"and later records change what the first has left: {_join_shown(same)}."
        )
    if alike:
        what = "external reference code is" if len(alike) == 1 else "codes are"
        warnings.append(
            f"{_format_count(alike)} {what} written in several ways, which differ only "
            "in case, blanks around them or Unicode form and count as different codes: "
            f"{_join_shown(alike)}."
        )
    return warnings


def check_codes_of_file(
    mapping: Mapping, entity_type: EntityType, head: FileHead
) -> list[str]:
    """Return warnings of repeated codes in a small file; none for a large one."""
    if not is_checked_before_import(head.size, head.format):
        return []
    read = create_code_reader(mapping, entity_type)
    keys = [read(record) for record in _read_records(head)]
    codes = DuplicateCodes()
    codes.add(1, [code for code, _ in keys], [site for _, site in keys])
    return duplicate_code_warnings(codes.groups(), lambda number: keys[number - 1][0])


def _read_records(head: FileHead) -> Iterator[Record | UnreadableRecord]:
    """Yield the records of a file up to a damaged place, which the import reports."""
    if head.complete:
        yield from head.raw_records
        return
    with open_source(head.path, name=head.file_name, options=head.options) as source:
        try:
            yield from source.records()
        except FileError:
            return


def create_code_reader(
    mapping: Mapping, entity_type: EntityType
) -> Callable[[Record | UnreadableRecord], tuple[str, str]]:
    """Return a function that returns a record's code and its site's key."""
    fields = (ERC, SCOPE_KEY)
    pairs = [pair for pair in mapping.pairs if pair.target in fields]
    if mapping.same_names:
        claimed = {pair.source for pair in mapping.pairs} | mapping.targets
        pairs += [FieldMapping(x, x) for x in fields if x not in claimed]
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
    """Collect the codes of a running import from its outcomes, batch by batch.

    Args:
        mapping: The mapping of the plan.
        entity_type: The entity type in the target. With sites, a code is unique within
            its site only.
    """

    def __init__(self, mapping: Mapping, entity_type: EntityType) -> None:
        self._codes = DuplicateCodes()
        has_sites = self.needs_records(entity_type)
        self._read = create_code_reader(mapping, entity_type) if has_sites else None

    @staticmethod
    def needs_records(entity_type: EntityType) -> bool:
        """Return True if records have sites; else their outcomes are enough."""
        return any(field.name == SCOPE_KEY for field in entity_type.fields)

    def add(
        self,
        first: int,
        records: Sequence[Record | UnreadableRecord],
        outcomes: Sequence[Outcome],
    ) -> None:
        """Add the codes of a batch; *first* is the number of its first record."""
        read = self._read
        sites = None
        if read is not None:
            tried = zip(records, outcomes, strict=False)
            sites = [read(record)[1] for record, _ in tried]
        self._codes.add(first, list_keys(outcomes), sites)

    def warnings(
        self, read_outcomes: Callable[[], Iterator[OutcomeBatch]]
    ) -> list[str]:
        """Return warnings of repeated codes, with the outcomes read again for them."""
        groups = self._codes.groups()
        numbers_needed = {number for numbers in groups for number in numbers}
        if not numbers_needed:
            return []
        codes: dict[int, str] = {}
        for batch in read_outcomes():
            for number, outcome in enumerate(batch.outcomes, start=batch.first_index):
                if number in numbers_needed:
                    codes[number] = outcome.key
        return duplicate_code_warnings(groups, lambda number: codes.get(number, ""))


def _fold_code(code: str) -> str:
    return unicodedata.normalize("NFC", code.strip()).casefold()


def _non_blank_text(value: Any) -> str:
    text = format_erc(value)
    return text if text.strip() else ""


def _format_count(codes: Sequence[str]) -> str:
    at_least = "At least " if len(codes) >= _MAX_GROUPS else ""
    return f"{at_least}{len(codes):,}"


def _format_places(code: str, numbers: Sequence[int]) -> str:
    shown = ", ".join(f"{number:,}" for number in numbers[:_MAX_SHOWN])
    more = ", …" if len(numbers) > _MAX_SHOWN else ""
    return f"{code!r} (record{'' if len(numbers) == 1 else 's'} {shown}{more})"


def _join_shown(texts: Sequence[str]) -> str:
    more = "; …" if len(texts) > _MAX_SHOWN else ""
    return "; ".join(texts[:_MAX_SHOWN]) + more
