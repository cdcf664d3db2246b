"""Installations that are Liferay servers, over HTTP.

The vendors of this room (httpx2, stamina) load when an installation is opened.
"""

from __future__ import annotations

from .installation import open_liferay

__all__ = ["open_liferay"]
