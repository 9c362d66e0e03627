from __future__ import annotations

from contactory.access.secrets import hash_password, hash_secret, is_password, new_secret


def test_a_password_is_known_by_its_hash_only() -> None:
    stored = hash_password("correct horse")
    assert stored.startswith("$argon2id$")
    assert stored != hash_password("correct horse")
    assert is_password("correct horse", stored)
    assert not is_password("correct horse ", stored)


def test_nothing_is_the_password_of_a_damaged_hash() -> None:
    assert not is_password("x", "")
    assert not is_password("x", "$argon2id$damaged")


def test_a_secret_is_long_and_hashed_the_same_each_time() -> None:
    secret = new_secret()
    assert len(secret) >= 43
    assert secret != new_secret()
    assert hash_secret(secret) == hash_secret(secret)
    assert len(hash_secret(secret)) == 32
    assert hash_secret("\udc80") != hash_secret("")
