"""A Liferay server as an installation.

Opening a Liferay server: its address, who asks, whom to trust.

Whether a server will take what is to be written, asked before anything is.

Lists and items of Liferay's APIs bear *actions*, links to what whoever asks may do
with them. A server that states none is not judged by that.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx2

from ...errors import NotSupported, Refused, Unreachable
from ...model.access import Access
from ...model.entity_type import OBJECT_ENTRY, EntityType, Site
from ...model.outcome import Outcome
from ...model.strategies import ImportStrategy, Policy
from ...objects.fields.encrypted import Secret
from ...ports import Batch, Item, Query
from ..addresses import Address, require_encryption
from ..connect_options import DEFAULT_OPTIONS, ConnectOptions
from ..secret_store import describe_variables, find_secret, secret_kind
from .http.auth import BasicAuth, ClientCredentials
from .http.cancellation import CancelToken, OperationCancelled
from .http.client import Client, Limits
from .http.errors import explain_refused_add, explain_refused_change
from .items import ItemFetcher, ItemNormalizer
from .metadata import (
    DOCUMENT_PATHS,
    ServerMetadata,
    entity_types,
    list_sites,
    read_page,
)
from .reader import EXPORT_TASK_FROM, EntityReader, SizedIterator
from .writer import BatchRecaller, Writer, write_batches

_CHANGE_ACTIONS: Final = frozenset({"replace", "update"})


def check_import_permission(
    client: Client, path: str, entity_type: EntityType, policy: Policy
) -> None:
    """Refuse an import of which every item would be refused.

    Args:
        client: Of the server.
        path: Of the list of items.
        entity_type: Of the items.
        policy: Of the import.

    Raises:
        Refused: Whoever asks may not read the list, or not do what the import does.
    """
    answer = client.ask("GET", path, params={"page": 1, "pageSize": 1})
    if answer.status == 403:
        raise client.fault(answer)
    page = answer.json() if answer.is_good else None
    if not isinstance(page, dict):
        return  # what is wrong with it, the import tells
    items = page.get("items")
    first = items[0] if isinstance(items, list) and items else None
    may_change = first is None or bool(_CHANGE_ACTIONS & _action_names(first, "update"))
    if policy.import_strategy is ImportStrategy.UPDATE:
        if not may_change:
            raise Refused(client.name, explain_refused_change(client.who, entity_type))
    elif "create" not in _action_names(page, "create"):
        updates = policy.import_strategy is ImportStrategy.UPSERT and first is not None
        if not (updates and may_change):
            raise Refused(client.name, explain_refused_add(client.who, entity_type))


def _action_names(shown: Any, otherwise: str) -> frozenset[str]:
    """Return the names of *actions*; *otherwise* where a server does not state them."""
    stated = shown.get("actions") if isinstance(shown, Mapping) else None
    if not isinstance(stated, Mapping) or "get" not in stated:
        return frozenset({otherwise})
    return frozenset(stated)


T = TypeVar("T")

_CANCELLED = "Nobody waits for the answer any more."


class LiferayInstallation:
    """A server; see :class:`~dmc_widgets.ports.Installation`.

    Args:
        client: Of the server. Closed with the installation.
        export_from: How many items are worth an export task of the server.
    """

    adds_sites = False

    def __init__(self, client: Client, export_from: int = EXPORT_TASK_FROM) -> None:
        self._client = client
        self._directory = ServerMetadata(client)
        self._fetcher = ItemFetcher(client, self._directory)
        self._reader = EntityReader(client, self._directory, export_from)

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
            return list_sites(self._client, entity_type)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc

    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names a site, or the server does not tell which are.

        A site goes by more names than are listed: key, id and external reference
        code. One that is not listed is there if entries can be read from it.
        """
        try:
            listed = list_sites(self._client, entity_type)
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
        read_page(
            self._client, DOCUMENT_PATHS["ObjectDefinition"], {"page": 1, "pageSize": 1}
        )

    def entity_types(self) -> list[EntityType]:
        """What may move: the kinds of definitions, and one type a published object."""
        try:
            return entity_types(self._directory)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc

    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added."""
        try:
            items = self._reader.read(entity_type, query)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc
        return SizedIterator(self._wanted(items), length_hint(items))

    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs, each with all its fields."""
        reader = ItemNormalizer(entity_type)
        try:
            found = self._fetcher.raw_items(entity_type, keys, scope)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc
        return {key: reader.item(item) for key, item in found.items()}

    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Store the batch by import tasks that bear its mark."""
        self._directory.path_of(entity_type)
        writer = Writer(self._client, self._fetcher, entity_type, batch.policy)
        try:
            return writer.write(batch)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc
        finally:
            if entity_type.class_name != OBJECT_ENTRY:
                self._directory.forget()

    def recall(self, entity_type: EntityType, batch: Batch) -> list[Outcome] | None:
        """Ask for the tasks of a batch; see :class:`~dmc_widgets.ports.Recalling`.

        One that the server is still carrying out is waited for.
        """
        self._directory.path_of(entity_type)
        recaller = BatchRecaller(self._client, self._fetcher, entity_type, batch.policy)
        try:
            return recaller.recall(batch)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc

    def require_permission(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the server would; see :class:`~dmc_widgets.ports.Foreseeing`."""
        path = self._directory.path_of(entity_type, scope)
        try:
            check_import_permission(self._client, path, entity_type, policy)
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc

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
        written = write_batches(writer, self._client.patience, chain([first], batches))
        yield from self._wanted(written)

    def close(self) -> None:
        """Let go of the connections. Closing twice is harmless."""
        self._client.close()

    def _wanted(self, values: Iterator[T]) -> Iterator[T]:
        """Yield *values*; that nobody waits any more is told as everybody knows it."""
        try:
            yield from values
        except OperationCancelled as exc:
            raise Unreachable(self._client.name, _CANCELLED) from exc


