"""``/o/oauth2/token``: client credentials for a token (RFC 6749, 4.4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, unquote_plus

from starlette.responses import Response

from ..requests import ApiRequest
from ..responses import json_response
from .login_throttle import retry_after_header
from .middleware import client_address, is_same_secret
from .principal import Principal

_NO_STORE_HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_MAX_PARAMETERS: Final = 50


def issue_token(call: ApiRequest) -> Response:
    """Answer with a token, or with what is wrong in the words of OAuth."""
    form = _parse_form(call.content)
    grant = form.get("grant_type", "")
    if grant != "client_credentials":
        error = "unsupported_grant_type" if grant else "invalid_request"
        return _oauth_error(400, error, "grant_type must be client_credentials")
    client_id, client_secret = _client_credentials(call, form)
    settings, guesses = call.rooms.settings, call.rooms.guesses
    address = client_address(call.request.scope)
    wait_s = guesses.wait_s(client_id, address)
    if wait_s:
        description = "Too many wrong secrets. Wait a minute"
        return _oauth_error(429, "slow_down", description, retry_after_header(wait_s))
    told = f"{client_id}:{client_secret}".encode("utf-8", "surrogateescape")
    expected = f"{settings.client_id}:{settings.client_secret}".encode()
    if not is_same_secret(told, expected):
        guesses.note(client_id, address)
        return _oauth_error(401, "invalid_client", "The client id or secret is wrong")
    asked = form.get("scope", "").split() or list(settings.client_scopes)
    for each in asked:
        if each not in settings.client_scopes:
            description = f"The client has no scope {each}"
            return _oauth_error(400, "invalid_scope", description)
    rights = Principal(settings.client_id, scopes=frozenset(asked))
    body = {
        "access_token": call.rooms.tokens.give(rights),
        "token_type": "Bearer",
        "expires_in": int(settings.token_seconds),
        "scope": " ".join(asked),
    }
    return json_response(body, headers=_NO_STORE_HEADERS)


def _parse_form(content: bytes) -> dict[str, str]:
    try:
        found = parse_qs(
            content.decode("utf-8", "replace"), max_num_fields=_MAX_PARAMETERS
        )
    except ValueError:  # more parameters than anybody needs
        return {}
    return {name: values[0] for name, values in found.items()}


def _client_credentials(call: ApiRequest, form: dict[str, str]) -> tuple[str, str]:
    """Take them from the form, or from Basic authentication as RFC 6749 has it."""
    kind, _, told = call.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        text = base64.b64decode(told.strip(), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return "", ""
    name, _, secret = text.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _oauth_error(
    status: int,
    error: str,
    description: str,
    more: Mapping[str, str] = _NO_STORE_HEADERS,
) -> Response:
    headers = {**_NO_STORE_HEADERS, **more}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="dmc sandbox"'
    body = {"error": error, "error_description": description}
    return json_response(body, status, headers)
