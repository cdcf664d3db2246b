"""Sums of digests, which tell whether two sets of entries are equal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dmc_widgets.model.verification import (
    format_digest,
    sum_digests,
    sum_joined_digests,
)

SUMS = st.integers(0, (1 << 128) - 1)


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=5), SUMS)
def test_the_sum_of_joined_digests_is_that_of_single_ones(
    digests: list[bytes], start: int
) -> None:
    assert sum_joined_digests(b"".join(digests), start) == sum_digests(digests, start)


def test_sums_have_32_digits() -> None:
    assert format_digest(sum_joined_digests(b"\xff" * 16, 3)) == "0" * 31 + "2"
