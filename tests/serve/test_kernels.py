"""The kernel that is kept ready for the next page, and whose it becomes."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from tornado.web import HTTPError
from traitlets import Unicode
from traitlets.config import Configurable

from dmc_widgets.languages import using_language
from dmc_widgets.serve.kernels import BoundedKernelManager, SpareKernel, starting_for
from dmc_widgets.serve.sessions import Session
from tests.serve.kernels import kernel_pids

ADA = Session(id="5e55", user="ada", stamp="", made=0.0, used=0.0)


class Application(Configurable):
    """What the manager asks of the server."""

    root_dir = Unicode()
    base_url = "/dmc/"
    passwords = object()


@pytest.fixture
def manager(tmp_path: Path) -> BoundedKernelManager:
    application = Application(root_dir=str(tmp_path))
    connections = tmp_path / "connections"
    connections.mkdir()
    return BoundedKernelManager(
        parent=application, max_kernels=1, connection_dir=str(connections)
    )


async def start(manager: BoundedKernelManager) -> str:
    environment = {**os.environ, "QUERY_STRING": "a='1'"}
    with using_language("de"):
        return await manager.start_kernel(kernel_name="python3", env=environment)


async def evaluate(manager: BoundedKernelManager, kernel_id: str, text: str) -> Any:
    client: Any = manager.get_kernel(kernel_id).client()
    client.start_channels()
    sent = client.execute("", user_expressions={"value": text})
    while True:
        reply = await client.get_shell_msg(timeout=60)
        if reply["parent_header"]["msg_id"] == sent:
            break
    client.stop_channels()
    value = reply["content"]["user_expressions"]["value"]
    return json.loads(value["data"]["text/plain"].strip("'"))


VALUES = (
    "__import__('json').dumps([__import__('os').environ.get(name) for name in "
    "('DMC_USER', 'DMC_SESSION', 'DMC_SIGN_OUT_URL', 'DMC_LANGUAGE')] + "
    "['dmc_widgets.widgets' in __import__('sys').modules])"
)


def test_page_takes_the_kernel_that_is_ready_with_the_identity_of_its_user(
    manager: BoundedKernelManager,
) -> None:
    """It does not count as a page before, and none is kept where no page may open."""

    async def run() -> None:
        manager.keep_spare()
        spare = manager._spare
        assert spare is not None
        starting_for.set(ADA)
        kernel_id = await start(manager)
        assert kernel_id == spare.kernel_id
        assert manager.owners == {kernel_id: ADA}
        found = await evaluate(manager, kernel_id, VALUES)
        assert found == ["ada", "5e55", "/dmc/sign-out", "de", True]

        manager.keep_spare()
        assert manager._spare is None
        with pytest.raises(HTTPError) as refused:
            await start(manager)
        assert refused.value.status_code == 503
        await manager.shutdown_all()
        assert kernel_pids(os.getpid()) == set()

    asyncio.run(run())


def test_kernel_that_does_not_answer_is_replaced(
    manager: BoundedKernelManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a page would run for nobody, or for somebody else."""

    async def fail(*_: object) -> None:
        raise TimeoutError

    async def run() -> None:
        monkeypatch.setattr(SpareKernel, "claim", fail)
        manager.keep_spare()
        spare = manager._spare
        assert spare is not None
        starting_for.set(ADA)
        kernel_id = await start(manager)
        assert kernel_id != spare.kernel_id
        assert manager.list_kernel_ids() == [kernel_id]
        assert manager.owners == {kernel_id: ADA}
        found = await evaluate(manager, kernel_id, VALUES)
        assert found == ["ada", "5e55", "/dmc/sign-out", "de", False]
        await manager.shutdown_all()

    asyncio.run(run())
