"""The call for the connected user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.problems import JSON
from contactory.dialects.datananas.records import encode_user
from contactory.model.commands import Chain, Command, Return
from contactory.model.directory import FindOrganization, FindUsers, OrganizationView, User


def decode_me(request: Request) -> Call:
    """Decode a request for the token's user; a token without a user shows the company only."""
    caller = request.caller
    user_id = caller.user_id or 0

    def show(organization: OrganizationView) -> Command:
        return Chain(FindUsers(ids=[user_id]), lambda users: answer(organization, users))

    def answer(organization: OrganizationView, users: Sequence[User]) -> Command:
        company = {"_id": encode_id(organization.id), "name": organization.name}
        shown = encode_user(users[0] if users else User(0, "", caller.role))
        return Return(shown | {"company": company, "quotas": _quotas(organization)})

    found = FindOrganization(connects_of=user_id)
    return Call(Chain(found, show), lambda shown: Reply(200, json_encode(shown), JSON))


def _quotas(organization: OrganizationView) -> dict[str, Any]:
    """Encode quotas under the reasons for which calls beyond them are refused. null: no limit."""
    return {
        "contact_total_quotas": {
            "limit": organization.total_contacts_quota or None,
            "used": organization.contacts,
        },
        "contact_connect_quotas": {
            "limit": organization.daily_connect_quota or None,
            "used": organization.connects,
        },
    }
