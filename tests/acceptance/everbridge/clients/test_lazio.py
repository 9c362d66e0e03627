"""Regione Lazio websor (PHP): two SMS and two e-mail methods, one for alerts and one for messages. Its
numbers are settings that are not public; these stand for them."""

from __future__ import annotations

from .conftest import Move, paths, record_types

ALERT_MAIL, MAIL, ALERT_SMS, SMS, FAX = (
    241901148045316,
    241901148045317,
    241901148045324,
    241901148045399,
    241901148045322,
)


def test_the_address_book(move: Move) -> None:
    org = move(
        1772417038942300,
        record_types((1772417038942301, "Employee")),
        paths(
            (ALERT_MAIL, "Email allerta", "EMAIL"),
            (MAIL, "Email messaggistica", "EMAIL"),
            (ALERT_SMS, "SMS 1", "SMS"),
            (SMS, "SMS 2", "SMS"),
            (FAX, "FAX 1", "FAX"),
        ),
    )

    def member(key: str, *given: tuple[int, str]) -> dict[str, object]:
        sent = [
            {"pathId": id_, "value": value} | ({} if "@" in value else {"countryCode": "IT"})
            for id_, value in given
        ]
        names = {"firstName": "Comune di prova", "lastName": " - ", "country": "IT"}
        return {"externalId": key, "recordTypeId": 1772417038942301, "paths": sent, **names}

    book = [
        member("ente_1", (ALERT_MAIL, "a@example.it"), (SMS, "3331234567"), (ALERT_SMS, "3331234568")),
        member("ente_1_1", (MAIL, "b@example.it"), (FAX, "0612345678")),
        member("ente_2"),
    ]
    assert org.ask("POST", "/contacts/{org}/batch", book)["code"] == 100
    data = org.ask("GET", "/contacts/{org}/?externalIds=ente_1,ente_1_1,ente_2")["page"]["data"]
    assert {one["externalId"]: [path["pathId"] for path in one["paths"]] for one in data} == {
        "ente_1": [ALERT_MAIL, SMS, ALERT_SMS],
        "ente_1_1": [MAIL, FAX],
        "ente_2": [],
    }
    assert org.ask("DELETE", "/contacts/{org}/batch?idType=externalId", ["ente_1_1"])["code"] == 100
    assert org.ask("GET", "/contacts/{org}/?externalIds=ente_1_1")["page"]["data"] == []
    assert org.missing("POST", "/uploads/{org}")  # `empty-everbridge`, which needs the vendor
