"""The connected user."""

from __future__ import annotations

from collections.abc import Sequence

from contactory.dialects.base import Call, Reply, Request, json_encode
from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.problems import JSON
from contactory.model.commands import Answer, Chain, Command
from contactory.model.directory import FindOrganization, FindUsers, OrganizationView, User


def decode_me(request: Request) -> Call:
    """The token's own user; a token of no user stands for the company."""
    caller = request.caller

    def show(organization: OrganizationView) -> Command:
        return Chain(FindUsers(ids=[caller.user_id or 0]), lambda users: answer(organization, users))

    def answer(organization: OrganizationView, users: Sequence[User]) -> Command:
        company = {"_id": encode_id(organization.id), "name": organization.name}
        user = users[0] if users else User(0, "", caller.role)
        shown = {
            "_id": encode_id(user.id),
            "email": user.email or None,
            "role": user.role,
            "company": company,
        }
        return Answer(shown)

    return Call(Chain(FindOrganization(), show), lambda shown: Reply(200, json_encode(shown), JSON))
