"""OAuth2 (RFC 6749 with PKCE, RFC 7636, and revocation, RFC 7009), by Authlib: users allow clients to act in
their name; clients exchange codes, refresh tokens or their own secret for access tokens."""

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
    """The scopes that there are, and how many seconds an access token is good for."""

    scopes: Sequence[str]
    seconds: int


class Consent(NamedTuple):
    """What a user is asked: whether a client may do these things."""

    client: str
    organization: str
    scopes: Sequence[str]


def ask(database: Database, terms: Terms, parameters: Parameters) -> Consent | Answer:
    """What to show for a client's request, or how to turn it away."""

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
    """Send the user back to the client, with a code or (no login) without. None: no such user, or another
    password. Raises Refusal where that was tried too often."""
    asked = ask(database, terms, parameters)
    if isinstance(asked, Answer):
        return asked
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
    """A token for what a client shows; `authorization`: the header. Raises Refusal where a client's wrong
    secrets were too many."""
    request = Request("POST", parameters, {"Authorization": authorization})
    return _as_client(database, terms, request, visitor, lambda server: server.create_token_response(request))


def revoke(
    database: Database,
    terms: Terms,
    parameters: Parameters,
    authorization: str,
    visitor: Visitor = NOWHERE,
) -> Answer:
    """Take a token back, with all that was issued on the same consent. Raises Refusal as above."""
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
    """Count wrong secrets by the client that is asked about, of which a request names one only."""
    if request.names_two_clients:
        return Answer(400, {"error": "invalid_request", "error_description": TWO_CLIENTS}, {})
    answer = _serve(database, terms, request, lambda server, _: work(server))
    if isinstance(answer.body, Mapping) and answer.body.get("error") == "invalid_client":
        client_has_failed(database, visitor, request.client_id)
    return answer


def _serve(
    database: Database, terms: Terms, request: Request, work: Callable[[Server, Request], T]
) -> T | Answer:
    """In a transaction of the organization that the client's id begins with; others have no clients."""
    with database.transaction(organization_of(request.client_id) or 0) as transaction:
        server = Server(transaction, terms.scopes, terms.seconds)
        try:
            return work(server, request)
        except OAuth2Error as error:
            return server.handle_error_response(request, error)
        except ValueError:  # Authlib's, for an error that repeats what cannot be said in one.
            return Answer(400, {"error": "invalid_request"}, {})


__all__ = ["Answer", "Consent", "Parameters", "Terms", "ask", "decide", "exchange", "revoke"]
