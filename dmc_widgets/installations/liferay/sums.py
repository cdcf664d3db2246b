"""What a server holds of some items, summed up: enough to tell what a batch changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from ...errors import InstallationError
from ...model.entity import OBJECT_DEFINITION, OBJECT_FOLDER, EntityType
from ...objects.documents import DEFINITION
from ...objects.folder_contents import brought_codes
from ...ports import Item
from .batches import Part, Ready
from .fetching import CODE_AND_ID, Fetcher
from .import_tasks import Lost
from .items import ItemReader, digest

_DEFINITIONS: Final = EntityType(
    name=DEFINITION, label=DEFINITION, class_name=OBJECT_DEFINITION
)


class Sums:
    """Asks a server for items of one entity type, and keeps their sums only.

    Args:
        fetcher: Of the server.
        entity_type: Of the items.
        adds_only: Nothing is changed, so it is enough to know what is there.
    """

    def __init__(
        self, fetcher: Fetcher, entity_type: EntityType, *, adds_only: bool
    ) -> None:
        self._fetcher = fetcher
        self._type = entity_type
        self._adds_only = adds_only
        self._brought: dict[str, tuple[str, ...]] = {}

    def include_definitions(self, items: Iterable[Ready]) -> None:
        """Sum up the definitions that folders bring along as parts of the folders."""
        if self._type.class_name != OBJECT_FOLDER:
            return
        self._brought |= {
            item.key: codes for item in items if (codes := brought_codes(item.item))
        }

    def of(self, site: str, keys: Sequence[str]) -> dict[str, str]:
        """Sum up what is stored under these codes."""
        if not keys:
            return {}
        fields = CODE_AND_ID if self._adds_only else ""
        found = self._fetcher.raw_items(self._type, keys, site, fields)
        if self._adds_only:
            return dict.fromkeys(found, "")
        reader = ItemReader(self._type)
        sums = {key: digest(reader.item(x), self._type) for key, x in found.items()}
        return sums | self._with_definitions(sums)

    def _with_definitions(self, sums: Mapping[str, str]) -> dict[str, str]:
        """Return the sums of those folders that bring definitions along."""
        brought = {key: self._brought[key] for key in sums if key in self._brought}
        codes = [code for some in brought.values() for code in some]
        if not codes:
            return {}
        found = self._fetcher.raw_items(_DEFINITIONS, codes)
        reader = ItemReader(_DEFINITIONS)
        definitions = {
            code: digest(reader.item(item), _DEFINITIONS)
            for code, item in found.items()
        }
        return {
            key: digest({"own": sums[key], "brought": listed}, self._type)
            for key, some in brought.items()
            for listed in [[definitions.get(code) for code in some]]
        }

    def after(self, site: str, keys: Sequence[str]) -> dict[str, str]:
        """Sum up what is stored after a task.

        Raises:
            Lost: The server does not tell any more.
        """
        try:
            return self.of(site, keys)
        except InstallationError as exc:
            raise Lost(exc) from exc

    def by_dates(self, part: Part, task: Item) -> dict[str, str]:
        """Tell what was there before a task by when it was made.

        For a server that does not give back the file of a task. Times are those of
        the server, in seconds; a task that never began has made nothing.

        Raises:
            Lost: The server does not tell any more.
        """
        keys = [each.key for each in part.items]
        try:
            found = self._fetcher.raw_items(self._type, keys, part.site)
        except InstallationError as exc:
            raise Lost(exc) from exc
        began = str(task.get("startTime") or "")[:19]
        return {
            key: ""
            for key, item in found.items()
            if not began or str(item.get("dateCreated") or "")[:19] < began
        }
