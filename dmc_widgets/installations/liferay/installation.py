"""A Liferay server as an installation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import length_hint
from typing import TypeVar

from ...errors import Refused, Unreachable
from ...model.entity import OBJECT_ENTRY, EntityType
from ...model.outcome import Outcome
from ...model.site import Site
from ...model.strategies import Policy
from ...ports import Batch, Item, Query
from .ahead import write_all
from .client import Client
from .directory import PATHS, Directory, page_of
from .entity_types import entity_types
from .fetching import Fetcher
from .foreseeing import require_right
from .items import ItemReader
from .patience import NoLongerWanted
from .reading import EXPORT_FROM, Reader, Reading
from .recalling import Recaller
from .sites import sites_of
from .writing import Writer

T = TypeVar("T")

_GIVEN_UP = "Nobody waits for the answer any more."


class LiferayInstallation:
    """A server; see :class:`~dmc_widgets.ports.Installation`.

    Args:
        client: Of the server. Closed with the installation.
        export_from: How many items are worth an export task of the server.
    """

    adds_sites = False

    def __init__(self, client: Client, export_from: int = EXPORT_FROM) -> None:
        self._client = client
        self._directory = Directory(client)
        self._fetcher = Fetcher(client, self._directory)
        self._reader = Reader(client, self._directory, export_from)

    @property
    def version(self) -> tuple[int, ...]:
        """The version of the server's API of definitions; empty if it tells none."""
        return self._directory.version()

    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites that the user may see, in the server's order.

        Raises:
            Refused: The server does not tell.
        """
        try:
            return sites_of(self._client, entity_type)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names a site, or the server does not tell which are.

        A site goes by more names than are listed: key, id and external reference
        code. One that is not listed is there if entries can be read from it.
        """
        try:
            listed = sites_of(self._client, entity_type)
        except Refused:
            return True
        if any(key in (each.key, each.label) for each in listed):
            return True
        path = self._directory.path_of(entity_type, key)
        answer = self._client.ask("GET", path, params={"page": 1, "pageSize": 1})
        return answer.is_good and bool(answer.json().get("totalCount"))

    def require_answer(self) -> None:
        """Ask the least that there is to ask.

        Raises:
            InstallationError: The server does not let us in, or is none of Liferay's.
        """
        page_of(self._client, PATHS["ObjectDefinition"], {"page": 1, "pageSize": 1})

    def entity_types(self) -> list[EntityType]:
        """What may move: the kinds of definitions, and one type a published object."""
        try:
            return entity_types(self._directory)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added."""
        try:
            items = self._reader.read(entity_type, query)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc
        return Reading(self._wanted(items), length_hint(items))

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs, each with all its fields."""
        reader = ItemReader(entity_type)
        try:
            found = self._fetcher.raw_items(entity_type, keys, scope)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc
        return {key: reader.item(item) for key, item in found.items()}

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Store the batch by import tasks that bear its mark."""
        self._directory.path_of(entity_type)
        writer = Writer(self._client, self._fetcher, entity_type, batch.policy)
        try:
            return writer.write(batch)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc
        finally:
            if entity_type.class_name != OBJECT_ENTRY:
                self._directory.forget()

    def recall(self, entity_type: EntityType, batch: Batch) -> list[Outcome] | None:
        """Ask for the tasks of a batch; see :class:`~dmc_widgets.ports.Recalling`.

        One that the server is still carrying out is waited for.
        """
        self._directory.path_of(entity_type)
        recaller = Recaller(self._client, self._fetcher, entity_type, batch.policy)
        try:
            return recaller.recall(batch)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc

    def require_right(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the server would; see :class:`~dmc_widgets.ports.Foreseeing`."""
        path = self._directory.path_of(entity_type, scope)
        try:
            require_right(self._client, path, entity_type, policy)
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc

    def write_all(
        self, entity_type: EntityType, batches: Iterator[Batch]
    ) -> Iterator[list[Outcome]]:
        """Store batches in turn; see :class:`~dmc_widgets.ports.AheadWriter`.

        Definitions change what the server can tell, so nothing is done ahead of them.
        """
        if entity_type.class_name != OBJECT_ENTRY:
            yield from (self.write(entity_type, batch) for batch in batches)
            return
        first = next(batches, None)
        if first is None:
            return
        self._directory.path_of(entity_type)
        writer = Writer(self._client, self._fetcher, entity_type, first.policy)
        written = write_all(writer, self._client.patience, chain([first], batches))
        yield from self._wanted(written)

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._client.close()

    def _wanted(self, values: Iterator[T]) -> Iterator[T]:
        """Yield *values*; that nobody waits any more is told as everybody knows it."""
        try:
            yield from values
        except NoLongerWanted as exc:
            raise Unreachable(self._client.name, _GIVEN_UP) from exc
