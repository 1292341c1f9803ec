"""Two processes prove to each other that they know the secret, which neither of them sends."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headway.processes import address
from headway.processes.handshake import Drawer, HandshakeError, OtherVersionError, Worker

KEY, OTHER = "ab" * 32, "cd" * 32
NAME = f"1234-00ff00ff.v{address.VERSION}"
EXAMPLES = 20_000 if os.environ.get("HEADWAY_FULL") == "1" else 300
"""Examples of a property."""


def test_both_sides_prove_that_they_know_the_secret() -> None:
    """A worker sends nothing but a greeting before the other side has answered; then its proof, and messages."""
    worker, drawer = Worker(KEY), Drawer(KEY)
    assert drawer.feed(worker.opening) == b""
    assert (worker.done, worker.waits, drawer.done) == (False, True, False)
    proof = worker.feed(drawer.answer)
    assert (worker.done, worker.waits) == (True, False)

    assert drawer.feed(proof + b"messages") == b"messages"
    assert drawer.done
    assert drawer.feed(b"more") == b"more"
    assert worker.feed(b"anything") == b""
    sent = worker.opening + drawer.answer + proof
    assert KEY.encode() not in sent
    assert bytes.fromhex(KEY) not in sent


def test_a_worker_that_knows_the_socket_does_not_wait() -> None:
    """Its proof and messages follow at once; the answer is checked when it comes."""
    worker, drawer = Worker(KEY, NAME), Drawer(KEY, NAME)
    assert not worker.waits
    assert drawer.feed(worker.opening + b"messages") == b"messages"

    assert worker.feed(drawer.answer) == b""
    assert worker.done


@settings(deadline=None)
@given(st.lists(st.integers(1, 60), max_size=20))
def test_bytes_may_come_in_any_pieces(cuts: list[int]) -> None:
    """However they are cut up, both sides come to the same."""
    for known in ("", NAME):
        worker, drawer = Worker(KEY, known), Drawer(KEY, known)
        assert fed(drawer, worker.opening + b"x" * bool(known), cuts) == b"x" * bool(known)
        proof = fed(worker, drawer.answer, cuts)

        assert fed(drawer, proof + b"messages", cuts) == b"messages"
        assert worker.done
        assert drawer.done


def fed(side: "Worker | Drawer", data: bytes, cuts: list[int]) -> bytes:
    """Feed bytes in pieces, and return what came of them."""
    out = b""
    for cut in cuts:
        out += side.feed(data[:cut])
        data = data[cut:]
    return out + side.feed(data)


@pytest.mark.parametrize("known", ["", NAME])
def test_a_wrong_secret_is_refused(known: str) -> None:
    """Either side refuses the other one, the drawing one before it looks at any message."""
    worker, drawer = Worker(OTHER, known), Drawer(KEY, known)
    with pytest.raises(HandshakeError, match="secret"):
        drawer.feed(worker.opening + b"x" * 32)
    with pytest.raises(HandshakeError, match="secret"):
        worker.feed(drawer.answer)
    assert not worker.done
    assert not drawer.done


def test_the_proof_of_one_side_is_none_of_the_other() -> None:
    """Whoever does not know the secret cannot send back what a worker, or the process that draws, has sent."""
    mirrored = Worker(KEY)
    with pytest.raises(HandshakeError):
        mirrored.feed(mirrored.opening + b"\0" * 32)
    drawer = Drawer(KEY)
    drawer.feed(Worker(KEY).opening)
    with pytest.raises(HandshakeError):
        drawer.feed(drawer.answer[-32:])


def test_the_proof_for_one_connection_is_none_for_another() -> None:
    """A recorded handshake opens nothing, nor does a proof for a socket of another name."""
    worker, drawer = Worker(KEY), Drawer(KEY)
    drawer.feed(worker.opening)
    proof = worker.feed(drawer.answer)
    with pytest.raises(HandshakeError):
        Drawer(KEY).feed(worker.opening + proof)
    with pytest.raises(HandshakeError):
        Worker(KEY).feed(drawer.answer)
    with pytest.raises(HandshakeError):
        Drawer(KEY, "another").feed(Worker(KEY, NAME).opening)
    with pytest.raises(HandshakeError):
        Drawer(KEY).feed(Worker(KEY, NAME).opening)


def test_another_version_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each side learns the version of the other one from its first words, and nothing of it is believed."""
    older = Worker(KEY, NAME)
    monkeypatch.setattr(address, "VERSION", "9.9")
    drawer = Drawer(KEY, NAME)
    with pytest.raises(OtherVersionError, match=r"version 2\.1 of the relay, where version 9\.9"):
        drawer.feed(older.opening + b"messages")
    monkeypatch.undo()
    with pytest.raises(OtherVersionError) as caught:
        older.feed(drawer.answer)

    assert caught.value.version == "9.9"
    assert not older.done


@pytest.mark.parametrize(
    "words", [b"GET / HTTP/1.1\r\nHost: abc", b"\0" * 24, b"headway-relay-" + b"9" * 20, b" " * 24]
)
def test_what_is_no_greeting_is_refused(words: bytes) -> None:
    """By either side."""
    for side in (Worker(KEY), Drawer(KEY)):
        with pytest.raises(HandshakeError, match="no greeting"):
            side.feed(words)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.binary(max_size=100), max_size=6), st.integers(0, 50))
def test_no_bytes_raise_anything_else(chunks: list[bytes], begun: int) -> None:
    """Whatever comes, after as much of a greeting as it may be, neither side is let in by it."""
    for side in (Worker(KEY), Worker(KEY, NAME), Drawer(KEY), Drawer(KEY, NAME)):
        try:
            for chunk in [Worker(OTHER).opening[:begun], *chunks]:
                side.feed(chunk)
        except HandshakeError:
            pass
        assert not side.done
