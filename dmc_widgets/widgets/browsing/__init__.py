"""The object browser: what an installation defines, and its entries."""

from __future__ import annotations

from .object_browser import ObjectBrowser

__all__ = ["ObjectBrowser"]
