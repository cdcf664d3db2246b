"""Whether an installation will take what is to be written, asked before anything is."""

from __future__ import annotations

from ..model.entity import EntityType
from ..model.strategies import Policy
from ..ports import Foreseeing, Installation


def require_right(
    installation: Installation, entity_type: EntityType, policy: Policy, scope: str = ""
) -> None:
    """Refuse what the installation would refuse record by record, if it can tell.

    Raises:
        InstallationError: Whoever asks there lacks a permission.
    """
    if isinstance(installation, Foreseeing):
        installation.require_right(entity_type, policy, scope)
