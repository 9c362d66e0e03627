"""The calls for the caller's organizations, and for the constants of fields, such as countries."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers

from contactory.dialects.base import Call, Reply, Request
from contactory.dialects.everbridge import queries
from contactory.dialects.everbridge.problems import check_organization
from contactory.dialects.everbridge.regions import PROVINCES, STATES
from contactory.dialects.everbridge.replies import collection, instance, unpaged
from contactory.model.commands import Return
from contactory.model.directory import FindOrganization, OrganizationView
from contactory.model.problems import Code, Problem, Refusal


def decode_list(request: Request) -> Call:
    """Decode a request for the organizations in which the caller may act: those of a name and password, or
    that of a token."""

    def encode(found: Sequence[OrganizationView]) -> Reply:
        return _listed(request, "organizations", list(map(_show, found)))

    return Call(FindOrganization(), encode)


def decode_get(request: Request) -> Call:
    check_organization(request)
    return Call(FindOrganization(), lambda found: instance(_show(found)))


def decode_constants(request: Request) -> Call:
    """Decode a request for all constants, or those of the type in the path. Raises Refusal (NOT_FOUND)."""
    type_filter = request.path.get("type", "").upper()
    constants = _constants()
    if type_filter and type_filter not in constants:
        text = f"Constant type {type_filter[:60]} not found."
        raise Refusal(Problem(code=Code.NOT_FOUND, texts=(text,)))
    shown = [
        constant for type_ in ([type_filter] if type_filter else constants) for constant in constants[type_]
    ]
    return Call(Return(shown), lambda items: _listed(request, "constants", items))


def _listed(request: Request, resource: str, items: list[dict[str, Any]]) -> Reply:
    """Encode all items, or the requested page of them."""
    page = queries.requested_page(request.query)
    if page is None:
        return unpaged(request, resource, items)
    skipped = (page.number - 1) * page.size
    return collection(request, resource, items[skipped : skipped + page.size], len(items), page, start=1)


def _show(found: OrganizationView) -> dict[str, Any]:
    return {
        "id": found.id,
        "organizationId": found.id,
        "name": found.name,
        "accountId": 0,
        "resourceBundleId": 0,
        "organizationStatus": "Active",
        "status": "A",
        "contactCount": found.contacts,
    }


@cache
def _constants() -> dict[str, list[dict[str, Any]]]:
    countries = sorted(phonenumbers.SUPPORTED_REGIONS)
    calling = {code: str(phonenumbers.country_code_for_region(code)) for code in countries}
    languages = {"en_US": "English (US)", "en_GB": "English (UK)", "fr_FR": "French", "de_DE": "German"}
    languages |= {"es_ES": "Spanish", "it_IT": "Italian", "nl_NL": "Dutch", "pt_BR": "Portuguese (Brazil)"}
    return {
        "STATE": _list("STATE", STATES | PROVINCES),
        "COUNTRY": _list("COUNTRY", {code: _country_name(code) for code in countries}),
        "COUNTRY_NUMBER": _list("COUNTRY_NUMBER", calling),
        "LANGUAGE": _list("LANGUAGE", languages),
        "BC_LANGUAGE": _list("BC_LANGUAGE", languages),
        "TIME_ZONE": _list("TIME_ZONE", {name: name for name in sorted(available_timezones())}),
    }


def _country_name(code: str) -> str:
    from phonenumbers.geodata.locale import LOCALE_DATA

    name: str = LOCALE_DATA.get(code, {}).get("en", code)
    return name


def _list(type_: str, values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": number,
            "lookupType": type_,
            "key": code,
            "code": code,
            "value": value,
            "language": "en_US",
            "seq": number,
            "siteSpecific": "N",
            "status": "A",
        }
        for number, (code, value) in enumerate(values.items(), 1)
    ]
