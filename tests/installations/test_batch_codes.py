"""What a batch has to do with another one, by the codes that both have and name."""

from __future__ import annotations

from typing import Any

import pytest

from dmc_widgets.installations.liferay.batch_codes import find_batch_codes
from dmc_widgets.model.entity_type import OBJECT_ENTRY, EntityType, Field
from dmc_widgets.ports import Batch
from dmc_widgets.testing.samples import CONTINUE

PARENT: Any = {"custom": True, "any_of_group": "boss"}
PERSON = EntityType(
    name="C_Person",
    label="Person",
    class_name=OBJECT_ENTRY,
    fields=(
        Field(name="r_boss_c_personERC", label="", type="string", **PARENT),
        Field(name="boss", label="", type="object", **PARENT),
        Field(name="friends", label="", type="array", custom=True),
        Field(name="title", label="", type="Text", custom=True),
    ),
)


def batch(*items: dict[str, Any]) -> Batch:
    return Batch(task="t", number=1, items=items, policy=CONTINUE)


def person(code: str, **more: Any) -> dict[str, Any]:
    return {"externalReferenceCode": code, **more}


@pytest.mark.parametrize(
    ("item", "is_concerned"),
    [
        (person("B"), False),
        (person("a"), True),
        (person("B", r_boss_c_personERC="A"), True),
        (person("B", boss={"externalReferenceCode": "A"}), True),
        (person("B", friends=["C", "A"]), True),
        (person("B", friends=[{"externalReferenceCode": "A"}]), True),
        (person("B", friends="C,A"), True),
        (person("B", title="A", r_boss_c_personERC="", friends=None), False),
        ({"title": "A"}, False),
    ],
)
def test_batches_with_a_code_of_each_other_concern_each_other(
    item: dict[str, Any], is_concerned: bool
) -> None:
    """In either order: a parent may come before its child, or be named too early."""
    one = find_batch_codes(batch(person("A"), {"title": "without a code"}), PERSON)
    other = find_batch_codes(batch(item), PERSON)

    assert one.concern(other) is is_concerned
    assert other.concern(one) is is_concerned


def test_only_batches_with_lists_of_links_change_entries_of_others() -> None:
    plain = find_batch_codes(batch(person("A")), PERSON)
    linking = find_batch_codes(batch(person("B", friends=[])), PERSON)

    assert linking.may_change(plain)
    assert not plain.may_change(linking)
