"""Credentials: Basic, also without that word, or a token of either grant (spec, section 6)."""

from __future__ import annotations

import base64
import binascii
from typing import Final
from urllib.parse import parse_qs

from contactory.dialects.base import Reply, Request, bearer, json_encode, refuse_two_secrets
from contactory.dialects.everbridge.problems import JSON
from contactory.model.caller import ClientSecret, Credentials, Login
from contactory.model.grants import Grant
from contactory.model.problems import Code, Problem, Refusal

SECONDS = 28_800
_LONGEST_ID: Final = 18  # digits, which fit a bigint


def find_credentials(request: Request) -> Credentials | None:
    header = request.headers.get("authorization", "").strip()
    kind, _, rest = header.partition(" ")
    if kind.lower() == "bearer":
        return bearer(request)
    encoded = rest if kind.lower() == "basic" else header
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    organization = request.path.get("organization_id", "")
    is_number = organization.isascii() and organization.isdigit() and len(organization) <= _LONGEST_ID
    organization_id = int(organization) if is_number else 0
    if not colon or "\0" in name:
        return None
    return Login(name, password, organization_id)


def decode_grant(request: Request) -> ClientSecret | Login:
    """Read a token request. With grant_type=password it has a user's name and password, and the client is
    ignored. Raises Refusal (UNSUPPORTED_GRANT, TWO_CREDENTIALS)."""
    parameters = parse_qs(request.body.decode("utf-8", "replace"))
    form = {key: values[-1].replace("\0", "") for key, values in parameters.items()}
    grant_type = form.get("grant_type", "")
    if grant_type == "password":
        return Login(form.get("username", ""), form.get("password", ""))
    if grant_type != "client_credentials":
        raise Refusal(Problem(code=Code.UNSUPPORTED_GRANT, value=grant_type[:60]))
    refuse_two_secrets(request, form)
    return ClientSecret(form.get("client_id", ""), form.get("client_secret", ""))


def encode_grant(grant: Grant) -> Reply:
    """Encode a token, as id_token and access_token, since clients of each grant use another one."""
    body = {
        "access_token": grant.token,
        "expires_in": grant.expires_in,
        "id_token": grant.token,
        "scope": "openid user-profile role",
        "token_type": "Bearer",
    }
    return Reply(200, json_encode(body), {**JSON, "cache-control": "no-store"})
