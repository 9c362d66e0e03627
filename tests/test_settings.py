from __future__ import annotations

import base64
from pathlib import Path

import pytest

from contactory.settings import Settings, SettingsError


def test_defaults_apply_without_variables() -> None:
    settings = Settings.from_environment({"CONTACTORY_DATABASE_URL": "", "CONTACTORY_UNKNOWN": "x"})
    assert settings.data_dir.is_absolute()
    assert (settings.database_url, settings.secret_key, settings.propeller_host) == (None, None, None)
    assert (settings.max_body_mb, settings.max_rows, settings.pool_size) == (64, 50_000, 8)
    assert (settings.default_language, settings.token_seconds) == ("NL", 1800)


def test_variables_are_read() -> None:
    key = bytes(range(200, 232))
    settings = Settings.from_environment(
        {
            "CONTACTORY_DATA_DIR": "relative",
            "CONTACTORY_DATABASE_URL": "host=db dbname=contactory",
            "CONTACTORY_SECRET_KEY": base64.urlsafe_b64encode(key).decode(),
            "CONTACTORY_MAX_ROWS": "7",
            "CONTACTORY_DEFAULT_LANGUAGE": "en",
            "CONTACTORY_PROPELLER_HOST": "API.Example.com",
        }
    )
    assert settings.data_dir == Path("relative").absolute()
    assert settings.database_url == "host=db dbname=contactory"
    assert settings.secret_key == key
    assert (settings.max_rows, settings.default_language) == (7, "EN")
    assert settings.propeller_host == "api.example.com"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MAX_ROWS", "0", "is '0', expected a whole number from 1"),
        ("MAX_BODY_MB", "-1", "is '-1', expected a whole number"),
        ("POOL_SIZE", "many", "is 'many', expected a whole number"),
        ("TOKEN_SECONDS", "9" * 5000, "expected a whole number"),
        ("SCANNER", "numba", "is 'numba', expected compiled, exact or checked"),
        ("DEFAULT_LANGUAGE", "english", "is 'english', expected a language of two letters"),
        ("DATANANAS_HOST", "https://x.example", "is 'https://x.example', expected a host name only"),
        ("DATABASE_URL", "mysql://x", "is not a database's URL, expected a PostgreSQL URL"),
        ("SECRET_KEY", "secret!", r"is not base64 \(7 characters\), expected 32 or 64 bytes"),
        ("SECRET_KEY", "c2hvcnQ=", "is the base64 of 5 bytes, expected 32 or 64 bytes"),
    ],
)
def test_unusable_value_is_named_with_its_variable(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=f"^CONTACTORY_{name} {said}" if len(said) > 40 else said):
        Settings.from_environment({f"CONTACTORY_{name}": value})


def test_largest_body_is_bounded() -> None:
    for value, expected in (("512", 512), ("1", 1)):
        assert Settings.from_environment({"CONTACTORY_MAX_BODY_MB": value}).max_body_mb == expected
    with pytest.raises(SettingsError, match="'513', expected a whole number from 1 to 512"):
        Settings.from_environment({"CONTACTORY_MAX_BODY_MB": "513"})


def test_trusted_proxies_and_base_url_are_read() -> None:
    settings = Settings.from_environment(
        {
            "CONTACTORY_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 2001:db8::/32",
            "CONTACTORY_BASE_URL": "https://contacts.example.com/crm/",
        }
    )
    assert [str(network) for network in settings.trusted_proxies] == [
        "127.0.0.1/32",
        "10.0.0.0/8",
        "2001:db8::/32",
    ]
    assert settings.base_url == "https://contacts.example.com/crm"
    for name, value in (("TRUSTED_PROXIES", "proxy"), ("BASE_URL", "contacts.example.com")):
        with pytest.raises(SettingsError, match=name):
            Settings.from_environment({f"CONTACTORY_{name}": value})


def test_error_does_not_repeat_a_secret() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_environment({"CONTACTORY_SECRET_KEY": "c2VjcmV0"})
    assert "c2VjcmV0" not in str(error.value)


def test_two_apis_cannot_have_the_same_host() -> None:
    with pytest.raises(SettingsError, match="another host name than CONTACTORY_PROPELLER_HOST"):
        Settings.from_environment(
            {"CONTACTORY_PROPELLER_HOST": "api.example", "CONTACTORY_DATANANAS_HOST": "API.example"}
        )
