"""ResilienceONE to Everbridge (a Node script): every contact has all six paths, also those for which a person
has nothing, and phones come without a country."""

from __future__ import annotations

from typing import Any

from .conftest import Move, paths, record_types

EMAILS = (241901148045316, 241901148045317)
PHONES = (241901148045324, 241901148045319, 241901148045320, 241901148045314)


def test_the_transfer(move: Move) -> None:
    emails = ((number, f"Email {place}", "EMAIL") for place, number in enumerate(EMAILS))
    phones = ((number, f"Mobile {place}", "PHONE") for place, number in enumerate(PHONES))
    org = move(1881234500001000, record_types((1881234500001001, "Employee")), paths(*emails, *phones))

    def contact(key: str, email: str, *numbers: str | None) -> dict[str, Any]:
        values = [email, "", *numbers]
        sent = [
            {"waitTime": 0, "pathId": id_, "value": value, "skipValidation": False}
            for id_, value in zip((*EMAILS, *PHONES), values, strict=True)
        ]
        names = {"lastName": "Holt", "firstName": "Ines", "country": "US"}
        return {
            "recordTypeId": 1881234500001001,
            "organizationId": org.organization,
            "externalId": key,
            "paths": sent,
            **names,
        }

    whole = contact("R-1", "ines@example.com", "+12022225550", None, "", "+12022225550")
    assert org.ask("POST", "/contacts/{org}/batch", [whole])["message"] == "OK"
    kept = org.ask("GET", "/contacts/{org}/R-1?idType=externalId")["result"]
    assert [path["pathId"] for path in kept["paths"]] == [EMAILS[0], PHONES[0], PHONES[3]]
    local = contact("R-2", "two@example.com", "2022225551", None, None, None)
    answer = org.ask("POST", "/contacts/{org}/batch", [whole, local])
    assert answer["code"] == 300 and answer["data"][0].startswith("The [2] ")
