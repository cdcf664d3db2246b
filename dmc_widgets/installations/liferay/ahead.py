"""Batch after batch, the next one made ready while the server works on one.

A thread of its own writes a batch. Meanwhile whoever asks for it brings the next one,
which is made ready to be sent: put into JSON, and compared with what is there. It is
sent once the one before has ended and its outcomes were taken: its items may build
on those, and the first that fails may end it all. To send several at once was turned
down, for a server keeps no order among its tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ...model.outcome import Outcome
from ...ports import Batch
from .patience import Patience, Pending
from .writing import Writer


def write_all(
    writer: Writer, patience: Patience, batches: Iterator[Batch]
) -> Iterator[list[Outcome]]:
    """Yield the outcomes of each batch; see :class:`~dmc_widgets.ports.AheadWriter`.

    Args:
        writer: Of their entity type and policy.
        patience: Who waits.
        batches: The next one is taken while one is written.
    """
    batch = next(batches, None)
    looked = None
    while batch is not None:
        patience.require_wanted()
        under_way = Pending(partial(writer.write, batch, looked))
        try:
            following = next(batches, None)
        except Exception:
            yield patience.end_of(under_way)
            raise
        looked = None if following is None else writer.look(following, batch)
        yield patience.end_of(under_way)
        batch = following
