from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.access.cipher import Cipher, UnreadableError
from contactory.model.problems import Code, Refusal

KEY = bytes(range(32))
CIPHER = Cipher(KEY)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.integers(1, 2**63 - 1), TEXTS)
def test_encrypted_text_is_decrypted_and_equal_texts_give_equal_bytes(
    organization_id: int, text: str
) -> None:
    stored = CIPHER.encrypt(organization_id, text)
    assert CIPHER.decrypt(organization_id, stored) == text
    assert stored == Cipher(KEY).encrypt(organization_id, text)


def test_empty_text_stays_empty_and_needs_no_key() -> None:
    assert Cipher(None).encrypt(1, "") == b""
    assert Cipher(None).decrypt(1, b"") == ""


def test_encrypted_bytes_begin_with_a_version_and_do_not_contain_the_text() -> None:
    stored = CIPHER.encrypt(1, "123-45-6789")
    assert stored[:1] == b"\x01"
    assert b"123" not in stored


def test_another_organization_key_or_version_cannot_decrypt() -> None:
    stored = CIPHER.encrypt(1, "123-45-6789")
    assert stored != CIPHER.encrypt(2, "123-45-6789")
    for cipher, organization_id, damaged in (
        (CIPHER, 2, stored),
        (Cipher(bytes(32)), 1, stored),
        (CIPHER, 1, b"\x02" + stored[1:]),
        (CIPHER, 1, stored[:-1]),
        (CIPHER, 1, b"\x01"),
    ):
        with pytest.raises(UnreadableError):
            cipher.decrypt(organization_id, damaged)


def test_text_is_refused_without_a_key() -> None:
    assert not Cipher(None).has_key
    with pytest.raises(Refusal) as refusal:
        Cipher(None).encrypt(1, "123-45-6789")
    assert refusal.value.problem.code is Code.NO_ENCRYPTION_KEY


def test_digests_are_encrypted_one_by_one_and_equal_ones_stay_equal() -> None:
    one, other = bytes(range(16)), bytes(16)
    hidden = CIPHER.hide(1, one + other + one)
    assert len(hidden) == 48 and hidden[:16] == hidden[32:] != hidden[16:32]
    assert CIPHER.hide(1, other) == hidden[16:32]
    assert len({CIPHER.hide(1, one), CIPHER.hide(2, one), Cipher(bytes(32)).hide(1, one), one}) == 4


def test_keys_of_both_lengths_are_accepted() -> None:
    for key in (bytes(32), bytes(64)):
        cipher = Cipher(key)
        assert cipher.decrypt(1, cipher.encrypt(1, "x")) == "x"
