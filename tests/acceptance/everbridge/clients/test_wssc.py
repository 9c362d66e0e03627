"""WSSC Water (TypeScript), the only one that sends quiet times: numbers are settings, the group goes by name,
and an externalId is a GUID in braces."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from .conftest import Move, groups, paths, record_types

GROUP = "GIS-TEST-Water-Quality-Alerts"


@pytest.mark.parametrize("encoded", [False, True])
def test_a_user_is_added_updated_and_deleted(move: Move, encoded: bool) -> None:
    email, sms, record_type = 241901148045316, 241901148045324, 1332612387831001 + encoded
    org = move(
        1332612387831000 + 100 * encoded,
        record_types((record_type, "Employee")),
        paths((email, "Email", "EMAIL"), (sms, "SMS", "SMS")),
        groups((4402341479001, GROUP)),
    )
    guid = "{0A1B2C3D-0000-4000-8000-1234567890AB}"
    frame = {"name": "Hours of Operation M-F", "days": [1, 2, 3, 4, 5], "fromMin": 0, "toMin": 30}
    quiet = frame | {"fromHour": 17, "toHour": 8}
    user = {
        "firstName": "Omar",
        "lastName": "Bell",
        "recordTypeId": record_type,
        "groupsName": [GROUP],
        "externalId": guid,
        "paths": [
            {"waitTime": 0, "pathId": sms, "countryCode": "US", "value": "3012225550"}
            | {"quietTimeFrames": [quiet]},
            {"waitTime": 0, "pathId": email, "countryCode": "US", "value": "omar@example.com"},
        ],
        "timezoneId": "America/New_York",
    }
    org.ask("POST", "/contacts/{org}", user)
    one = f"/contacts/{{org}}/{quote(guid) if encoded else guid}?idType=externalId"
    kept = org.ask("GET", one)["result"]
    assert (kept["paths"][0]["quietTimeFrames"], kept["groups"]) == ([quiet], [4402341479001])
    org.ask("PUT", one, user | {"lastName": "Bellamy"})
    changed = org.ask("GET", one)["result"]
    assert (changed["lastName"], changed["paths"]) == ("Bellamy", kept["paths"])
    org.ask("DELETE", one)
    assert org.send("GET", one).status_code == 404
