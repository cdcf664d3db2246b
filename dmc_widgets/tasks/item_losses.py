"""What a target cannot take of the items that go to it, reported before they go.

A target is an installation that says what it knows, or a published version of Liferay
that a file is written for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..errors import NotSupported
from ..model.entity_type import OBJECT_ENTRY, EntityType
from ..model.fitting import FittedItem, LossCounter
from ..objects.documents.fitted_fields import adapt_fields
from ..objects.documents.kinds import KINDS_BY_NAME
from ..objects.parts.part_kinds import DEFINITION_PARTS, PICKLIST_ENTRY
from ..objects.versions.releases import Release, find_release, list_releases
from ..ports import Installation, Item, ItemFitter

_TARGET: Final = "The target"


class ReleaseFitter:
    """Fits items to a published version of Liferay; see :class:`ItemFitter`.

    Args:
        release: The version.
    """

    def __init__(self, release: Release) -> None:
        self._release = release

    @property
    def release_name(self) -> str:
        """The version."""
        return self._release.name

    def fit_item(self, entity_type: EntityType, item: Item) -> FittedItem:
        """Return what the version's classes take of an item, and what it loses."""
        fitted = self._release.fit(entity_type.class_name, item)
        return adapt_fields(entity_type.name, item, fitted)


class ItemLosses:
    """Fits items of one entity type to a target, and counts what they lose.

    Args:
        entity_type: The entity type of the items.
        target: What the items go to.
        name: The name of the target in notes.
    """

    def __init__(
        self, entity_type: EntityType, target: ItemFitter, name: str = _TARGET
    ) -> None:
        self._entity_type = entity_type
        self._target = target
        self._name = name
        self._counter = LossCounter(find_defaults(entity_type.name))

    def fit(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield items without what the target does not know."""
        for item in items:
            fitted = self._target.fit_item(self._entity_type, item)
            self._counter.add(fitted.losses)
            yield fitted.item

    def notes(self) -> list[str]:
        """Return what was left out of the items so far, per property."""
        return self._counter.describe(self._entity_type.name, self._name)


def find_losses(
    entity_type: EntityType, items: Iterable[Item], target: Installation
) -> list[str]:
    """Return notes on what an installation leaves out of documents; it is only asked.

    Args:
        entity_type: The entity type of the items. Entries lose nothing.
        items: The items that are to be written.
        target: The installation. One that does not say what it knows takes all.

    Raises:
        InstallationError: The installation does not answer.
    """
    if entity_type.class_name == OBJECT_ENTRY or not isinstance(target, ItemFitter):
        return []
    release = target.release_name
    name = f"{_TARGET} (Liferay {release})" if release else _TARGET
    losses = ItemLosses(entity_type, target, name)
    for _ in losses.fit(items):
        pass
    return losses.notes()


def fit_to_version(entity_type: EntityType, version: str) -> ItemLosses | None:
    """Return what fits items to a version of Liferay; None without a version.

    Args:
        entity_type: The entity type of the items.
        version: Such as ``7.4.3.112``; empty for none.

    Raises:
        UnknownName: The version is unknown; the error lists the known ones.
        NotSupported: The version has no such items at all.
    """
    if not version:
        return None
    release = find_release(version)
    name = f"Liferay {release.name}"
    if not release.has_class(entity_type.class_name):
        since = [x.name for x in list_releases() if x.has_class(entity_type.class_name)]
        raise NotSupported(
            what=f"{name} has no {entity_type.name}.",
            instead=f"These versions have it: {', '.join(since)}.",
        )
    return ItemLosses(entity_type, ReleaseFitter(release), name)


def find_defaults(kind: str) -> Mapping[str, Any]:
    """Return what properties of a kind of documents are where an item is silent.

    The keys are paths such as ``objectFields[].localized``.
    """
    document_kind = KINDS_BY_NAME.get(kind)
    if document_kind is None:
        return {}
    nested = {
        f"{part.array}[].{name}": value
        for part in (*DEFINITION_PARTS, PICKLIST_ENTRY)
        for name, value in part.defaults.items()
    }
    return {**nested, **document_kind.defaults}
