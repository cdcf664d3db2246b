"""Sample data made for this project: a fresh workspace has something to move."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import Refused
from ..formats.archive import open_source
from ..model.entity import EntityType
from ..model.record import Unreadable
from ..model.strategies import Policy
from ..ports import Batch, Installation, Item
from .sample_entries import sample_entries

_FOLDER = Path(__file__).parent / "sample_data"
_BATCH_ITEMS = 1_000


def fill(installation: Installation) -> None:
    """Write the bicycle workshop: a folder, picklists, three objects, their entries.

    Filling the same installation twice changes nothing.

    Raises:
        Refused: The installation does not take an item as it is.
        InstallationError: It does not answer.
    """
    number = 0
    for key, items in _contents():
        # Asked anew each time: the definitions bring the types of the entries.
        entity_type = _entity_type(installation, key)
        for start in range(0, len(items), _BATCH_ITEMS):
            number += 1
            batch = Batch(
                task="sample-data",
                number=number,
                items=items[start : start + _BATCH_ITEMS],
                policy=Policy(),
            )
            _write(installation, entity_type, batch)


def _contents() -> Iterator[tuple[str, Sequence[Item]]]:
    for path in sorted(_FOLDER.glob("*.batch-engine-data.json")):
        with open_source(path) as source:
            found = list(source.records())
            items = [each for each in found if not isinstance(each, Unreadable)]
            if source.configuration is None or len(items) < len(found):
                raise Refused(path.name, "The file of sample data is damaged.")
            yield source.configuration.key, items
    yield from sample_entries()


def _entity_type(installation: Installation, name: str) -> EntityType:
    for entity_type in installation.entity_types():
        if entity_type.answers_to(name):
            return entity_type
    raise Refused(name, "The installation does not hold this entity type.")


def _write(installation: Installation, entity_type: EntityType, batch: Batch) -> None:
    for outcome in installation.write(entity_type, batch):
        if outcome.problem is not None:
            reason = f"{outcome.key}: {outcome.problem.message}"
            raise Refused(entity_type.name, reason)
