"""Batches on their way to a server: some are written, and the next one is prepared."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple

from ...errors import DmcError
from ...model.outcome import Outcome
from ...ports import Batch
from .batch_codes import BatchCodes, find_batch_codes
from .http.cancellation import submit
from .http.client import cancellation_as_error
from .writer import PreparedBatch, Writer


class _Waiting(NamedTuple):
    """A batch that was taken and has not begun."""

    batch: Batch
    codes: BatchCodes
    prepared: PreparedBatch | None


class _Running(NamedTuple):
    """A batch that is being written."""

    batch: Batch
    codes: BatchCodes
    outcomes: Future[list[Outcome]]


class BatchStream:
    """The outcomes of batches, in order, which :class:`.BatchResults` describes.

    Background threads write batches. Meanwhile the calling thread takes the next one,
    and prepares it. It begins once one of those that run has ended and its outcomes
    were taken. A server keeps no order among its tasks, so a batch that has to do with
    one that runs waits for the end of that one: both have a code in common, or one
    names a code of the other.

    Args:
        writer: The writer of the entity type.
        batches: The batches; the next one is taken while others are written.
        at_once: How many may run at the same time.
    """

    def __init__(self, writer: Writer, batches: Iterator[Batch], at_once: int) -> None:
        self._writer = writer
        self._type = writer.context.entity_type
        self._client = writer.context.client
        self._batches = batches
        self._at_once = at_once
        self._running: deque[_Running] = deque()
        self._waiting: _Waiting | None = None
        self._is_exhausted = False
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[list[Outcome]]:
        return self

    def __next__(self) -> list[Outcome]:
        cancel_token = self._client.cancel_token
        with cancellation_as_error(self._client):
            if not self._running:
                cancel_token.raise_if_cancelled()
            self._begin_batches()
            if self._running:
                return cancel_token.drain(self._running.popleft().outcomes)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopIteration

    def finish_begun(self) -> list[list[Outcome] | DmcError]:
        """Wait for the batches that have begun; no other one begins any more."""
        self._is_exhausted, self._waiting, self._error = True, None, None
        results: list[list[Outcome] | DmcError] = []
        while self._running:
            outcomes = self._running.popleft().outcomes
            try:
                with cancellation_as_error(self._client):
                    results.append(self._client.cancel_token.drain(outcomes))
            except DmcError as exc:
                results.append(exc)
        return results

    def _begin_batches(self) -> None:
        """Begin as many batches as may run, and prepare the one after them."""
        while True:
            if self._waiting is None:
                self._waiting = self._take()
            waiting = self._waiting
            if waiting is None or len(self._running) >= self._at_once:
                return
            if self._running and self._client.cancel_token.is_cancelled:
                return
            if any(running.codes.concern(waiting.codes) for running in self._running):
                return
            self._waiting = None
            write = partial(self._writer.write, waiting.batch, waiting.prepared)
            future = submit(write)
            self._running.append(_Running(waiting.batch, waiting.codes, future))

    def _take(self) -> _Waiting | None:
        """Take the next batch, and prepare it while others are written."""
        if self._is_exhausted:
            return None
        try:
            batch = next(self._batches, None)
        except Exception as exc:
            self._is_exhausted = True
            if not self._running:
                raise
            self._error = exc  # what is being written has outcomes first
            return None
        if batch is None:
            self._is_exhausted = True
            return None
        codes = find_batch_codes(batch, self._type)
        prepared = None
        if self._running:
            are_affected = any(x.codes.may_change(codes) for x in self._running)
            prepared = self._writer.prepare(batch, are_affected=are_affected)
        return _Waiting(batch, codes, prepared)


class SingleBatches:
    """The outcomes of batches, each written when its outcomes are asked for."""

    def __init__(self, outcomes: Iterator[list[Outcome]]) -> None:
        self._outcomes = outcomes

    def __iter__(self) -> Iterator[list[Outcome]]:
        return self

    def __next__(self) -> list[Outcome]:
        return next(self._outcomes)

    def finish_begun(self) -> list[list[Outcome] | DmcError]:
        """Return nothing: no batch is under way between two of them."""
        return []
