"""Bodies that were valid once, sent to every API: `python -m bench.fuzz [--seconds 600] [--seed N]`.

Documents get odd values in odd places, and their bytes are cut, doubled, moved and overwritten. Ends with an
error, and prints the body, where a call is answered with a 5xx or is not answered at all.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Final

import msgspec

from bench.server import serving
from bench.vendors import VENDORS
from contactory.demo import everbridge, people

ODD: Final[list[Any]] = [
    *(None, True, 0, -1, 1.5, 2**31, 2**63, 2**64, 10**400, 1e308),
    *("", " ", "\0", "\ud800", "\ufeff", "a" * 5_000, "9" * 5_000, "\u202ex"),
    *("9999-12-31T23:59:59-12:00", "0001-01-01"),
    *([], {}, [[]], [None], {"": None}, [{}] * 50, {"id": {"id": {}}}, ["x"] * 200),
    {"name": "x", "value": [1, {"a": []}]},
]
TOKENS: Final = [
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"\\u0000", b"\\ud83d", b"1e999", b"-", b"null"),
    *(b"\xff", b"\xf0\x9f", b"\0", b"\xef\xbb\xbf", b"/**/", b"NaN", b"0" * 400, b'"a":1,', b"[" * 300),
]
ROWS: Final = 12


def rows_of(api: str, first: int) -> list[dict[str, Any]]:
    persons = people.contacts(ROWS, first=first)
    if api == "everbridge":
        return [everbridge.contact(person) for person in persons]
    if api == "datananas":
        return [
            {
                "email": f"p{first + number}@x.example",
                "firstName": person.get("firstName"),
                "linkedin": f"https://www.linkedin.com/in/p{first + number}",
                "vars": {"a": 1, "b": ["x"]},
                "collectedAt": "2024-05-05T10:00:00Z",
                "owner": "nobody@x.example",
            }
            for number, person in enumerate(persons)
        ]
    pricing = {"products": [{"id": 1, "pricing": {"x": 1.5}}]}
    return [person | {"pricing": pricing, "ssn": "123"} for person in persons]


def calls(organization: str) -> Mapping[str, list[tuple[str, str, Callable[[list[Any]], Any]]]]:
    """The calls of each API that take rows: method, path and body."""
    batch = f"/everbridge/rest/contacts/{organization}"

    def contacts(rows: list[Any]) -> Any:
        return {"contacts": rows}

    def as_they_are(rows: list[Any]) -> Any:
        return rows

    def the_first(rows: list[Any]) -> Any:
        return rows[0] if rows else {}

    return {
        "propeller": [
            ("POST", "/propeller/contacts/bulk/sourceId", contacts),
            ("POST", "/propeller/v2/contacts/bulk/sourceId", contacts),
            ("POST", "/propeller/contacts/bulk/id", contacts),
            ("POST", "/propeller/companies/bulk/sourceId", lambda rows: {"companies": rows}),
            ("POST", "/propeller/contacts", the_first),
            ("POST", "/propeller/contacts/search", the_first),
            ("POST", "/propeller/attributes", the_first),
        ],
        "everbridge": [
            ("PUT", f"{batch}/batch", as_they_are),
            ("PUT", f"{batch}/batch?updateType=partial", as_they_are),
            ("POST", f"{batch}/batch", as_they_are),
            ("DELETE", f"{batch}/batch?idType=externalId", as_they_are),
            ("POST", batch, the_first),
            ("POST", f"/everbridge/rest/groups/{organization}", the_first),
        ],
        "datananas": [
            ("POST", "/datananas/contacts/bulk", contacts),
            ("POST", "/datananas/contacts/bulk?partial=true", contacts),
            ("POST", "/datananas/contacts", the_first),
            ("POST", "/datananas/lists", the_first),
        ],
    }


def put_odd_values(draw: random.Random, document: Any) -> Any:
    """Replace, add or remove a value somewhere, at any depth."""
    if isinstance(document, dict) and document and draw.random() < 0.9:
        name = draw.choice([*document])
        match draw.randrange(6):
            case 0:
                del document[name]
            case 1:
                document[draw.choice([name.upper(), name + "x", "", "id", "parent"])] = document[name]
            case _:
                document[name] = put_odd_values(draw, document[name])
        return document
    if isinstance(document, list) and document and draw.random() < 0.9:
        place = draw.randrange(len(document))
        document[place] = put_odd_values(draw, document[place])
        return document
    return deepcopy(draw.choice(ODD))


def damage(draw: random.Random, body: bytes) -> bytes:
    """Cut, double, move or overwrite some bytes."""
    first = draw.randrange(len(body) + 1)
    last = min(len(body), first + draw.choice([0, 1, 2, 10, 200]))
    match draw.randrange(4):
        case 0:
            return body[:first] + body[last:]
        case 1:
            return body[:last] + body[first:last] + body[last:]
        case 2:
            return body[:first] + draw.choice(TOKENS) + body[last:]
        case _:
            return body[:first] + draw.randbytes(last - first) + body[last:]


def make_body(draw: random.Random, api: str, wrap: Callable[[list[Any]], Any]) -> bytes:
    rows: Any = rows_of(api, draw.randrange(500))
    document = wrap(rows)
    for _ in range(draw.choice([0, 1, 1, 2, 5, 20])):
        document = put_odd_values(draw, document)
    body = json.dumps(document, ensure_ascii=draw.random() < 0.5).encode("utf-8", "surrogatepass")
    for _ in range(draw.choice([0, 0, 1, 3])):
        body = damage(draw, body)
    return body


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.fuzz")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    draw, statuses = random.Random(options.seed), Counter[str]()
    with serving(0) as server:
        headers = {"authorization": f"Bearer {server.service.token}", "content-type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", server.service.port, timeout=60)
        connection.request("GET", "/everbridge/rest/organizations", headers=headers)
        (organization,) = msgspec.json.decode(connection.getresponse().read())["page"]["data"]
        known = calls(str(organization["id"]))
        for vendor in VENDORS.values():
            server.service.send_all([*vendor.definitions(), *vendor.references()])
        until = time.monotonic() + options.seconds
        while time.monotonic() < until:
            api = draw.choice([*known])
            method, path, wrap = draw.choice(known[api])
            body = make_body(draw, api, wrap)
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            answer = reply.read()
            statuses[f"{api} {reply.status}"] += 1
            if reply.status >= 500 or (reply.status >= 400 and not answer):
                sys.exit(f"seed {options.seed}: {method} {path}: {reply.status} {answer!r}\n{body!r}")
    sys.stdout.write(f"seed {options.seed}, {statuses.total()} bodies: {dict(sorted(statuses.items()))}\n")


if __name__ == "__main__":
    main()
