"""The Datananas API: contacts, up to 10,000 a call, and their lists (docs.datananas.com)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from contactory.dialects.base import Contract, Endpoint, EventSocket, OAuth, Reply, Request, bearer
from contactory.dialects.datananas import bulk, contacts, lists, users
from contactory.dialects.datananas.events import make_frames, make_ping
from contactory.dialects.datananas.job_rows import open_job
from contactory.dialects.datananas.names import FIELDS, TEXTS
from contactory.dialects.datananas.problems import REFUSALS, refuse
from contactory.model.caller import Credentials
from contactory.model.jobs import JobRows
from contactory.model.problems import Problem

_TEXT: Final[dict[str, Any]] = {"type": "string"}
_PAGE: Final = {"page": {"type": "integer", "minimum": 1}, "perPage": {"type": "integer", "minimum": 1}}
_PROJECTION: Final = {"projectionFields": _TEXT}
_CONTACT: Final = {
    "type": "object",
    "properties": {name: {"type": "object"} if name == "vars" else _TEXT for name in FIELDS}
    | {"list": _TEXT},
}
_FLAG: Final = {"type": "boolean"}
_MANY: Final = {
    "type": "object",
    "properties": {
        "list": {"type": "object", "properties": {"_id": _TEXT, "name": _TEXT}},
        "contacts": {"type": "array", "items": _CONTACT, "minItems": 1, "maxItems": 10_000},
    },
    "required": ["contacts"],
}
_NAME: Final = {"type": "object", "properties": {"name": _TEXT}, "required": ["name"]}

SCOPES: Final = (
    "*",
    *(
        f"{what}{reach}"
        for what in ("contacts:read", "contacts:write", "lists:read", "lists:write")
        for reach in ("", ":own", ":company")
    ),
    "users:read",
)


class Datananas:
    name = "datananas"
    versions = ("",)
    refusals = REFUSALS
    logins = False

    def __init__(
        self, *, envelope: str = "payload", whole_company: bool = False, ping_seconds: int = 0
    ) -> None:
        """`envelope`: a key of events.ENVELOPES; `whole_company`: every socket of a company gets all its
        events; `ping_seconds`: after which a quiet socket gets a ping (0: never)."""
        frames, ping = partial(make_frames, envelope), make_ping(envelope)
        self.event_socket = EventSocket(("/ws", "/"), frames, whole_company, ping, ping_seconds)
        self.token_endpoint = OAuth("/oauth2", SCOPES, seconds=3600)
        read, write = "contacts:read", "contacts:write"
        one, a_list = "/contacts/{id:str}", "/lists/{id:str}"
        names = (*TEXTS, "list", "owner", "collectedAt", "createdAt", "updatedAt", "_id", "projectionFields")
        filters, projection = Contract(_PAGE | dict.fromkeys(names, _TEXT)), Contract(_PROJECTION)
        made, named = Contract(body=_CONTACT, success=201), Contract(body=_NAME)
        many = Contract({"moveExisting": _FLAG, "replaceOwner": _FLAG, "partial": _FLAG}, _MANY)
        endpoints = [
            Endpoint("POST", "/contacts/bulk", write, "Create or update many", bulk.decode_bulk, many),
            # A token that may only write sees its own user's bulk calls.
            Endpoint(
                "GET", "/contacts/bulk", read, "List bulk calls", bulk.decode_jobs, Contract(_PAGE), write
            ),
            Endpoint(
                "GET", "/contacts/bulk/{id:str}", read, "Get a bulk call", bulk.decode_job, instead=write
            ),
            Endpoint("POST", "/contacts", write, "Create a contact", contacts.decode_create, made),
            Endpoint("GET", "/contacts", read, "List contacts", contacts.decode_list, filters),
            Endpoint("GET", one, read, "Get a contact", contacts.decode_get, projection),
            Endpoint("PUT", one, write, "Update a contact", contacts.decode_update, Contract(body=_CONTACT)),
            Endpoint("DELETE", one, write, "Delete a contact", contacts.decode_delete, Contract(success=204)),
            Endpoint(
                "GET", "/lists", "lists:read", "List lists", lists.decode_list, Contract(_PAGE | _PROJECTION)
            ),
            Endpoint(
                "POST",
                "/lists",
                "lists:write",
                "Create a list",
                lists.decode_create,
                Contract(body=_NAME, success=201),
            ),
            Endpoint("GET", a_list, "lists:read", "Get a list", lists.decode_get, projection),
            Endpoint("PUT", a_list, "lists:write", "Rename a list", lists.decode_rename, named),
            Endpoint(
                "DELETE", a_list, "lists:write", "Delete a list", lists.decode_delete, Contract(success=204)
            ),
            Endpoint("GET", "/users/me", "users:read", "Get the connected user", users.decode_me),
        ]
        # Contacts, lists and jobs have owners here, by which row-level security limits a call.
        self.endpoints = [endpoint._replace(supports_owners=True) for endpoint in endpoints]

    def credentials(self, request: Request) -> Credentials | None:
        return bearer(request)

    def refuse(self, problem: Problem) -> Reply:
        return refuse(problem)

    def open_job(self, content: bytes) -> JobRows | None:
        return open_job(content)
