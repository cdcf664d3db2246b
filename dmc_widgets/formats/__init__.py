"""The formats of files of records, and the archives around them.

Decisions that hold for all of them:

* Our writers keep an explicit null (Liferay's leave it out), because null and
  absence mean different things to an import, and both must survive a round trip.
* Numbers keep every digit: an integer of any size stays an integer, a decimal
  number that a float cannot hold exactly becomes a :class:`~decimal.Decimal`.
* One record may take :data:`~dmc_widgets.formats.json.values.RECORD_LIMIT_BYTES`;
  nothing else that is read grows with the file.

To add a format, write a module with a class that has the attributes of
:class:`~dmc_widgets.ports.Format`, and name it in :data:`.registry.BUILT_IN`, or in the
entry points of a package of your own; see :mod:`.registry`.
"""

from __future__ import annotations

from .json.batch_configuration import BatchConfiguration
from .registry import FORMATS, find_format

__all__ = ["FORMATS", "BatchConfiguration", "find_format"]
