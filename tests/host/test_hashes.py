"""Hashes without OpenSSL are those of the standard library."""

from __future__ import annotations

import hashlib
import hmac

from hypothesis import given
from hypothesis.strategies import binary

from headway.host.hashes import differs, hashed, keyed


@given(binary(max_size=200), binary(max_size=64))
def test_hashes_are_those_of_the_standard_library(data: bytes, key: bytes) -> None:
    """With a key, and without."""
    assert hashed(data) == hashlib.sha256(data).digest()
    assert keyed(key, data) == hmac.digest(key, data, "sha256")


def test_hashes_differ_by_any_byte() -> None:
    """Also by the last one."""
    right = hashed(b"")

    assert not differs(right, bytes(right))
    assert differs(right[:-1] + b"\0", right)
