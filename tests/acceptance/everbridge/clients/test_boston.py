"""City of Boston (Drupal `EverbridgeSubscriber`): its numbers are settings, and it sends them as texts."""

from __future__ import annotations

from .conftest import Move, attributes, paths, record_types


def test_a_subscription(move: Move) -> None:
    text, phone, email, language = 241901148045324, 219910915489799, 241901148045317, 487225385025538
    org = move(
        454102597238915,
        record_types((487225385025537, "Resident")),
        paths((text, "Text", "SMS"), (phone, "Voice", "PHONE"), (email, "E-mail", "EMAIL")),
        attributes((language, "Language")),
    )
    key = b"ann@example.com".hex().upper()[:50]
    number = {"waitTime": 0, "countryCode": "US", "value": "6172225550", "skipValidation": False}
    address = {"streetAddress": "1 City Hall Sq", "postalCode": "02201", "source": "MANUAL", "state": "MA"}
    sent = {
        "organizationId": str(org.organization),
        "recordTypeId": "487225385025537",
        "externalId": key,
        "lastName": "Gray",
        "firstName": "Ann",
        "country": "US",
        "uploadProcessing": False,
        "timezoneId": "America/New_York",
        "paths": [
            number | {"pathId": str(text)},
            number | {"pathId": str(phone)},
            {"waitTime": 0, "pathId": str(email), "value": "ann@example.com", "skipValidation": False},
        ],
        "address": [address | {"locationName": "Home", "country": "US", "city": "Boston"}],
        "contactAttributes": [{"name": "Language", "orgAttrId": str(language), "values": ["es"]}],
    }
    answer = org.ask("POST", "/contacts/{org}", sent)
    assert answer["message"] == "OK" and isinstance(answer["id"], int)
    kept = org.ask("GET", f"/contacts/{{org}}/{key}?idType=externalId")["result"]
    assert [path["pathId"] for path in kept["paths"]] == [text, phone, email]
    assert kept["contactAttributes"] == [{"orgAttrId": language, "name": "Language", "values": ["es"]}]
    assert (kept["recordTypeId"], kept["address"][0]["city"]) == (487225385025537, "Boston")
