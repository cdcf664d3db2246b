"""The installations of the workspace: what they are, whether they answer."""

from __future__ import annotations

from .installation_list import InstallationList

__all__ = ["InstallationList"]
