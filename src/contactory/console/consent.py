"""The page on which a user allows a client to act in the user's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from litestar.handlers import HTTPRouteHandler

from contactory.access import oauth
from contactory.access.oauth import Answer, Consent, Parameters, Terms
from contactory.access.throttle import Visitor
from contactory.dialects.base import Dialect, OAuth
from contactory.http.bodies import CLIENT_GONE, AnyRequest, ClientGone
from contactory.http.forms import read_form
from contactory.http.routes import make_route
from contactory.model.caller import Login
from contactory.model.problems import Code, Refusal
from contactory.serving.service import Service
from contactory.store.errors import StoreError

_PAGES: Final = Environment(loader=PackageLoader(__name__, "."), autoescape=True, undefined=StrictUndefined)
_HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    # No form-action: browsers would apply it to the redirect to the client.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
}
_WRONG: Final = "That e-mail and password do not belong together."
_WORDS: Final = {
    "*": "everything that you may do",
    "contacts:read": "see contacts",
    "contacts:write": "create, change and delete contacts",
    "lists:read": "see lists",
    "lists:write": "create, rename and delete lists",
    "users:read": "see who you are",
}
_UNREAD: Final = {
    Code.TOO_LARGE: (413, "What was sent is too large."),
    Code.TOO_SLOW: (408, "What was sent did not come in time."),
    Code.TOO_MANY: (429, "Too many people are doing this at the moment: try again."),
    Code.COMPRESSED: (415, "What was sent is compressed."),
}
_REACHES: Final = {"own": "your own only", "company": "of the whole company"}


def make_consent_page(service: Service, dialect: Dialect, offer: OAuth) -> HTTPRouteHandler:
    """Make the route of the page: GET shows the question, POST sends the decision. The query is that of RFC
    6749, 4.1.1."""
    terms = Terms(offer.scopes, offer.seconds)

    async def handle(request: AnyRequest) -> Response[str]:
        query = parse_qs(request.url.query.replace("%00", ""))
        try:
            if request.method == "GET":
                return await _show(service, terms, query)
            form = await read_form(service.anonymous, request)
            return await _decide(service, terms, query, form, service.visitor(request.client))
        except Refusal as refusal:
            status, text = _UNREAD[refusal.problem.code]
            return _page("problem.html", status, {"connection": "close"}, text=text)
        except ClientGone:
            return Response("", status_code=CLIENT_GONE, headers={"connection": "close"})
        except StoreError:
            return _page("problem.html", 503, text="The service is not available at the moment.")

    path = f"/{dialect.name}{offer.path}/authorize"
    return make_route(dialect, ["GET", "POST"], path, "Ask a user to allow a client", handle)


async def _decide(
    service: Service, terms: Terms, query: Parameters, form: Parameters, visitor: Visitor
) -> Response[str]:
    login = None
    email = "".join(form.get("email", ())[-1:]).strip()
    if form.get("decision") == ["allow"]:
        login = Login(email, "".join(form.get("password", ())[-1:]))
    try:
        answer = await service.run(lambda: oauth.decide(service.database, terms, query, login, visitor))
    except Refusal as refusal:
        seconds = refusal.problem.value
        text = f"That was tried too often. Wait {seconds} seconds."
        page = await _show(service, terms, query, email, text, status=429)
        page.headers["retry-after"] = seconds
        return page
    if answer is None:
        return await _show(service, terms, query, email, _WRONG, status=403)
    return _respond(answer)


async def _show(
    service: Service, terms: Terms, query: Parameters, email: str = "", wrong: str = "", *, status: int = 200
) -> Response[str]:
    consent = await service.run(lambda: oauth.ask(service.database, terms, query))
    if isinstance(consent, Answer):
        return _respond(consent)
    wants = _describe_scopes(consent)
    return _page("consent.html", status, consent=consent, wants=wants, email=email, wrong=wrong)


def _respond(answer: Answer) -> Response[str]:
    """Redirect to the client if the answer has its address, else show the problem to the user."""
    if "location" in answer.headers:
        return Response("", status_code=answer.status, headers={**_HEADERS, **answer.headers})
    body = answer.body if not isinstance(answer.body, str) else {}
    return _page("problem.html", 400, text=body.get("error_description") or body.get("error", ""))


def _describe_scopes(consent: Consent) -> list[str]:
    """Return a sentence for each scope, such as `contacts:read:own`, of which the last part may be
    missing."""
    sentences = []
    for scope in consent.scopes:
        reach = scope.rpartition(":")[2]
        words = _WORDS[scope.removesuffix(f":{reach}") if reach in _REACHES else scope]
        sentences.append(f"{words}, {_REACHES[reach]}" if reach in _REACHES else words)
    return sentences


def _page(name: str, status: int, headers: Mapping[str, str] = {}, **words: Any) -> Response[str]:
    text = _PAGES.get_template(name).render(words)
    return Response(text, status_code=status, headers={**_HEADERS, **headers})
