"""The kernels that a server process runs."""

from __future__ import annotations

import psutil


def kernel_pids(parent: int) -> set[int]:
    """Return the process ids of the kernels below the process *parent*."""
    return {
        child.pid
        for child in psutil.Process(parent).children(recursive=True)
        if _is_kernel(child)
    }


def pid_of_kernel(parent: int, kernel_id: str) -> int:
    """Return the process id of the kernel with an id, below the process *parent*."""
    (pid,) = (
        child.pid
        for child in psutil.Process(parent).children(recursive=True)
        if kernel_id in " ".join(child.cmdline())
    )
    return pid


def _is_kernel(process: psutil.Process) -> bool:
    try:
        return "ipykernel" in " ".join(process.cmdline())
    except psutil.Error:  # it has ended meanwhile
        return False
