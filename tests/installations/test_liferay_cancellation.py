"""Waits that a caller can cancel, and the background threads behind them."""

from __future__ import annotations

import threading
import time

import pytest

from dmc_widgets.installations.liferay.http.cancellation import (
    CancelToken,
    OperationCancelled,
    submit,
)


def cancelled_after(calls: int) -> CancelToken:
    """Return a token whose caller cancels at the call after *calls*."""
    answers = iter([True] * calls)
    return CancelToken(lambda: next(answers, False))


def test_result_of_a_job_is_returned() -> None:
    assert CancelToken().run(lambda: 6 * 7) == 42


def test_error_of_a_job_is_raised_where_its_result_is_taken() -> None:
    def fail() -> int:
        message = "no"
        raise LookupError(message)

    with pytest.raises(LookupError, match="no"):
        CancelToken().run(fail)


def test_job_that_raises_timeout_has_ended() -> None:
    """A wait that used the timeout of *result* would take it for its own."""

    def fail() -> int:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        CancelToken().run(fail)


def test_results_are_in_order_and_jobs_within_the_limit() -> None:
    running: list[int] = []
    most: list[int] = []

    def job(number: int) -> int:
        running.append(number)
        most.append(len(running))
        time.sleep(0.01 * (3 - number % 3))
        running.remove(number)
        return number

    jobs = [lambda number=number: job(number) for number in range(9)]

    assert list(CancelToken().run_all(jobs, max_workers=3)) == list(range(9))
    assert max(most) <= 3


def test_cancelled_wait_ends_before_its_job() -> None:
    may_end = threading.Event()
    token = cancelled_after(1)

    with pytest.raises(OperationCancelled):
        token.run(lambda: may_end.wait(10))

    may_end.set()
    assert token.is_cancelled


def test_cancelled_pause_ends_early() -> None:
    began = time.monotonic()

    with pytest.raises(OperationCancelled):
        cancelled_after(1).sleep(10)

    assert time.monotonic() - began < 5


def test_drained_job_keeps_its_result_after_a_cancellation() -> None:
    token = cancelled_after(0)

    def job() -> str:
        while not token.is_cancelled:
            time.sleep(0.01)
        return "half of it"

    assert token.drain(submit(job)) == "half of it"


def test_background_thread_never_asks_the_caller() -> None:
    """The callback may belong to the thread that began it all."""
    askers: set[int] = set()

    def should_continue() -> bool:
        askers.add(threading.get_ident())
        return True

    token = CancelToken(should_continue)
    token.run(lambda: token.sleep(0.01))
    token.sleep(0.01)

    assert askers == {threading.get_ident()}


def test_cancelled_token_stays_cancelled() -> None:
    answers = iter([False])
    token = CancelToken(lambda: next(answers, True))
    with pytest.raises(OperationCancelled):
        token.raise_if_cancelled()

    with pytest.raises(OperationCancelled):
        token.raise_if_cancelled()