# Retries are told to whoever has set up logging; nobody else is bothered.
logging.getLogger("stamina").addHandler(logging.NullHandler())


def open_liferay(
    address: Address,
    caller: ConnectOptions = DEFAULT_OPTIONS,
    limits: Limits | None = None,
) -> LiferayInstallation:
    """Open the server at *address*, once it has let us in.

    Args:
        address: Of the server.
        caller: Who asks, whom to trust, and how long they wait.
        limits: Of time and tries.

    Raises:
        NotSupported: The address is not encrypted, or nobody is named who asks.
        Refused: The server does not let us in, or is none of Liferay's.
        Unreachable: It does not answer.
    """
    access = caller.access
    require_encryption(address, access)
    secret = caller.secret or find_secret(caller.name, address.origin, access)
    sign = _make_auth(address, access, secret, caller.name)
    limits = replace(limits or Limits(), at_once=access.at_once)
    client = Client(
        _make_http_client(address, access, sign, limits),
        name=address.url,
        who=sign.who,
        limits=limits,
        patience=CancelToken(caller.should_continue),
    )
    installation = LiferayInstallation(client)
    try:
        installation.require_answer()
    except BaseException:
        installation.close()
        raise
    return installation


def _make_http_client(
    address: Address, access: Access, sign: httpx2.Auth, limits: Limits
) -> httpx2.Client:
    return httpx2.Client(
        base_url=address.url,
        auth=sign,
        verify=_make_ssl_context(address, access),
        headers={"User-Agent": "dmc-widgets"},
        timeout=httpx2.Timeout(limits.answer_s, connect=limits.connect_s),
        limits=httpx2.Limits(max_connections=access.at_once + 2),
    )


def _make_auth(
    address: Address, access: Access, secret: Secret | None, name: str
) -> BasicAuth | ClientCredentials:
    if not access.user and not access.client_id:
        what = f"Nobody is named who signs in at {address.url}."
        raise NotSupported(what, "Give a user (--user) or a client id (--client-id).")
    if secret is None:
        reason = (
            f"There is no {secret_kind(access)} for {access.user or access.client_id}. "
            f"Connect again to keep it in the keyring, or set "
            f"{describe_variables(access, name)}."
        )
        raise Refused(address.url, reason)
    if access.client_id:
        return ClientCredentials(access.client_id, secret, address.url)
    return BasicAuth(access.user, secret)


def _make_ssl_context(address: Address, access: Access) -> ssl.SSLContext:
    """Trust the authorities of the system, and those of a file besides."""
    trust = httpx2.create_ssl_context()
    if access.ca_file:
        try:
            trust.load_verify_locations(cafile=Path(access.ca_file).expanduser())
        except (OSError, ssl.SSLError) as exc:
            reason = (
                f"The CA file {access.ca_file} cannot be used: it has to be there, "
                "and to hold certificates in PEM form."
            )
            raise Refused(address.url, reason) from exc
    return trust
