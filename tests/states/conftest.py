"""Entity types of two kinds: entries with fixed fields, and open definitions."""

from __future__ import annotations

import pytest

from dmc_widgets.model.entity_type import (
    OBJECT_DEFINITION,
    OBJECT_ENTRY,
    EntityType,
    Field,
)

NO_CSV = frozenset({"CSV", "XLSX"})


@pytest.fixture
def ticket() -> EntityType:
    return EntityType(
        name="C_Ticket",
        label="Ticket (v1.0 - Liferay Object REST)",
        class_name=OBJECT_ENTRY,
        delegate="C_Ticket",
        fields=(
            Field(name="dateCreated", read_only=True),
            Field(name="externalReferenceCode"),
            Field(name="keywords", type="array", unsupported_formats=NO_CSV),
            Field(name="secret", write_only=True),
            Field(name="title", label="Title of the ticket", required=True),
        ),
    )


@pytest.fixture
def definition() -> EntityType:
    return EntityType(
        name="ObjectDefinition",
        label="ObjectDefinition (v1.0 - Liferay Object Admin REST)",
        class_name=OBJECT_DEFINITION,
        fields=(
            Field(name="id", read_only=True, unsupported_formats=NO_CSV),
            Field(name="name", required=True, unsupported_formats=NO_CSV),
        ),
        open=True,
    )
