"""How OpenAPI documents say who comes in: Basic, or OAuth 2 with scopes."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from .gate import TOKEN_PATH
from .rights import api_of
from .settings import EVERYTHING

_BASIC: Final = "basicAuth"
_OAUTH: Final = "OAuth2"


def security_schemes(server: str, title: str) -> dict[str, Any]:
    """Describe both ways to come in.

    Args:
        server: The address that the document's paths begin with.
        title: Of the document; of an object's it is the object's name.
    """
    at = urlsplit(server)
    scope = _scope(at.path, title)
    flow = {
        "scopes": {
            scope: "Read and write",
            f"{scope}.read": "Read",
            f"{scope}.write": "Write",
        },
        "tokenUrl": f"{at.scheme}://{at.netloc}{TOKEN_PATH}",
    }
    return {
        _BASIC: {"scheme": "basic", "type": "http"},
        _OAUTH: {"flows": {"clientCredentials": flow}, "type": "oauth2"},
    }


def security(server: str, title: str) -> list[dict[str, list[str]]]:
    """Say that either of them will do."""
    return [{_BASIC: []}, {_OAUTH: [_scope(urlsplit(server).path, title)]}]


def _scope(path: str, title: str) -> str:
    if path.startswith("/o/c/"):
        return f"C_{title}.{EVERYTHING}"
    api = api_of(f"{path}/v1.0")
    return f"{api}.{EVERYTHING}" if api else EVERYTHING
