"""The ids of the company and of the groups that an embedded installation stands for.

Liferay numbers its companies and groups, and its messages quote the numbers. An
embedded database holds one company, whose number is a constant here.
"""

from __future__ import annotations

from typing import Any, Final

COMPANY_ID: Final = 20096
"""The company of every embedded installation."""

GROUP_ID: Final = 0
"""The group of entries of company scope."""

CREATOR: Final[dict[str, Any]] = {
    "id": 20123,
    "name": "Test Test",
    "givenName": "Test",
    "familyName": "Test",
}
"""The author of everything in an embedded installation."""

CREATOR_PROPERTIES: Final = {"additionalName": "", "contentType": "UserAccount"}
"""What Liferay's API states of an author besides; installations leave it out."""
