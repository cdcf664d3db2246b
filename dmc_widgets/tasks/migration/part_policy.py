"""The strategies with which the parts of a migration are written."""

from __future__ import annotations

from dataclasses import replace

from ...model.strategies import ImportStrategy, Policy, UpdateStrategy


def part_policy(policy: Policy, *, is_second_pass: bool, is_dependency: bool) -> Policy:
    """Return the strategies with which a part of a migration is written.

    Args:
        policy: The strategies of the migration.
        is_second_pass: The part only brings links to entries of the first pass.
        is_dependency: The part was not chosen; items that exist already stay.
    """
    if is_second_pass:
        linking = policy  # a merge removes no link that the source lacks
        if not policy.merges:
            linking = policy.with_update_strategy(UpdateStrategy.PARTIAL_UPDATE)
        return replace(linking, import_strategy=ImportStrategy.UPDATE)
    return (
        replace(policy, import_strategy=ImportStrategy.INSERT)
        if is_dependency
        else policy
    )
