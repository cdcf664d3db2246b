"""The kernels of the pages: how many there are, whose they are, and one kept ready.

A kernel needs a second or more until it has loaded the libraries of the dashboard. The
next page need not wait for that: one kernel that belongs to no page yet has loaded
them. It learns whose it is when a page takes it, before that page knows of it.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, Final

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError
from traitlets import Bool, Integer

from ..languages import VARIABLE as LANGUAGE_VARIABLE
from ..languages import current_language
from ..storage.transfers import SESSION_VARIABLE, SIGN_OUT_VARIABLE, USER_VARIABLE
from .access_policy import SIGN_OUT
from .sessions import Session

STATUS_FULL: Final = 503
SPECIFICATION: Final = "python3"
_PRELOAD: Final = "import dmc_widgets.widgets"
_ANSWER_S: Final = 30.0
# The page that has taken the last one needs the processor until it is up, and says so
# before; unless its browser has ended.
_REFILL_AFTER_S: Final = 60.0

starting_for: ContextVar[Session | None] = ContextVar("starting_for", default=None)
"""The session that a kernel is being started for."""


class SpareKernel:
    """A kernel that has loaded the dashboard's libraries and belongs to no page yet.

    Args:
        manager: Starts it at once.
        kernel_id: The id that it gets.
    """

    def __init__(self, manager: BoundedKernelManager, kernel_id: str) -> None:
        self.kernel_id = kernel_id
        self._manager = manager
        self._client: Any = None
        self._launch = asyncio.ensure_future(
            manager.launch_kernel(kernel_id=kernel_id, kernel_name=SPECIFICATION)
        )
        self._preload = asyncio.ensure_future(self._load())

    @property
    def is_ready(self) -> bool:
        """True once it has loaded the libraries."""
        return self._preload.done()

    async def claim(self, environment: Mapping[str, str]) -> None:
        """Give it the environment of the page that takes it.

        Raises:
            Exception: It did not start, has ended, or does not answer.
        """
        await self._preload
        changed = {
            name: value
            for name, value in environment.items()
            if os.environ.get(name) != value
        }
        # A name may be of an enumeration, whose repr is not a literal.
        await self._run(f"__import__('os').environ.update({json.dumps(changed)})")
        self._disconnect()

    async def end(self) -> None:
        """End it, also while it is being started."""
        self._preload.cancel()
        await asyncio.gather(self._preload, return_exceptions=True)
        with suppress(Exception):  # then there is nothing to end
            # Not cancelled: a process that has begun would be forgotten.
            await self._launch
        self._disconnect()
        if self.kernel_id in self._manager:
            await self._manager.shutdown_kernel(self.kernel_id, now=True)

    async def _load(self) -> None:
        await asyncio.shield(self._launch)
        self._client = self._manager.get_kernel(self.kernel_id).client()
        self._client.start_channels()
        await self._run(_PRELOAD)

    async def _run(self, code: str) -> None:
        """Run code of ours and wait until it has."""
        sent = self._client.execute(code, silent=True, store_history=False)
        while True:
            reply = await self._client.get_shell_msg(timeout=_ANSWER_S)
            if reply["parent_header"].get("msg_id") == sent:
                break
        if reply["content"]["status"] != "ok":
            raise RuntimeError(reply["content"].get("evalue", ""))

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.stop_channels()
            self._client = None


class BoundedKernelManager(AsyncMappingKernelManager):
    """Starts no more kernels than a machine can run, each for its user.

    A kernel counts from the moment of the request for it, so that many requests at the
    same time are limited as well. The one that is kept ready does not count.

    Attributes:
        owners: The session that each kernel was started for, where there are users.
    """

    max_kernels = Integer(10, config=True, help="How many kernels may run at once.")
    keeps_spare = Bool(True, config=True, help="Keep a kernel ready for the next page.")

    def __init__(self, **settings: Any) -> None:
        self._starting: set[str] = set()
        self._spare: SpareKernel | None = None
        self._is_unused = True
        self._refill: asyncio.TimerHandle | None = None
        self.owners: dict[str, Session] = {}
        super().__init__(**settings)

    async def start_kernel(self, **kwargs: Any) -> str:  # type: ignore[override]
        """Start a kernel, or take the one that is ready, and return its id.

        Raises:
            HTTPError: As many as are allowed are running or starting (503).
        """
        if self._count() >= self.max_kernels:
            raise HTTPError(STATUS_FULL, "Too many kernels.")
        session = starting_for.get()
        kwargs["env"] = {**kwargs.get("env", {}), **self._identity(session)}
        spare = self._take_spare()
        try:
            if spare is not None and await self._claim(spare, session, kwargs):
                return spare.kernel_id
            with self._counted(self.new_kernel_id(), session) as kernel_id:
                return await self.launch_kernel(kernel_id=kernel_id, **kwargs)
        finally:
            self._refill_later()

    async def launch_kernel(self, **kwargs: Any) -> str:
        """Start a kernel as Jupyter does, and return its id."""
        return await super().start_kernel(**kwargs)

    def keep_spare(self) -> None:
        """Start a kernel for the next page, if there is room for one.

        Call it when the processor is free: when the server starts, or a page is up.
        """
        has_room = self._count() < self.max_kernels
        if self.keeps_spare and has_room and self._spare is None:
            self._spare = SpareKernel(self, self.new_kernel_id())

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel that no page uses, but for the one that is kept ready."""
        if self._spare is None or self._spare.kernel_id != kernel_id:
            await super().cull_kernel_if_idle(kernel_id)

    async def shut_down_of(self, session: Session) -> None:
        """End the kernels that were started for a session."""
        running = set(self.list_kernel_ids())
        ended = [key for key, owner in self.owners.items() if owner.id == session.id]
        for kernel_id in ended:
            self.owners.pop(kernel_id, None)
        with suppress(KeyError, HTTPError):  # one may have ended meanwhile
            await asyncio.gather(
                *(self.shutdown_kernel(key) for key in ended if key in running)
            )

    async def shutdown_all(self, now: bool = False) -> None:  # type: ignore[override]
        """End all kernels, also one that is being started."""
        if self._refill is not None:
            self._refill.cancel()
        self.keeps_spare = False
        spare, self._spare = self._spare, None
        if spare is not None:
            await spare.end()
        await super().shutdown_all(now=now)

    def _take_spare(self) -> SpareKernel | None:
        """Return the spare kernel for a page, unless that would have to wait for it.

        The first page waits: its kernel would not be there earlier. A page that is
        reloaded lives on until it gets an answer, and its scripts with it.
        """
        spare = self._spare
        if spare is None or not (spare.is_ready or self._is_unused):
            return None
        self._spare, self._is_unused = None, False
        return spare

    async def _claim(
        self, spare: SpareKernel, session: Session | None, asked: Mapping[str, Any]
    ) -> bool:
        """Give the kernel that is ready to a page; False if it is of no use."""
        with self._counted(spare.kernel_id, session):
            try:
                if asked.get("kernel_name") == SPECIFICATION:
                    await spare.claim(asked["env"])
                    return True
            except Exception:
                self.log.exception("The kernel that was kept ready was of no use.")
            await spare.end()
            return False

    @contextmanager
    def _counted(self, kernel_id: str, session: Session | None) -> Iterator[str]:
        """Count a kernel that is being started, and note whose it is."""
        self._starting.add(kernel_id)
        known = {*self.list_kernel_ids(), *self._starting}
        self.owners = {key: self.owners[key] for key in self.owners.keys() & known}
        if session is not None:
            self.owners[kernel_id] = session
        try:
            yield kernel_id
        finally:
            self._starting.discard(kernel_id)

    def _count(self) -> int:
        spare = {self._spare.kernel_id} if self._spare else set()
        return len({*self.list_kernel_ids(), *self._starting} - spare)

    def _identity(self, session: Session | None) -> dict[str, str]:
        """Return the variables by which a kernel knows whose it is."""
        identity = {LANGUAGE_VARIABLE: current_language().code}
        if session is None:
            return identity
        identity |= {USER_VARIABLE: session.user, SESSION_VARIABLE: session.id}
        server: Any = self.parent
        if server.passwords is not None:
            identity[SIGN_OUT_VARIABLE] = f"{server.base_url}{SIGN_OUT}"
        return identity

    def _refill_later(self) -> None:
        if self._refill is not None:
            self._refill.cancel()
        loop = asyncio.get_running_loop()
        self._refill = loop.call_later(_REFILL_AFTER_S, self.keep_spare)
