"""SHA-256 by the part of Python that needs no OpenSSL.

OpenSSL sets itself up at the first hash. If the process forks meanwhile, the first hash in the child never returns. And
Python 3.12 aborts if two interpreters of one process load it.
"""

from __future__ import annotations

from _operator import _compare_digest

try:
    from _sha2 import sha256  # type: ignore[import-not-found]
except ImportError:
    try:
        from _sha256 import sha256  # type: ignore[import-not-found]  # before Python 3.12
    except ImportError:
        from hashlib import sha256  # a Python that was built without: that of Fedora, for one

__all__ = ["differs", "hashed", "keyed"]

_BLOCK = 64


def hashed(data: bytes) -> bytes:
    """Return the hash of the bytes."""
    return bytes(sha256(data).digest())


def keyed(key: bytes, data: bytes) -> bytes:
    """Return the hash that proves that its maker knows the key: the HMAC of RFC 2104.

    Args:
        key: The secret, of 64 bytes at most.
        data: The bytes.
    """
    key = key.ljust(_BLOCK, b"\0")
    inner = hashed(bytes(byte ^ 0x36 for byte in key) + data)
    return hashed(bytes(byte ^ 0x5C for byte in key) + inner)


def differs(given: bytes, right: bytes) -> bool:
    """Tell whether two hashes differ, in a time that does not tell how much of one is right."""
    return not _compare_digest(given, right)
