"""``/o/oauth2/token``: access tokens for client credentials (RFC 6749, 4.4)."""

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


def issue_token(request: ApiRequest) -> Response:
    """Answer POST: return an access token, or an error as OAuth defines it."""
    form = _parse_form(request.body)
    grant = form.get("grant_type", "")
    if grant != "client_credentials":
        error = "unsupported_grant_type" if grant else "invalid_request"
        return _oauth_error(400, error, "grant_type must be client_credentials")
    client_id, client_secret = _client_credentials(request, form)
    settings, login_throttle = request.context.settings, request.context.login_throttle
    address = client_address(request.http.scope)
    wait_s = login_throttle.wait_s(client_id, address)
    if wait_s:
        description = "Too many wrong secrets. Wait a minute"
        return _oauth_error(429, "slow_down", description, retry_after_header(wait_s))
    given = f"{client_id}:{client_secret}".encode("utf-8", "surrogateescape")
    expected = f"{settings.client_id}:{settings.client_secret}".encode()
    if not is_same_secret(given, expected):
        login_throttle.record_failure(client_id, address)
        return _oauth_error(401, "invalid_client", "The client id or secret is wrong")
    scopes = form.get("scope", "").split() or list(settings.client_scopes)
    for scope in scopes:
        if scope not in settings.client_scopes:
            description = f"The client has no scope {scope}"
            return _oauth_error(400, "invalid_scope", description)
    principal = Principal(settings.client_id, scopes=frozenset(scopes))
    body = {
        "access_token": request.context.tokens.issue(principal),
        "token_type": "Bearer",
        "expires_in": int(settings.token_seconds),
        "scope": " ".join(scopes),
    }
    return json_response(body, headers=_NO_STORE_HEADERS)


def _parse_form(content: bytes) -> dict[str, str]:
    try:
        parameters = parse_qs(
            content.decode("utf-8", "replace"), max_num_fields=_MAX_PARAMETERS
        )
    except ValueError:  # too many parameters
        return {}
    return {name: values[0] for name, values in parameters.items()}


def _client_credentials(request: ApiRequest, form: dict[str, str]) -> tuple[str, str]:
    """Return the client's id and secret, from the form or from Basic credentials."""
    scheme, _, credentials = request.http.headers.get("authorization", "").partition(
        " "
    )
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode(
            "utf-8", "replace"
        )
    except (binascii.Error, ValueError):
        return "", ""
    name, _, secret = text.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _oauth_error(
    status: int,
    error: str,
    description: str,
    extra_headers: Mapping[str, str] = _NO_STORE_HEADERS,
) -> Response:
    headers = {**_NO_STORE_HEADERS, **extra_headers}
    if status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="dmc sandbox"'
    body = {"error": error, "error_description": description}
    return json_response(body, status, headers)
