"""The Propeller Commerce REST API: contacts, customers, companies and attributes, v1 and v2
(docs.propeller-commerce.com)."""

from __future__ import annotations

from functools import partial

from contactory.dialects.base import Call, Reply, Request, TokenEndpoint, bearer
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.endpoints import (
    attribute_endpoints,
    described_value_endpoints,
    description_endpoints,
    record_endpoints,
)
from contactory.dialects.propeller.outcomes import encode_outcomes
from contactory.dialects.propeller.problems import REFUSALS, refuse
from contactory.dialects.propeller.resources import RESOURCES, Bulk, Resource
from contactory.dialects.propeller.sources import flatten_sources
from contactory.dialects.propeller.tokens import decode_grant, encode_grant
from contactory.model.bulk import Hide
from contactory.model.caller import Credentials
from contactory.model.problems import Problem


class Propeller:
    """The dialect. `default_language` is that of records whose rows give none; `max_rows` may be in one bulk
    call; `hide` keys the digests of rows with personal numbers, which have no digests without it."""

    name = "propeller"
    versions = ("", "v1", "v2")
    refusals = REFUSALS
    event_socket = None
    logins = False

    def __init__(self, *, default_language: str, max_rows: int, hide: Hide | None = None) -> None:
        self._hide = hide
        self._default_language = default_language
        self._max_rows = max_rows
        self.token_endpoint = TokenEndpoint("/oauth2/token", decode_grant, encode_grant)
        self.endpoints = [
            *(
                endpoint
                for resource in RESOURCES
                for endpoint in record_endpoints(resource, default_language, self._decode_bulk)
            ),
            *(
                endpoint
                for resource in RESOURCES
                for endpoint in described_value_endpoints(resource, default_language)
            ),
            *attribute_endpoints(),
            *description_endpoints(),
        ]

    def credentials(self, request: Request) -> Credentials | None:
        return bearer(request)

    def refuse(self, problem: Problem) -> Reply:
        return refuse(problem)

    def _decode_bulk(self, resource: Resource, bulk: Bulk, request: Request) -> Call:
        key_options = KeyOptions(self._default_language, pair=request.version == "v2")
        body = flatten_sources(bulk, request.body, self._max_rows) if key_options.pair else request.body
        hide = partial(self._hide, request.caller.organization_id) if self._hide else None
        write, rows = decode_bulk(resource, bulk, body, key_options, self._max_rows, hide)
        return Call(write, lambda outcomes: encode_outcomes(outcomes, rows.sent_keys(), bulk.lookup_key))
