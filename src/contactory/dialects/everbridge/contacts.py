"""The calls that create, replace, change and delete contacts, one or many."""

from __future__ import annotations

from functools import partial
from typing import Any

from contactory.dialects.base import Call, Reply, Request
from contactory.dialects.everbridge import items, patch, queries
from contactory.dialects.everbridge.bodies import read_items, read_object
from contactory.dialects.everbridge.groups import read_members
from contactory.dialects.everbridge.problems import check_organization
from contactory.dialects.everbridge.reading import find_command
from contactory.dialects.everbridge.records import encode_contact, find_referenced
from contactory.dialects.everbridge.replies import encode_batch, encode_single, modified
from contactory.dialects.everbridge.rows import write_batch
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.dialects.everbridge.write import write_contact, write_contacts
from contactory.model.bulk import Outcomes
from contactory.model.commands import Chain, Command, Delete, Record, Return
from contactory.model.directory import PATH, FindEntries
from contactory.model.fields import CONTACTS
from contactory.model.limits import MOST_OPERATIONS
from contactory.model.problems import Code, Problem, Refusal


def decode_update_batch(default_type: str, creates: bool, max_rows: int, request: Request) -> Call:
    """Decode PUT batch. `default_type` is the updateType of a call without one; `creates`: unknown contacts
    are created."""
    check_organization(request)
    by_id = queries.choice(request.query, "idType", ("id", "externalId"), "id") == "id"
    full = queries.choice(request.query, "updateType", ("full", "partial"), default_type) == "full"
    return _batch(request, WriteOptions(full=full, by_id=by_id, creates=creates), max_rows)


def decode_create_batch(max_rows: int, request: Request) -> Call:
    """Decode POST batch. A contact whose externalId exists is replaced."""
    check_organization(request)
    return _batch(request, WriteOptions(creates=True), max_rows)


def _batch(request: Request, options: WriteOptions, max_rows: int) -> Call:
    command = write_batch(request.body, options, request.caller.organization_id, max_rows)
    return Call(command, encode_batch)


def decode_create(request: Request) -> Call:
    check_organization(request)
    contact = read_object(items.contacts.one, request.body)
    return Call(write_contacts([contact], WriteOptions(creates=True)), partial(encode_single, request))


def decode_replace(request: Request) -> Call:
    """Decode PUT of the contact in the path; an `id` in the body is ignored."""
    check_organization(request)
    contact = read_object(items.contacts.one, request.body)

    def replace(record: Record) -> Command:
        return write_contact(contact, WriteOptions(by_id=True), record)

    return Call(Chain(find_command(request, to_change=True), replace), partial(encode_single, request))


def decode_change(request: Request) -> Call:
    """Decode PATCH. Operations are applied to the contact as it is shown, and the fields that they change are
    written."""
    organization_id = check_organization(request)
    operations = read_items(patch.operations, request.body, MOST_OPERATIONS, "operations")

    def change(record: Record) -> Command:
        named = FindEntries(numbers=find_referenced([record]).numbers, kinds=(PATH,))
        return Chain(named, lambda directory: replace(record, directory))

    def replace(record: Record, directory: Any) -> Command:
        document = encode_contact(record, directory, organization_id)
        contact = patch.apply(document, operations, directory)
        return write_contact(contact, WriteOptions(full=False, by_id=True, changes=True), record)

    return Call(Chain(find_command(request, to_change=True), change), partial(encode_single, request))


def decode_delete(request: Request) -> Call:
    check_organization(request)

    def encode(outcomes: Outcomes) -> Reply:
        return modified(request, "contacts", outcomes.ids[0])

    return Call(Delete(kind=CONTACTS, find=find_command(request, to_change=True), whole=True), encode)


def decode_delete_batch(max_rows: int, request: Request) -> Call:
    """Decode a deletion of many contacts. An unknown id refuses the call, and nothing is deleted."""
    organization_id = check_organization(request)
    id_type = queries.choice(request.query, "idType", ("id", "externalId"), "id")

    def answer(outcomes: Outcomes) -> Command:
        if outcomes.problems:
            text = f"contactIds invalid to the organization {organization_id}"
            raise Refusal(Problem(code=Code.UNAUTHENTICATED, texts=(text,)))
        return Return(outcomes)

    return Call(
        Chain(Delete(kind=CONTACTS, **read_members(request, id_type, max_rows)), answer), encode_batch
    )


def decode_without_contact(request: Request) -> Call:
    """Refuse a call for one contact whose URL has none."""
    check_organization(request)
    raise Refusal(Problem(code=Code.NOT_FOUND, texts=("Missing Contact Id",)))
