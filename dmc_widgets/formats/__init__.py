"""The ways to write records down: one module a format, and archives around them.

Decisions that hold for all of them:

* Our writers keep an explicit null (Liferay's leave it out), because null and
  absence mean different things to an import, and both must survive a round trip.
* Numbers keep every digit: an integer of any size stays an integer, a decimal
  number that a float cannot hold exactly becomes a :class:`~decimal.Decimal`.
* One record may take :data:`~dmc_widgets.formats.json.values.RECORD_LIMIT_BYTES`;
  nothing else that is read grows with the file.
"""

from __future__ import annotations

from ..errors import UnknownName
from ..ports import Format
from .csv.format import CsvFormat
from .excel.format import ExcelFormat
from .json.batch_engine_format import Configuration, JsontFormat
from .json.format import JsonFormat
from .json.lines_format import JsonLinesFormat

__all__ = ["FORMATS", "Configuration", "format_named"]

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        CsvFormat(),
        JsonFormat(),
        JsonLinesFormat(),
        JsontFormat(),
        ExcelFormat(),
    )
}


def format_named(name: str) -> Format:
    """Return the format that people call *name*, in capitals or not.

    Raises:
        UnknownName: There is none; the error lists those there are.
    """
    found = FORMATS.get(name.upper())
    if found is None:
        raise UnknownName(kind="format", name=name, known=tuple(FORMATS))
    return found
