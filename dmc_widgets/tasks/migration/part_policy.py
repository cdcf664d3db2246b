"""The strategies with which the parts of a migration are written."""

from __future__ import annotations

from dataclasses import replace

from ...model.strategies import ImportStrategy, Policy


def part_policy(policy: Policy, *, is_second_pass: bool, is_dependency: bool) -> Policy:
    """Return the strategies with which a part of a migration is written.

    Args:
        policy: The strategies of the migration.
        is_second_pass: The part only brings links to entries of the first pass.
        is_dependency: The part was not chosen; items that exist already stay.
    """
    if is_second_pass:
        return policy.for_links()
    return (
        replace(policy, import_strategy=ImportStrategy.INSERT)
        if is_dependency
        else policy
    )
