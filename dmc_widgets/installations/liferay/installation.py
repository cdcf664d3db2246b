"""A Liferay server as an installation, and how one is opened."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from functools import lru_cache, partial, wraps
from itertools import chain
from operator import length_hint
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

import httpx2

from ...errors import NotSupported, Refused
from ...model.access import Access
from ...model.batch_results import BatchResults
from ...model.entity_type import OBJECT_ENTRY, EntityType, Site
from ...model.fitting import FittedItem
from ...model.outcome import Outcome, Problem
from ...model.strategies import ImportStrategy, Policy
from ...objects.documents.fitted_fields import adapt_fields
from ...objects.fields.encrypted import Secret
from ...objects.filters.filter_fields import document_filter_fields
from ...objects.filters.item_query import ItemQuery
from ...ports import Batch, Item, Page, Query
from ..addresses import Address, require_encryption
from ..connect_options import DEFAULT_OPTIONS, ConnectOptions
from ..secret_store import describe_variables, find_secret, secret_kind
from .batch_pieces import PieceSizes
from .batch_stream import BatchStream, SingleBatches
from .http.auth import BasicAuth, ClientCredentials
from .http.cancellation import CancelToken, submit
from .http.client import Client, Limits, cancellation_as_error
from .http.errors import explain_refused_add, explain_refused_change
from .item_removal import remove_items
from .items import ItemFetcher, ItemNormalizer
from .merged_batches import prepare_batch
from .metadata import (
    DOCUMENT_PATHS,
    ServerMetadata,
    list_entity_types,
    list_sites,
    read_page,
)
from .parts.part_reader import PartReader
from .parts.part_writer import PartWriter
from .reader import EXPORT_TASK_FROM, EntityReader, SizedIterator
from .write_steps import WriteContext
from .writer import BatchRecaller, Writer

P = ParamSpec("P")
T = TypeVar("T")

_CERTIFICATE_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_ONE_ITEM: Final = {"page": 1, "pageSize": 1}
_CHANGE_ACTIONS: Final = frozenset({"replace", "update"})

# stamina logs retries; without a handler they would be printed as warnings.
logging.getLogger("stamina").addHandler(logging.NullHandler())


def open_liferay(
    address: Address,
    options: ConnectOptions = DEFAULT_OPTIONS,
    limits: Limits | None = None,
) -> LiferayInstallation:
    """Open the server at *address*, and check that it accepts the credentials.

    Args:
        address: The address of the server.
        options: Credentials, trusted certificates, and when to cancel.
        limits: Time limits and numbers of attempts.

    Raises:
        NotSupported: The address is not encrypted, or there is no user and no client.
        Refused: The server rejects the credentials, or is not a Liferay server.
        Unreachable: The server does not answer.
    """
    access = options.access
    require_encryption(address, access)
    secret = options.secret or find_secret(
        options.name, address.origin, access, is_personal=options.is_personal
    )
    auth = _make_auth(address, access, secret, options.name)
    limits = replace(limits or Limits(), at_once=access.at_once)
    client = Client(
        _make_http_client(address, access, auth, limits),
        name=address.url,
        principal=auth.principal,
        limits=limits,
        cancel_token=CancelToken(options.should_continue),
    )
    installation = LiferayInstallation(client)
    try:
        installation.require_answer()
    except BaseException:
        installation.close()
        raise
    return installation


def _make_http_client(
    address: Address, access: Access, auth: httpx2.Auth, limits: Limits
) -> httpx2.Client:
    return httpx2.Client(
        base_url=address.url,
        auth=auth,
        verify=_make_ssl_context(address, access),
        headers={"User-Agent": "dmc-widgets"},
        timeout=httpx2.Timeout(limits.answer_s, connect=limits.connect_s),
        limits=httpx2.Limits(max_connections=access.at_once + 2),
    )


def _make_auth(
    address: Address, access: Access, secret: Secret | None, name: str
) -> BasicAuth | ClientCredentials:
    if not access.user and not access.client_id:
        problem = f"There is no user and no client id for {address.url}."
        hint = "Give a user (--user) or a client id (--client-id)."
        raise NotSupported(problem, hint)
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
    """Trust the certificate authorities of the system, and those in the CA file."""
    if not access.ca_file:
        return _make_system_context(*map(os.environ.get, _CERTIFICATE_VARIABLES))
    context = httpx2.create_ssl_context()
    try:
        context.load_verify_locations(cafile=Path(access.ca_file).expanduser())
    except (OSError, ssl.SSLError) as exc:
        reason = (
            f"The CA file {access.ca_file} cannot be used. It has to exist and to "
            "hold certificates in PEM form."
        )
        raise Refused(address.url, reason) from exc
    return context


@lru_cache(maxsize=4)
def _make_system_context(*_certificates: str | None) -> ssl.SSLContext:
    """Return what trusts the system's authorities alone, shared by this process.

    Reading the authorities takes longer than most requests.

    Args:
        _certificates: The variables that say where the authorities are.
    """
    return httpx2.create_ssl_context()


def check_import_permission(
    client: Client, path: str, entity_type: EntityType, policy: Policy
) -> None:
    """Refuse an import of which the server would refuse every item.

    Lists and items of Liferay's APIs have *actions*, links to what the user may do with
    them. A server that states none is not judged by them.

    Args:
        client: The client of the server.
        path: The path of the list of items.
        entity_type: The entity type that the items belong to.
        policy: The strategies of the import.

    Raises:
        Refused: The user may not read the list, or may not do what the import does.
    """
    response = client.request("GET", path, params=_ONE_ITEM)
    if response.status == 403:
        raise client.error_for(response)
    page = response.json() if response.is_success else None
    if not isinstance(page, dict):
        return  # the import itself will report what is wrong
    items = page.get("items")
    first = items[0] if isinstance(items, list) and items else None
    may_change = first is None or bool(_CHANGE_ACTIONS & _action_names(first, "update"))
    if policy.import_strategy is ImportStrategy.UPDATE:
        if not may_change:
            reason = explain_refused_change(client.principal, entity_type)
            raise Refused(client.name, reason)
    elif "create" not in _action_names(page, "create"):
        updates = policy.import_strategy is ImportStrategy.UPSERT and first is not None
        if not (updates and may_change):
            reason = explain_refused_add(client.principal, entity_type)
            raise Refused(client.name, reason)


def _action_names(value: Any, default: str) -> frozenset[str]:
    """Return the names of the actions of a list or an item, or *default* if unknown."""
    actions = value.get("actions") if isinstance(value, Mapping) else None
    if not isinstance(actions, Mapping) or "get" not in actions:
        return frozenset({default})
    return frozenset(actions)


def _cancellable(
    method: Callable[Concatenate[LiferayInstallation, P], T],
) -> Callable[Concatenate[LiferayInstallation, P], T]:
    """Let a method raise Unreachable when its caller has cancelled it."""

    @wraps(method)
    def call(
        installation: LiferayInstallation, /, *args: P.args, **options: P.kwargs
    ) -> T:
        with cancellation_as_error(installation.client):
            return method(installation, *args, **options)

    return call


class LiferayInstallation:
    """A Liferay server; see :class:`~dmc_widgets.ports.Installation`.

    Args:
        client: The client of the server. It is closed with the installation.
        export_from: The number of items from which an export task is used to read them.

    Attributes:
        client: The client of the server.
    """

    adds_sites = False

    def __init__(self, client: Client, export_from: int = EXPORT_TASK_FROM) -> None:
        self.client = client
        self._metadata = ServerMetadata(client)
        self._sizes = PieceSizes()
        self._fetcher = ItemFetcher(client, self._metadata)
        self._reader = EntityReader(client, self._metadata, export_from)
        self._part_reader = PartReader(self._metadata, self._fetcher)

    @property
    def version(self) -> tuple[int, ...]:
        """The version of the server's API of definitions; empty if it states none."""
        return self._metadata.version()

    @_cancellable
    def sites(self, entity_type: EntityType) -> list[Site]:
        """Return the sites that the user may see, in the server's order.

        Raises:
            Refused: The server does not list its sites.
        """
        return list_sites(self.client, entity_type)

    @_cancellable
    def has_site(self, entity_type: EntityType, key: str) -> bool:
        """Return True if *key* names a site, or if the server does not list its sites.

        A site has more names than the list shows: key, id and external reference code.
        One that is not in the list exists if entries can be read from it.
        """
        try:
            sites = list_sites(self.client, entity_type)
        except Refused:
            return True
        if any(key in (site.key, site.label) for site in sites):
            return True
        path = self._metadata.list_path(entity_type, key)
        response = self.client.request("GET", path, params=_ONE_ITEM)
        return response.is_success and bool(response.json().get("totalCount"))

    @_cancellable
    def require_answer(self) -> None:
        """Send the cheapest request that needs credentials.

        Raises:
            InstallationError: The server rejects the credentials, does not answer, or
                is not a Liferay server.
        """
        read_page(self.client, DOCUMENT_PATHS["ObjectDefinition"], _ONE_ITEM)

    @_cancellable
    def entity_types(self) -> list[EntityType]:
        """Return the kinds of definitions, and one type for each published object."""
        return list_entity_types(self._metadata)

    @_cancellable
    def read(self, entity_type: EntityType, query: Query) -> Iterator[Item]:
        """Yield items in the order in which they were added."""
        if entity_type.part_of:
            parts = self._part_reader.read(entity_type, query)
            return SizedIterator(iter(parts), len(parts))
        items = self._reader.read(entity_type, query)
        return SizedIterator(self._translated(items), length_hint(items))

    @_cancellable
    def page(
        self, entity_type: EntityType, query: Query, page: int, page_size: int
    ) -> Page:
        """Return one page of what :meth:`read` yields, from 1, and the total.

        Definitions, picklists, folders and parts are few: they are read whole.
        """
        if page < 1 or page_size < 1:
            message = f"There is no page {page} of {page_size} items."
            raise ValueError(message)
        if entity_type.class_name == OBJECT_ENTRY:
            return self._reader.page(entity_type, query, page, page_size)
        fields = document_filter_fields(entity_type)
        item_query = ItemQuery(
            fields, filter=query.filter, sort=query.sort, search=query.search
        )
        items = [*item_query.apply(self.read(entity_type, Query()))]
        start = (page - 1) * page_size
        return Page(items[start : start + page_size], len(items))

    @_cancellable
    def fetch(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> dict[str, Item]:
        """Return the items stored under these ERCs, each with all its fields."""
        if entity_type.part_of:
            return self._part_reader.fetch(entity_type, keys)
        normalizer = ItemNormalizer(entity_type)
        items = self._fetcher.fetch(entity_type, keys, scope)
        return {key: normalizer.item(item) for key, item in items.items()}

    def fetch_ahead(
        self, entity_type: EntityType, groups: Iterator[tuple[str, Sequence[str]]]
    ) -> Iterator[dict[str, Item]]:
        """Yield what :meth:`fetch` returns for each site and its ERCs, in order.

        While the caller works with one group, the next one is on its way.
        """
        normalizer = ItemNormalizer(entity_type)

        def begin() -> Future[dict[str, Item]] | None:
            site, keys = next(groups, ("", None))
            if keys is None:
                return None
            return submit(partial(self._fetcher.fetch, entity_type, keys, site))

        def fetch_all() -> Iterator[dict[str, Item]]:
            running = begin()
            while running is not None:
                items = self.client.cancel_token.result(running)
                running = begin()
                yield {key: normalizer.item(item) for key, item in items.items()}

        return self._translated(fetch_all())

    @_cancellable
    def write(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        """Store the batch by import tasks that bear its mark; parts one by one."""
        if entity_type.part_of:
            return self._write_parts(entity_type, batch)
        prepared = prepare_batch(self, entity_type, batch)
        writer = Writer(self._write_context(entity_type, prepared.batch.policy))
        try:
            return prepared.with_left_out(writer.write(prepared.batch))
        finally:
            if entity_type.class_name != OBJECT_ENTRY:
                self._metadata.invalidate()

    @_cancellable
    def recall(self, entity_type: EntityType, batch: Batch) -> list[Outcome] | None:
        """Ask for the tasks of a batch; see :class:`~dmc_widgets.ports.OutcomeRecall`.

        This waits for a task that the server is still carrying out. Parts leave no
        mark, and writing them again adds none twice.
        """
        if entity_type.part_of:
            return None
        prepared = prepare_batch(self, entity_type, batch)
        context = self._write_context(entity_type, prepared.batch.policy)
        outcomes = BatchRecaller(context).recall(prepared.batch)
        return None if outcomes is None else prepared.with_left_out(outcomes)

    @_cancellable
    def remove(
        self, entity_type: EntityType, keys: Sequence[str], scope: str = ""
    ) -> list[Problem | None]:
        """Delete items by their ids; see :class:`~dmc_widgets.ports.ItemRemover`."""
        try:
            return remove_items(self.client, self._fetcher, entity_type, keys, scope)
        finally:
            if entity_type.class_name != OBJECT_ENTRY:
                self._metadata.invalidate()

    @property
    def release_name(self) -> str:
        """The published version of Liferay with the same properties; else empty."""
        with cancellation_as_error(self.client):
            return self._metadata.release_name()

    @_cancellable
    def fit_item(self, entity_type: EntityType, item: Item) -> FittedItem:
        """Leave out of an item what the server's OpenAPI document does not describe.

        See :class:`~dmc_widgets.ports.ItemFitter`.
        """
        schemas = self._metadata.item_schemas(entity_type)
        if schemas is None:
            return FittedItem(item)
        fitted = schemas.fit(entity_type.name, item)
        return adapt_fields(entity_type.name, item, fitted)

    @_cancellable
    def require_permission(
        self, entity_type: EntityType, policy: Policy, scope: str = ""
    ) -> None:
        """Refuse what the server would refuse.

        See :class:`~dmc_widgets.ports.PermissionChecker`.
        """
        if entity_type.part_of:
            return
        path = self._metadata.list_path(entity_type, scope)
        check_import_permission(self.client, path, entity_type, policy)

    def write_all(
        self, entity_type: EntityType, batches: Iterator[Batch], at_once: int = 1
    ) -> BatchResults:
        """Store batches; see :class:`~dmc_widgets.ports.PipelinedWriter`.

        Definitions change what the server returns, so they are not prepared early.
        """
        if entity_type.class_name != OBJECT_ENTRY:
            return SingleBatches(self.write(entity_type, batch) for batch in batches)
        batches = (prepare_batch(self, entity_type, x).batch for x in batches)
        first = next(batches, None)
        if first is None:
            return SingleBatches(iter(()))
        writer = Writer(self._write_context(entity_type, first.policy))
        return BatchStream(writer, chain([first], batches), at_once)

    def close(self) -> None:
        """Close the connections. Closing twice is harmless."""
        self.client.close()

    def _write_parts(self, entity_type: EntityType, batch: Batch) -> list[Outcome]:
        writer = PartWriter(
            self.client, self._metadata, self._fetcher, entity_type, batch.policy
        )
        try:
            return writer.write(batch)
        finally:
            self._metadata.invalidate()

    def _write_context(self, entity_type: EntityType, policy: Policy) -> WriteContext:
        """Return what the writer needs, if the server has the entity type.

        Raises:
            UnknownName: The server does not have the entity type.
        """
        self._metadata.list_path(entity_type)
        schemas = self._metadata.item_schemas(entity_type)
        context = WriteContext(self.client, self._fetcher, entity_type, policy, schemas)
        context.sizes = self._sizes
        return context

    def _translated(self, values: Iterator[T]) -> Iterator[T]:
        """Yield *values*, and translate a cancellation between two of them."""
        with cancellation_as_error(self.client):
            yield from values
