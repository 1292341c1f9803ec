"""How a worker and the process that draws prove to each other that they know the secret, which neither of them sends.

    worker  the protocol with its version, and a nonce
    drawer  the protocol with its version, a nonce, and its proof over both nonces
    worker  its proof over both nonces, then messages

A proof is a keyed hash over the words of its side, so that none can be sent back. If a worker knows by the address that
nobody else can listen there, it does not wait: its proof is over the name of the socket, which has a nonce in it, and
messages follow at once. The answer is checked when it comes.

Both sides are pure, and raise `HandshakeError` alone.
"""

from __future__ import annotations

import os
import re

from headway.host.hashes import differs, keyed
from headway.processes import address

__all__ = ["Drawer", "HandshakeError", "OtherVersionError", "Worker"]

_GREETING = re.compile(rb"headway-relay-([\d.]{1,8}) ")
_LONGEST = 23
_NONCE = 32
_PROOF = 32


class HandshakeError(Exception):
    """Raised when the other side does not know the secret, or is nothing of headway's."""


class OtherVersionError(HandshakeError):
    """Raised when the other side has another version of the relay.

    Args:
        version: That version.
    """

    def __init__(self, version: str) -> None:
        super().__init__(f"version {version} of the relay, where version {address.VERSION} is expected")
        self.version = version


def _greeting() -> bytes:
    return f"headway-relay-{address.VERSION} ".encode()


class _Side:
    """The part that both sides have in common.

    Args:
        key: The secret.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode("ascii")
        self._nonce = os.urandom(_NONCE)
        self._buffer = b""
        self.done = False
        """Whether the other side has proved that it knows the secret."""

    def _greeted(self, size: int) -> bytes:
        """Take the greeting and so many bytes behind it out of what came, and return these; nothing until all is there.

        Raises:
            HandshakeError: It is no greeting, or one of another version.
        """
        found = _GREETING.match(self._buffer)
        if found is None:
            if len(self._buffer) > _LONGEST:
                raise HandshakeError("no greeting of headway's")
            return b""
        if found[1].decode() != address.VERSION:
            raise OtherVersionError(found[1].decode())
        end = found.end() + size
        return self._taken(end)[found.end() :] if len(self._buffer) >= end else b""

    def _taken(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _proof(self, side: bytes, *parts: bytes) -> bytes:
        words = b" ".join([_greeting() + side, *(part.hex().encode() for part in parts)])
        return keyed(self._key, words)

    def _check(self, given: bytes, *right: bytes) -> None:
        """Compare a proof with each that would be right.

        Raises:
            HandshakeError: It is none of them.
        """
        if all(differs(given, each) for each in right):
            raise HandshakeError("the secret is missing or wrong")
        self.done = True


class Worker(_Side):
    """The side of a worker.

    Args:
        key: The secret.
        known: The name of the socket, if nobody else can listen there; then no answer is waited for.
    """

    def __init__(self, key: str, known: str = "") -> None:
        super().__init__(key)
        self.waits = not known
        """Whether messages have to wait for the answer."""
        self.opening: bytes = _greeting() + self._nonce
        """The first bytes of the connection."""
        if known:
            self.opening += self._proof(b"worker", self._nonce, os.fsencode(known))

    def feed(self, data: bytes) -> bytes:
        """Take bytes of the answer in, and return the bytes to be sent before all messages.

        Raises:
            HandshakeError: The other side does not know the secret, or has another version.
        """
        self._buffer += data
        answer = b"" if self.done else self._greeted(_NONCE + _PROOF)
        if not answer:
            return b""
        theirs = answer[:_NONCE]
        self._check(answer[_NONCE:], self._proof(b"drawer", self._nonce, theirs))
        if not self.waits:
            return b""
        self.waits = False
        return self._proof(b"worker", self._nonce, theirs)

    def rest(self) -> bytes:
        """Return the bytes that have come behind the answer."""
        return self._taken(len(self._buffer))


class Drawer(_Side):
    """The side of the process that draws.

    Args:
        key: The secret.
        name: The name of the socket, if it is one in a directory that only its user may enter.
    """

    def __init__(self, key: str, name: str = "") -> None:
        super().__init__(key)
        self._name = name
        self._theirs = b""
        self.answer = b""
        """The bytes that are to be sent, once there are any."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes in, and return those that are messages.

        Raises:
            HandshakeError: The other side does not know the secret, or has another version.
        """
        self._buffer += data
        if not self._theirs:
            try:
                self._theirs = self._greeted(_NONCE)
            except OtherVersionError:
                self.answer = _greeting()
                raise
            if not self._theirs:
                return b""
            self.answer = _greeting() + self._nonce + self._proof(b"drawer", self._theirs, self._nonce)
        if not self.done:
            if len(self._buffer) < _PROOF:
                return b""
            known = [os.fsencode(self._name)] if self._name else []
            right = [self._proof(b"worker", self._theirs, each) for each in (self._nonce, *known)]
            self._check(self._taken(_PROOF), *right)
        return self._taken(len(self._buffer))
