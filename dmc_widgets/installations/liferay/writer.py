"""Write batches to a server by import tasks, or find out what became of them.

:class:`Writer` takes each part of a batch through the steps of :mod:`.write_steps`.
:class:`~.batch_stream.BatchStream` prepares the next batch while the server works.
:class:`BatchRecaller` runs the first and the last step only, for a batch that another
process has written.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ...errors import DmcError, InstallationError, Refused
from ...model.item_reads import ItemReads
from ...model.outcome import Outcome, OutcomeKind, Problem
from ...ports import Batch
from .batch_pieces import describe_size, is_small
from .batch_plan import STUB_SUFFIX, BatchPart, BatchPlan, plan_batch
from .batch_task import has_broken_off
from .fallback import SingleItemWriter
from .http.cancellation import OperationCancelled
from .http.errors import TOO_LARGE, RequestTooLarge, UnknownTaskState
from .items import ScopeNotFound
from .relationships import LinkWriter
from .results import classify_broken, ends_batch, order_outcomes, unknown_outcomes
from .snapshot import NOT_READ
from .write_steps import (
    BatchState,
    Reconciliation,
    WriteContext,
    can_split,
    explain_outcomes,
    find_task,
    piece_size,
    reconcile,
    refuse_unknown_site,
    send_items,
    state_pieces,
    take_snapshot,
)

RESEND_SUFFIX: Final = "r"
"""What the mark of a task has after that of the one of which it repeats some items."""


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """A batch that was prepared before its turn.

    Attributes:
        plan: The parts of the batch.
        state: How far its first part has come; None if there is no part.
    """

    plan: BatchPlan
    state: BatchState | None = None


class Writer:
    """Writes batches of one entity type.

    Args:
        context: The server, the entity type and the strategies.
    """

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    @property
    def context(self) -> WriteContext:
        """The server, the entity type and the strategies."""
        return self._context

    def prepare(self, batch: Batch, *, are_affected: bool) -> PreparedBatch | None:
        """Prepare a batch while others are being written.

        Args:
            batch: The batch that comes next.
            are_affected: The others may change what is stored of its items.

        Returns:
            None if the server did not answer; the error will come up again when the
            batch is written.
        """
        context = self._context
        plan = _plan_batch(context, batch)
        if not plan.parts:
            return PreparedBatch(plan)
        state = BatchState(plan.parts[0], reads=batch.reads)
        try:
            find_task(context, state)
            if are_affected:
                if batch.reads is not None:
                    batch.reads.before.clear()
            elif state.task is None:
                take_snapshot(context, state)
        except (DmcError, OperationCancelled):
            return None
        return PreparedBatch(plan, state)

    def write(
        self, batch: Batch, prepared: PreparedBatch | None = None
    ) -> list[Outcome]:
        """Store the batch; see :class:`~dmc_widgets.ports.Installation`.

        Args:
            batch: The items, with their mark.
            prepared: What :meth:`prepare` has returned for the batch.
        """
        context = self._context
        plan = (
            prepared.plan
            if prepared
            else plan_batch(batch, context.entity_type, context.schemas)
        )
        outcomes = dict(plan.refused)
        has_sent = False
        for number, part in enumerate(plan.parts):
            state = BatchState(part, reads=batch.reads)
            if number == 0 and prepared and prepared.state:
                state = prepared.state
            try:
                written = self._write_part(state)
            except ScopeNotFound as exc:
                written = refuse_unknown_site(context, part, exc)
            except InstallationError as exc:
                if number == 0:
                    raise  # nothing of the batch is stored
                cause = Problem(exc.code, exc.reason)
                written = unknown_outcomes(part.items, cause)
            except OperationCancelled:
                if not has_sent and not state.has_sent:
                    raise
                written = unknown_outcomes(part.items)
            has_sent = has_sent or state.has_sent
            _forget_reads(batch.reads, part)
            outcomes |= written
            if ends_batch(written.values(), stops=context.stops):
                break
        return order_outcomes(batch.items, outcomes, stops=context.stops)

    def _write_part(self, state: BatchState) -> dict[int, Outcome]:
        """Write a part, or find out what became of it.

        Where an earlier attempt had no effect, a new one begins.

        Raises:
            InstallationError: Nothing of the part is stored.
        """
        context = self._context
        find_task(context, state)
        is_resumed = state.task is not None
        link_writer = make_link_writer(context)
        state.links = link_writer.resolve_links(state.part)
        try:
            size = piece_size(context, state)
        except UnknownTaskState:
            return unknown_outcomes(state.part.items)
        if size < len(state.part.items):
            return self._write_pieces(state, size)
        try:
            if not is_resumed:
                take_snapshot(context, state)
                send_items(context, state)
            reconciliation = reconcile(context, state)
            self._complete(state, reconciliation, is_resumed=is_resumed)
            outcomes = explain_outcomes(context, state, reconciliation)
        except UnknownTaskState:
            return unknown_outcomes(state.part.items)
        except RequestTooLarge:
            return self._write_smaller(state)
        except Refused:
            if not is_resumed:
                raise
            state.restart()
            return self._write_part(state)
        return outcomes | link_writer.write_links(state.part, outcomes, state.links)

    def _write_smaller(self, state: BatchState) -> dict[int, Outcome]:
        """Write a part in halves: the server takes no request that is so large.

        Raises:
            Refused: The server does not even take a small request.
        """
        context, items = self._context, state.part.items
        if not can_split(context) or (len(items) == 1 and is_small(items[0])):
            raise RequestTooLarge(context.client.name, TOO_LARGE)
        if len(items) == 1:
            context.sizes.forget(context.entity_type.key)
            return {items[0].place: items[0].failed(describe_size(items[0]))}
        context.sizes.halve(context.entity_type.key, len(items))
        size = context.sizes.most(context.entity_type.key, len(items))
        return self._write_pieces(state, size)

    def _write_pieces(self, state: BatchState, size: int) -> dict[int, Outcome]:
        """Write a part piece by piece; nothing follows one that ends the batch."""
        outcomes: dict[int, Outcome] = {}
        for number, piece in enumerate(state_pieces(state, size)):
            try:
                written = self._write_part(piece)
            except InstallationError as exc:
                if number == 0:
                    raise  # nothing of the part is stored
                cause = Problem(exc.code, exc.reason)
                written = unknown_outcomes(piece.part.items, cause)
            finally:
                state.has_sent = state.has_sent or piece.has_sent
            outcomes |= written
            if ends_batch(written.values(), stops=self._context.stops):
                break
        return outcomes

    def _complete(
        self, state: BatchState, reconciliation: Reconciliation, *, is_resumed: bool
    ) -> None:
        """Write what the task has left out, and add the outcomes of that."""
        context = self._context
        if reconciliation.single is not None:
            writer = SingleItemWriter(
                context.client, context.fetcher, context.entity_type, context.checksums
            )
            reconciliation.outcomes |= writer.write(
                state.part.site,
                reconciliation.sent,
                state.snapshot or {},
                stops=context.stops,
            )
        if reconciliation.cause is not None and not is_resumed:
            reconciliation.outcomes |= unknown_outcomes(
                reconciliation.resend, reconciliation.cause
            )
        elif reconciliation.resend:
            nested = _state_to_resend(context, state, reconciliation)
            reconciliation.outcomes |= self._resend(state, nested)

    def _resend(self, state: BatchState, nested: BatchState) -> dict[int, Outcome]:
        part = nested.part
        if state.reads is not None:
            for key in nested.keys:
                state.reads.after.pop((part.site, key), None)
        try:
            return self._write_part(nested)
        except InstallationError as exc:
            return unknown_outcomes(part.items, Problem(exc.code, exc.reason))
        finally:
            state.has_sent = state.has_sent or nested.has_sent


def make_link_writer(context: WriteContext) -> LinkWriter:
    """Return the writer of many-to-many links.

    With lazy references the items themselves bring them, because only the server can
    link entries that do not exist yet.
    """
    return LinkWriter(
        context.client,
        context.fetcher,
        context.entity_type,
        is_needed=not context.policy.lazy_references,
    )


class BatchRecaller:
    """Finds out what became of batches that another process has written.

    Their tasks are found by their marks, and reconciled as their writer would have done
    it. What the writer had still to do is not done: items to send again count as not
    reached, and missing links are not set.

    Args:
        context: The server, the entity type and the strategies.
    """

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def recall(self, batch: Batch) -> list[Outcome] | None:
        """Return the outcomes of a batch.

        See :class:`~dmc_widgets.ports.OutcomeRecall` for the contract.
        """
        context = self._context
        plan = _plan_batch(context, batch)
        outcomes = dict(plan.refused)
        has_begun = not plan.parts
        for part in plan.parts:
            recalled = self._recall_part(BatchState(part))
            if recalled is None:
                recalled = self._refuse_unknown_site(part)
            if recalled is None:
                break
            has_begun = True
            outcomes |= recalled
            if ends_batch(recalled.values(), stops=context.stops):
                break
        if not has_begun:
            return None
        return order_outcomes(batch.items, outcomes, stops=context.stops)

    def _recall_part(self, state: BatchState) -> dict[int, Outcome] | None:
        """Return what became of a part, or None if nothing of it is stored.

        Raises:
            InstallationError: The server cannot be asked now.
        """
        context = self._context
        find_task(context, state)
        if self._has_stubs_only(state):
            return unknown_outcomes(state.part.items)
        if state.task is None:
            return None
        try:
            size = piece_size(context, state)
        except UnknownTaskState as exc:
            raise exc.error from exc
        if size < len(state.part.items):
            return self._recall_pieces(state, size)
        link_writer = make_link_writer(context)
        state.links = link_writer.resolve_links(state.part)
        try:
            reconciliation = reconcile(context, state)
            self._complete(state, reconciliation)
            outcomes = explain_outcomes(context, state, reconciliation)
        except UnknownTaskState as exc:
            raise exc.error from exc
        except Refused:  # the task had no effect; a restart of it may have
            state.restart()
            return self._recall_part(state)
        return outcomes | link_writer.recall_links(state.part, outcomes, state.links)

    def _recall_pieces(self, state: BatchState, size: int) -> dict[int, Outcome]:
        """Return what became of the pieces of a part, up to one that has not begun."""
        outcomes: dict[int, Outcome] = {}
        for piece in state_pieces(state, size):
            recalled = self._recall_part(piece)
            if recalled is None:
                break
            outcomes |= recalled
        return outcomes

    def _has_stubs_only(self, state: BatchState) -> bool:
        """Return True if definitions were created as stubs, and never completed."""
        if not self._context.is_definition:
            return False
        attempt = replace(state)
        if attempt.task is not None:
            if not has_broken_off(attempt.task):
                return False
            attempt.restart()
        mark = f"{attempt.part.mark}{STUB_SUFFIX}"
        return self._context.tasks.find(mark) is not None

    def _refuse_unknown_site(self, part: BatchPart) -> dict[int, Outcome] | None:
        """Return failures for the items of an unknown site, or None if it exists."""
        if not part.site:
            return None
        try:
            self._context.checksums.read(part.site, [part.items[0].key])
        except ScopeNotFound as exc:
            return refuse_unknown_site(self._context, part, exc)
        return None

    def _complete(self, state: BatchState, reconciliation: Reconciliation) -> None:
        """Add the outcomes of what the writer did after the task, where they show."""
        if reconciliation.single is not None:
            reconciliation.outcomes |= self._recall_singles(state, reconciliation)
        if reconciliation.resend:
            nested = _state_to_resend(self._context, state, reconciliation)
            reconciliation.outcomes |= self._recall_part(nested) or {}

    def _recall_singles(
        self, state: BatchState, reconciliation: Reconciliation
    ) -> dict[int, Outcome]:
        """Compare what was stored with what is: single requests leave no mark."""
        sent, problem = reconciliation.sent, reconciliation.single
        if problem is None:
            return {}
        keys = [item.key for item in sent]
        after = self._context.checksums.read_after(state.part.site, keys)
        result = classify_broken(sent, {}, state.snapshot or {}, after, problem)
        return {
            place: Outcome(OutcomeKind.SKIPPED, outcome.key)
            if outcome.kind is OutcomeKind.FAILED
            else outcome
            for place, outcome in result.outcomes.items()
        }


def _plan_batch(context: WriteContext, batch: Batch) -> BatchPlan:
    return plan_batch(batch, context.entity_type, context.schemas)


def _forget_reads(reads: ItemReads | None, part: BatchPart) -> None:
    """Forget what was stored before a part; another one may have the same codes."""
    if reads is not None:
        for item in part.items:
            reads.before.pop((part.site, item.key), None)


def _state_to_resend(
    context: WriteContext, state: BatchState, reconciliation: Reconciliation
) -> BatchState:
    """Return the state from which items are sent again.

    What an interrupted task has not changed is as its snapshot says. The items that it
    left out become fewer once the next task has begun, so they cannot tell the places
    in the snapshot of that one.
    """
    items = tuple(reconciliation.resend)
    mark = f"{state.part.mark}{RESEND_SUFFIX}"
    nested = BatchState(replace(state.part, mark=mark, items=items))
    before = state.snapshot or {}
    known = {key: before[key] for key in nested.keys if key in before}
    is_exact = context.adds_only or NOT_READ not in known.values()
    if reconciliation.cause is not None and is_exact:
        nested.snapshot = known
    return nested
