"""Each API against its OpenAPI document: requests that fit it get documented responses, and no 5xx."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import status_code_conformance

from .client import Api

DIALECTS = {"propeller": "", "everbridge": "/rest", "datananas": ""}


def document(http: httpx.Client, server_url: str, dialect: str) -> dict[str, Any]:
    response = http.get(f"{server_url}/{dialect}{DIALECTS[dialect]}/openapi.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


@pytest.mark.parametrize("dialect", DIALECTS)
def test_requests_that_fit_the_document_get_documented_responses(
    api: Api, http: httpx.Client, dialect: str
) -> None:
    base = api.call("GET", "").url
    root = f"{base.scheme}://{base.host}:{base.port}"
    schema = schemathesis.openapi.from_dict(document(http, root, dialect))
    headers = {"authorization": f"Bearer {api.token}"}
    # A request for another organization is refused first, so half of the calls name the caller's own.
    own = {"organization_id": str(api.organization)}
    statuses: set[int] = set()
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=12,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        def answer(case: Any) -> None:
            if "organization_id" in (case.path_parameters or {}):
                case.path_parameters |= own
            response = case.call(base_url=f"{root}/{dialect}{DIALECTS[dialect]}", headers=headers)
            statuses.add(response.status_code)
            case.validate_response(response, checks=(not_a_server_error, status_code_conformance))

        answer()
    assert {200, 400, 404} <= statuses
