from __future__ import annotations

from contactory.access.secrets import hash_password, hash_secret, is_password, new_secret


def test_password_is_checked_against_its_hash() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert stored != hash_password("correct horse")
    assert is_password("correct horse", stored)
    assert not is_password("correct horse ", stored)


def test_damaged_hash_has_no_password() -> None:
    assert not is_password("x", "")
    assert not is_password("x", "$argon2id$damaged")


def test_secret_is_long_and_its_hash_is_stable() -> None:
    secret = new_secret()
    assert len(secret) >= 43
    assert secret != new_secret()
    assert hash_secret(secret) == hash_secret(secret)
    assert len(hash_secret(secret)) == 32
    assert hash_secret("\udc80") != hash_secret("")
