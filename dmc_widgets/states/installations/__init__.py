"""The list of installations: their kinds, whether they answer, and who uses them."""

from __future__ import annotations

from .installation_checks import InstallationCheck, InstallationChecks

__all__ = ["InstallationCheck", "InstallationChecks"]
