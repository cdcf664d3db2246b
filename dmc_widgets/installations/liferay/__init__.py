"""Liferay servers as installations, over HTTP.

Importing this package loads httpx2 and stamina, so it is imported only when a server is
connected.
"""

from __future__ import annotations

from .installation import open_liferay

__all__ = ["open_liferay"]
