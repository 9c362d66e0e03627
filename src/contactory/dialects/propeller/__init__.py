"""Propeller Commerce REST API, contacts and what they need (docs.propeller-commerce.com, v1 and v2)."""

from __future__ import annotations

from functools import partial

from contactory.dialects.base import Call, Endpoint, Reply, Request, TokenEndpoint, bearer
from contactory.dialects.propeller import attribute_values, attributes, prices, reading, single
from contactory.dialects.propeller.decode import decode_bulk
from contactory.dialects.propeller.outcomes import encode_outcomes
from contactory.dialects.propeller.problems import refuse
from contactory.dialects.propeller.resources import RESOURCES, Bulk, Resource
from contactory.dialects.propeller.tokens import decode_grant, encode_grant
from contactory.model.caller import Credentials
from contactory.model.problems import Problem


class Propeller:
    """default_language: of records whose rows give none; max_rows: of one bulk call."""

    name = "propeller"
    versions = ("", "v1", "v2")

    def __init__(self, *, default_language: str, max_rows: int) -> None:
        self._default_language = default_language
        self._max_rows = max_rows
        self.token_endpoint = TokenEndpoint("/oauth2/token", decode_grant, encode_grant)
        self.endpoints = [
            *(endpoint for resource in RESOURCES for endpoint in self._record_endpoints(resource)),
            *_attribute_endpoints(),
        ]

    def credentials(self, request: Request) -> Credentials | None:
        return bearer(request)

    def refuse(self, problem: Problem) -> Reply:
        return refuse(problem)

    def _record_endpoints(self, resource: Resource) -> list[Endpoint]:
        path, one = f"/{resource.path}", f"/{resource.path}/{{lookup_key:str}}/{{lookup_value:str}}"
        read, write = f"{resource.path}:read", f"{resource.path}:write"
        name, language = resource.path, self._default_language
        return [
            *(
                Endpoint(
                    "POST",
                    f"{path}/bulk/{bulk.lookup_key}",
                    write,
                    f"Create or update {name} by {bulk.lookup_key}",
                    partial(self._decode_bulk, resource, bulk),
                )
                for bulk in resource.bulks
            ),
            *(
                Endpoint(method, route, scope, summary, partial(decode, *arguments))
                for method, route, scope, summary, decode, arguments in (
                    ("POST", path, write, "Create", single.decode_create, (resource, language)),
                    ("GET", one, read, "Get", reading.decode_find, (resource,)),
                    ("PATCH", one, write, "Update", single.decode_update, (resource, language)),
                    ("DELETE", one, write, "Delete", single.decode_delete, (resource,)),
                    ("POST", f"{path}/search", read, "Search", reading.decode_search, (resource,)),
                    ("POST", f"{one}/pricing", write, "Set prices", prices.decode_set, (resource,)),
                    ("DELETE", f"{one}/pricing", write, "Drop prices", prices.decode_drop, (resource,)),
                    (
                        "GET",
                        f"{one}/attributes",
                        read,
                        "List values",
                        attribute_values.decode_list,
                        (resource,),
                    ),
                    (
                        "POST",
                        f"{one}/attributes",
                        write,
                        "Set values",
                        attribute_values.decode_set,
                        (resource,),
                    ),
                )
            ),
        ]

    def _decode_bulk(self, resource: Resource, bulk: Bulk, request: Request) -> Call:
        write, keys = decode_bulk(resource, bulk, request.body, self._default_language, self._max_rows)
        return Call(write, lambda outcomes: encode_outcomes(outcomes, keys, bulk.lookup_key))


def _attribute_endpoints() -> list[Endpoint]:
    one = "/attributes/{lookup_key:str}/{lookup_value:str}"
    return [
        Endpoint("POST", "/attributes", "attributes:write", "Define an attribute", attributes.decode_create),
        *(
            Endpoint(
                "POST",
                f"/attributes/bulk/{key}",
                "attributes:write",
                f"Define attributes by {key}",
                partial(attributes.decode_bulk, key),
            )
            for key in ("id", "name")
        ),
        Endpoint("GET", one, "attributes:read", "Get an attribute definition", attributes.decode_find),
        Endpoint(
            "PATCH", one, "attributes:write", "Change an attribute definition", attributes.decode_change
        ),
        Endpoint(
            "DELETE", one, "attributes:write", "Delete an attribute and its values", attributes.decode_delete
        ),
    ]
