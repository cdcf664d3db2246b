"""Find the languages of translated fields, which become columns of a table.

A table has a column for each language (``title_i18n_de_DE``, ``title_i18n_en_US``) and
states its columns before its first record, while the last entry of an installation may
bring another language. So the items are read once, into a temporary file, and written
from there; memory does not grow with them. Reading the installation twice was turned
down: an entry that is written between the two could bring a language without a column.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import IO, Any, Final

from ...model.entity_type import Field
from ...model.record import LargeText
from ...ports import FormatInfo, Item

_SUFFIX: Final = "_i18n"


def is_translated(field: Field) -> bool:
    """Return True for a field that holds values by language."""
    return field.custom and field.type == "object" and field.name.endswith(_SUFFIX)


def has_language_columns(info: FormatInfo) -> bool:
    """Return True for a format that has a column for each language of a field."""
    return info.is_table and not info.is_nested


@contextmanager
def collect_languages(
    items: Iterable[Item], fields: Sequence[Field], *, has_columns: bool
) -> Iterator[tuple[tuple[Field, ...], Iterable[Item]]]:
    """Determine the languages of translated fields, where they become columns.

    Args:
        items: The items to write; for columns, all are read before the block begins.
        fields: The fields to write.
        has_columns: The format of the file has a column for each language.

    Yields:
        The fields with their languages, the definition's own first, and the items to
        write within the block. Both are as given where nothing is translated.

    Raises:
        OSError: There is no space for the temporary file.
    """
    translated = [field for field in fields if is_translated(field)]
    if not has_columns or not translated:
        yield tuple(fields), items
        return
    with tempfile.TemporaryFile() as file:
        languages = {field.name: dict.fromkeys(field.languages) for field in translated}
        count = _spool_items(items, fields, languages, file)
        file.seek(0)
        yield (
            tuple(_add_languages(field, languages) for field in fields),
            _read_spool(file, count),
        )


def _add_languages(field: Field, languages: dict[str, dict[str, None]]) -> Field:
    if field.name not in languages:
        return field
    own = field.languages
    others = sorted(languages[field.name].keys() - set(own))
    return replace(field, languages=(*own, *others))


def _spool_items(
    items: Iterable[Item],
    fields: Sequence[Field],
    languages_by_field: dict[str, dict[str, None]],
    file: IO[bytes],
) -> int:
    """Write the items down, and note the languages that they use."""
    files = [field for field in fields if field.type == "Attachment"]
    count = 0
    for item in items:
        count += 1
        for name, languages in languages_by_field.items():
            values = item.get(name)
            if isinstance(values, dict):
                languages.update(dict.fromkeys(values))
        spooled = {name: _load_text(value) for name, value in item.items()}
        for file_field in files:
            value = item.get(file_field.name)
            if isinstance(value, dict):  # a table has no column for its content
                spooled[file_field.name] = {
                    k: value[k] for k in file_field.parts if k in value
                }
        pickle.dump(spooled, file, pickle.HIGHEST_PROTOCOL)
    return count


def _read_spool(file: IO[bytes], count: int) -> Iterator[Item]:
    for _ in range(count):
        item: Item = pickle.load(file)  # noqa: S301 - written by this process alone
        yield item


def _load_text(value: Any) -> Any:
    return value.whole() if isinstance(value, LargeText) else value
