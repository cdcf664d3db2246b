"""Fields of business types that an older Liferay does not know."""

from __future__ import annotations

from dmc_widgets.model.fitting import Loss
from dmc_widgets.objects.documents.fitted_fields import adapt_fields
from dmc_widgets.objects.versions.releases import OBJECT_ADMIN, find_release


def test_a_field_becomes_what_its_db_type_says_without_the_settings_of_its_type() -> (
    None
):
    item = {
        "objectFields": [
            {"name": "title", "businessType": "Text"},
            {
                "name": "mail",
                "businessType": "EmailAddress",
                "objectFieldSettings": [
                    {"name": "blockedDomains", "value": "example.org"},
                    {"name": "uniqueValues", "value": True},
                ],
            },
            {"name": "owner", "businessType": "Assignee"},
        ]
    }
    schemas = find_release("7.4.3.112").schemas(OBJECT_ADMIN)

    fitted = adapt_fields(
        "ObjectDefinition", item, schemas.fit("ObjectDefinition", item)
    )

    assert fitted.item == {
        "objectFields": [
            {"name": "title", "businessType": "Text"},
            {
                "name": "mail",
                "DBType": "String",
                "objectFieldSettings": [{"name": "uniqueValues", "value": True}],
            },
        ]
    }
    assert fitted.losses == (
        Loss("objectFields[].businessType", "EmailAddress", is_value=True),
        Loss("objectFields[].businessType", "Assignee", is_value=True),
        Loss("objectFields[].objectFieldSettings[]", "blockedDomains", is_value=True),
        Loss("objectFields[]", "owner", is_value=True),
    )
