"""Phone numbers: the rules of the vendor's "create contact" page."""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contactory.dialects.everbridge import phones

from .client import PHONE, Api, person

INVALID = "Phone number format invalid for selected country."


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ({"value": "X781-555-1222", "countryCode": "US"}, ("7815551222", "US")),
        ({"value": "+17815551212"}, ("7815551212", "US")),
        ({"value": "17815551212", "countryCode": "us"}, ("7815551212", "US")),
        ({"value": "8087278435", "countryCode": "US"}, ("8087278435", "US")),
        ({"value": "٧٨١٥٥٥١٢٢٢", "countryCode": "US"}, ("7815551222", "US")),
        ({"value": "+44 20 7946 0018"}, ("2079460018", "GB")),
        ({"value": "020 7946 0018", "countryCode": "GB"}, ("2079460018", "GB")),
        ({"value": "8081234567", "countryCode": "US", "skipValidation": "true"}, ("8081234567", "US")),
        ({"value": "+1 808 1234567", "countryCode": "US", "skipValidation": True}, ("+18081234567", "US")),
        # A number of another country with the same calling code: the country that was sent stays.
        ({"value": "787 234 5678", "countryCode": "US"}, ("7872345678", "US")),
        ({"value": "416-234-5678", "countryCode": "US"}, ("4162345678", "US")),
        ({"value": "+14162345678", "countryCode": "US"}, ("4162345678", "US")),
        ({"value": "+14162345678"}, ("4162345678", "CA")),
        ({"value": "07797 712345", "countryCode": "GB"}, ("7797712345", "GB")),
        ({"value": "+447797712345", "countryCode": "US"}, ("7797712345", "JE")),
        ({"value": "+39 02 1234 5678", "countryCode": "VA"}, ("0212345678", "VA")),
        # The plus comes before all digits.
        ({"value": "\u202a+44 20 7946 0018"}, ("2079460018", "GB")),
        ({"value": "\u200e\ufeff+44 20 7946 0018\u202c"}, ("2079460018", "GB")),
        ({"value": "(+44) 20 7946 0018"}, ("2079460018", "GB")),
        ({"value": "tel:+44-20-7946-0018"}, ("2079460018", "GB")),
        ({"value": "\uff0b442079460018"}, ("2079460018", "GB")),
        ({"value": "2079460018", "countryCode": " gb "}, ("2079460018", "GB")),
    ],
)
def test_valid_number_is_stored(api: Api, path: dict[str, Any], kept: tuple[str, str]) -> None:
    api.store(person("1", paths=[{"pathId": PHONE, **path}]))
    (stored,) = api.get("1")["paths"]
    assert (stored["value"], stored["countryCode"]) == kept


@pytest.mark.parametrize(
    "number",
    [
        "+800 1234 5678",
        "+80812345678",
        "+870773111632",
        "+878101234567890",
        "+881612345678",
        "+882 16 12345678",
        "+883510012345678",
        "+979123456789",
    ],
)
@pytest.mark.parametrize("country", [{}, {"countryCode": "US"}, {"countryCode": "001"}])
def test_number_of_no_country_keeps_its_calling_code(api: Api, number: str, country: dict[str, str]) -> None:
    api.store(person("1", paths=[{"pathId": PHONE, "value": number, **country}]))
    (stored,) = api.get("1")["paths"]
    assert stored["value"] == number.replace(" ", "")
    assert "countryCode" not in stored


def test_stored_number_without_its_calling_code_can_be_sent_back(api: Api) -> None:
    """Earlier versions stored +870773111632 like this."""
    path = {"pathId": PHONE, "value": "773111632", "countryCode": "001"}
    api.store(person("1", paths=[path]))
    (stored,) = api.get("1")["paths"]
    assert (stored["value"], stored["countryCode"]) == ("773111632", "001")
    answer = api.ask("POST", "/contacts/{org}", person("1", paths=[path | {"value": "5"}]), 400)
    assert answer["message"] == INVALID


@pytest.mark.parametrize("value", ["n/a", "+", "-", "none", "tel:"])
def test_number_without_digits_is_refused(api: Api, value: str) -> None:
    path = {"pathId": PHONE, "value": value, "countryCode": "US"}
    assert api.ask("POST", "/contacts/{org}", person("1", paths=[path]), 400)["message"] == INVALID
    unchecked = person("1", paths=[path | {"skipValidation": True}])
    answer = api.ask("POST", "/contacts/{org}", unchecked, 400)
    assert answer["message"] == f"paths[0].value [{value}] has no digits."


@pytest.mark.parametrize(
    "path",
    [
        {"value": "8081234567", "countryCode": "US"},
        {"value": "17815551212"},
        {"value": "7815551212", "countryCode": "1"},
        {"value": "7815551212", "countryCode": "XX"},
        {"value": "none", "countryCode": "US"},
        {"value": "+1", "countryCode": "US"},
        {"value": "011442079460018", "countryCode": "US"},
        {"value": "+870 1"},
    ],
)
def test_invalid_number_is_refused(api: Api, path: dict[str, Any]) -> None:
    answer = api.ask("POST", "/contacts/{org}", person("1", paths=[{"pathId": PHONE, **path}]), 400)
    assert answer == {"message": INVALID, "status": 400}


def test_path_may_have_an_extension_and_two_numbers(api: Api) -> None:
    business = 241901148045321
    paths = [
        {"pathId": business, "value": "2025550143", "countryCode": "US", "phoneExt": 12},
        {"pathId": business, "value": "2025550144", "countryCode": "US"},
    ]
    api.store(person("1", paths=paths))
    kept = api.get("1")["paths"]
    assert [(path["value"], path.get("phoneExt")) for path in kept] == [
        ("2025550143", "12"),
        ("2025550144", None),
    ]


countries = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
digits = st.text("0123456789", min_size=3, max_size=14)


@given(countries, digits | st.builds(lambda country, end: country + end, digits, digits))
def test_pattern_of_national_numbers_agrees_with_parsing(country: str, number: str) -> None:
    for written in (number, _example(country)):
        if phones._is_plainly_valid(written, country):
            assert phones._parse(written, country) == (written, country)


@given(countries, digits)
@example("MY", "060120000000")
def test_pattern_of_international_numbers_agrees_with_parsing(country: str, number: str) -> None:
    code = phonenumbers.country_code_for_region(country)
    for written in (number, f"{code}{number}", f"{code}{_example(country)}"):
        if quick := phones._match_international(written):
            assert phones._parse(f"+{written}", None) == quick


def test_patterns_match_most_numbers() -> None:
    examples = [(country, _example(country)) for country in phonenumbers.SUPPORTED_REGIONS]
    quick = sum(phones._is_plainly_valid(number, country) for country, number in examples)
    assert quick > 0.8 * len(examples)


def _example(country: str) -> str:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    example = example or phonenumbers.example_number(country)
    return phonenumbers.national_significant_number(example) if example else ""
