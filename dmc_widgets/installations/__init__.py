"""Installations: places that hold entities, opened by their address."""

from __future__ import annotations

from .addresses import mask_url
from .connect_options import ConnectOptions, normalize_address
from .registry import connect, load_adapter
from .secret_store import (
    copy_secret,
    forget_caller_secret,
    missing_secret,
    save_caller_secret,
)

__all__ = [
    "ConnectOptions",
    "connect",
    "copy_secret",
    "forget_caller_secret",
    "load_adapter",
    "mask_url",
    "missing_secret",
    "normalize_address",
    "save_caller_secret",
]
