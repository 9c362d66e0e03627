"""The Everbridge EBS REST API: contacts, groups and definitions (developers.everbridge.net)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from contactory.dialects.base import Call, Endpoint, Reply, Request, TokenEndpoint
from contactory.dialects.everbridge import contacts, contracts, entries, groups, organizations, reading
from contactory.dialects.everbridge.credentials import (
    SECONDS,
    decode_grant,
    encode_grant,
    find_credentials,
)
from contactory.dialects.everbridge.problems import REFUSALS, decode_without_organization, refuse
from contactory.dialects.everbridge.resources import GROUPS, RESOURCES, Resource
from contactory.model.caller import Credentials
from contactory.model.problems import Problem

READ: Final = "contacts:read"
WRITE: Final = "contacts:write"


class Everbridge:
    """The dialect. `update_type` is that of PUT batch without one; `creates`: PUT batch creates unknown
    contacts; `max_rows` contacts may be in one call."""

    name = "everbridge"
    versions = ("rest", "")
    refusals = REFUSALS
    event_socket = None
    logins = True

    def __init__(self, *, update_type: str = "full", creates: bool = False, max_rows: int = 50_000) -> None:
        self.token_endpoint = TokenEndpoint(
            "/authorization/v1/tokens", decode_grant, encode_grant, outside_versions=True, seconds=SECONDS
        )
        update_batch = partial(contacts.decode_update_batch, update_type, creates, max_rows)
        organization = "/{organization_id:str}"
        batch, one = f"/contacts{organization}/batch", f"/contacts{organization}/{{contact_id:str}}"
        members, groups_members = f"/contacts/groups{organization}", f"/groups{organization}/contacts"
        self.endpoints = [
            Endpoint("PUT", batch, WRITE, "Update many contacts", update_batch, contracts.UPDATE_BATCH),
            Endpoint(
                "POST",
                batch,
                WRITE,
                "Create or replace many contacts",
                partial(contacts.decode_create_batch, max_rows),
                contracts.CREATE_BATCH,
            ),
            Endpoint(
                "DELETE",
                batch,
                WRITE,
                "Delete many contacts",
                partial(contacts.decode_delete_batch, max_rows),
                contracts.DELETE_BATCH,
            ),
            Endpoint(
                "GET", f"/contacts{organization}", READ, "List contacts", reading.decode_list, contracts.LIST
            ),
            Endpoint(
                "POST",
                f"/contacts{organization}",
                WRITE,
                "Create a contact",
                contacts.decode_create,
                contracts.CREATE,
            ),
            Endpoint(
                "POST", f"/contacts{organization}/query", READ, "Query", reading.decode_query, contracts.QUERY
            ),
            Endpoint(
                "GET",
                members,
                READ,
                "List the contacts of a group",
                reading.decode_members,
                contracts.MEMBERS,
            ),
            Endpoint("GET", one, READ, "Get a contact", reading.decode_get, contracts.ONE),
            Endpoint("PUT", one, WRITE, "Replace a contact", contacts.decode_replace, contracts.REPLACE),
            Endpoint(
                "PATCH", one, WRITE, "Change a contact in part", contacts.decode_change, contracts.CHANGE
            ),
            Endpoint("DELETE", one, WRITE, "Delete a contact", contacts.decode_delete, contracts.ONE),
            Endpoint(
                "POST",
                groups_members,
                WRITE,
                "Add contacts to a group",
                partial(groups.decode_join, max_rows),
                contracts.JOIN,
            ),
            Endpoint(
                "DELETE",
                groups_members,
                WRITE,
                "Take contacts out of a group",
                partial(groups.decode_leave, max_rows),
                contracts.JOIN,
            ),
            Endpoint(
                "POST",
                f"{groups_members}/sequence",
                WRITE,
                "Set a sequence",
                partial(groups.decode_sequence, max_rows),
                contracts.JOIN,
            ),
            *(endpoint for resource in RESOURCES for endpoint in _entry_endpoints(resource)),
            Endpoint(
                "GET",
                "/organizations",
                READ,
                "List organizations",
                organizations.decode_list,
                contracts.PAGE,
                all_organizations=True,
            ),
            Endpoint(
                "GET", f"/organizations{organization}", READ, "Get an organization", organizations.decode_get
            ),
            *(
                Endpoint("GET", path, READ, "List constants", organizations.decode_constants, contracts.PAGE)
                for path in ("/constants", "/constants/{type:str}")
            ),
            *_incomplete_endpoints(),
        ]

    def credentials(self, request: Request) -> Credentials | None:
        return find_credentials(request)

    def refuse(self, problem: Problem) -> Reply:
        return refuse(problem)


# URLs that clients call when the organization's segment is empty.
_WITHOUT_ORGANIZATION: Final = {
    "/contacts": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "/contacts/batch": ("GET", "POST", "PUT", "PATCH", "DELETE"),
    "/contacts/query": ("POST",),
    "/contacts/groups": ("GET",),
    "/groups": ("GET", "POST"),
    "/groups/contacts": ("POST", "DELETE"),
    "/groups/contacts/sequence": ("POST",),
    "/groups/pagination": ("GET",),
    "/recordTypes": ("GET", "POST"),
    "/contactAttributes": ("GET", "POST"),
    "/contactPaths": ("GET", "POST"),
}


def _incomplete_endpoints() -> list[Endpoint]:
    """Return the endpoints for URLs without an organization or a contact (the vendor's page, "Error
    Messages")."""
    incomplete: list[tuple[str, str, Callable[[Request], Call]]] = [
        (method, path, decode_without_organization)
        for path, methods in _WITHOUT_ORGANIZATION.items()
        for method in methods
    ]
    one = "/contacts/{organization_id:str}"
    incomplete += [(method, one, contacts.decode_without_contact) for method in ("PUT", "PATCH", "DELETE")]
    return [
        Endpoint(method, path, READ if method == "GET" else WRITE, "Incomplete address", decode, hidden=True)
        for method, path, decode in incomplete
    ]


def _entry_endpoints(resource: Resource) -> list[Endpoint]:
    path, label = f"/{resource.path}/{{organization_id:str}}", resource.label
    one = f"{path}/{{entry_id:str}}"
    endpoints = [
        Endpoint(
            "GET", path, READ, f"List every {label}", partial(entries.decode_list, resource), contracts.PAGE
        ),
        Endpoint("GET", one, READ, f"Get a {label}", partial(entries.decode_get, resource), contracts.ENTRY),
    ]
    if resource is GROUPS:
        page = partial(entries.decode_page, resource)
        endpoints.append(
            Endpoint("GET", f"{path}/pagination", READ, "List groups by page", page, contracts.PAGE)
        )
    create, update, delete = (
        partial(decode, resource)
        for decode in (entries.decode_create, entries.decode_update, entries.decode_delete)
    )
    return [
        *endpoints,
        Endpoint("POST", path, WRITE, f"Create a {label}", create, contracts.create(resource.path)),
        Endpoint("PUT", one, WRITE, f"Update a {label}", update, contracts.update(resource.path)),
        Endpoint("DELETE", one, WRITE, f"Delete a {label}", delete),
    ]
