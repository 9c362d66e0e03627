"""The client credentials grant in the form of the vendor's gateway (Apigee)."""

from __future__ import annotations

import base64
from urllib.parse import parse_qs

from contactory.dialects.base import Reply, Request, json_encode, refuse_two_secrets
from contactory.dialects.propeller.headers import HEADERS
from contactory.model.caller import ClientSecret
from contactory.model.grants import Grant
from contactory.model.problems import Code, Problem, Refusal


def decode_grant(request: Request) -> ClientSecret:
    """Read the client id and secret, from the form or from a Basic header. Raises Refusal (UNSUPPORTED_GRANT,
    TWO_CREDENTIALS)."""
    form = {
        key: values[-1] for key, values in parse_qs(request.body.decode("utf-8", "replace")).items() if values
    }
    grant_type = form.get("grant_type") or (request.query.get("grant_type") or [""])[-1]
    if grant_type != "client_credentials":
        raise Refusal(Problem(code=Code.UNSUPPORTED_GRANT, value=grant_type))
    refuse_two_secrets(request, form)
    if "client_id" in form:
        return ClientSecret(form["client_id"], form.get("client_secret", ""))
    return _basic(request.headers.get("authorization", ""))


def encode_grant(grant: Grant) -> Reply:
    """Encode a token. All values are texts, as the vendor sends them."""
    products = ["Propeller REST APIs"]
    body = {
        "access_token": grant.token,
        "api_product_list": f"[{products[0]}]",
        "api_product_list_json": products,
        "application_name": grant.client_name,
        "client_id": grant.client_id,
        "developer.email": "",
        "expires_in": str(grant.expires_in),
        "issued_at": str(int(grant.issued_at.timestamp() * 1000)),
        "organization_name": grant.organization_name,
        "refresh_count": "0",
        "refresh_token_expires_in": "0",
        "scope": "",
        "status": "approved",
        "token_type": "BearerToken",
    }
    return Reply(200, json_encode(body), {**HEADERS, "cache-control": "no-store"})


def _basic(header: str) -> ClientSecret:
    scheme, _, credentials = header.partition(" ")
    try:
        decoded = base64.b64decode(credentials, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:  # No base64, no ASCII or no UTF-8.
        decoded = ""
    client_id, _, secret = decoded.partition(":")
    return ClientSecret(client_id, secret)
