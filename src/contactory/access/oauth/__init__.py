"""OAuth 2.0 by Authlib: RFC 6749, PKCE (RFC 7636) and revocation (RFC 7009).

Users allow clients to act in their name. Clients exchange codes, refresh tokens or their own secret for
access tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

from authlib.oauth2 import OAuth2Error

from contactory.access.logins import find_user
from contactory.access.oauth.request import Parameters, Request
from contactory.access.oauth.server import Answer, Server
from contactory.access.throttle import NOWHERE, Visitor, client_has_failed
from contactory.access.tokens import organization_of
from contactory.model.caller import Login
from contactory.model.scopes import read_scopes
from contactory.store import access
from contactory.store.database import Database

T = TypeVar("T")

TWO_CLIENTS: Final = "A client is to authenticate in one way: by the header or by the parameters."


class Terms(NamedTuple):
    """The scopes that exist, and the lifetime of an access token in seconds."""

    scopes: Sequence[str]
    seconds: int


class Consent(NamedTuple):
    """The question that a user decides on: a client, an organization and the scopes that are requested."""

    client: str
    organization: str
    scopes: Sequence[str]


def ask(database: Database, terms: Terms, parameters: Parameters) -> Consent | Answer:
    """Return the question to show for a client's request, or the answer that refuses it."""

    def work(server: Server, request: Request) -> Consent | Answer:
        grant = server.get_consent_grant(request)
        organization = access.find_organization(server.transaction)
        return Consent(
            grant.request.client.name,
            organization.name if organization else "",
            read_scopes(grant.request.scope),
        )

    return _serve(database, terms, Request("GET", parameters), work)


def decide(
    database: Database,
    terms: Terms,
    parameters: Parameters,
    login: Login | None,
    visitor: Visitor = NOWHERE,
) -> Answer | None:
    """Send the user back to the client: with a code, or without one when `login` is None. Return None when
    the name or the password is wrong. Raises Refusal (TOO_MANY) after too many failures."""
    consent = ask(database, terms, parameters)
    if isinstance(consent, Answer):
        return consent
    user = None
    if login:
        organization_id = organization_of(Request("POST", parameters).client_id) or 0
        user = find_user(database, organization_id, login, visitor)
        if user is None:
            return None

    def work(server: Server, request: Request) -> Answer:
        grant = server.get_consent_grant(request)
        answer: Answer = server.create_authorization_response(request, grant_user=user, grant=grant)
        return answer

    return _serve(database, terms, Request("POST", parameters), work)


def exchange(
    database: Database,
    terms: Terms,
    parameters: Parameters,
    authorization: str,
    visitor: Visitor = NOWHERE,
) -> Answer:
    """Exchange a code, a refresh token or a client's secret for a token. `authorization`: the header. Raises
    Refusal (TOO_MANY) when the client's secret was wrong too often."""
    request = Request("POST", parameters, {"Authorization": authorization})
    return _as_client(database, terms, request, visitor, lambda server: server.create_token_response(request))


def revoke(
    database: Database,
    terms: Terms,
    parameters: Parameters,
    authorization: str,
    visitor: Visitor = NOWHERE,
) -> Answer:
    """Revoke a token, with all tokens that were issued on the same consent. Raises Refusal as `exchange`."""
    request = Request("POST", parameters, {"Authorization": authorization})
    return _as_client(
        *(database, terms, request, visitor),
        lambda server: server.create_endpoint_response("revocation", request),
    )


def _as_client(
    database: Database,
    terms: Terms,
    request: Request,
    visitor: Visitor,
    work: Callable[[Server], Answer],
) -> Answer:
    """Do the work, and count a wrong secret for the client that the request names."""
    if request.names_two_clients:
        return Answer(400, {"error": "invalid_request", "error_description": TWO_CLIENTS}, {})
    answer = _serve(database, terms, request, lambda server, _: work(server))
    if isinstance(answer.body, Mapping) and answer.body.get("error") == "invalid_client":
        client_has_failed(database, visitor, request.client_id)
    return answer


def _serve(
    database: Database, terms: Terms, request: Request, work: Callable[[Server, Request], T]
) -> T | Answer:
    """Do the work in a transaction of the organization that the client's id begins with."""
    with database.transaction(organization_of(request.client_id) or 0) as transaction:
        server = Server(transaction, terms.scopes, terms.seconds)
        try:
            return work(server, request)
        except OAuth2Error as error:
            return server.handle_error_response(request, error)
        except ValueError:  # Authlib's, for characters that an error description may not contain.
            return Answer(400, {"error": "invalid_request"}, {})


__all__ = ["Answer", "Consent", "Parameters", "Terms", "ask", "decide", "exchange", "revoke"]
