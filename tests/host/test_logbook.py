"""Records on their way to the handlers of the program."""

import io
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import headway
from logs import Log


@pytest.fixture
def log() -> Iterator[Log]:
    """What the logger `headway` gets."""
    log = Log()
    yield log
    log.undo()


class Fragile(logging.Handler):
    """Raises what `logging` does not contain."""

    def emit(self, record: logging.LogRecord) -> None:
        """Raise."""
        raise ArithmeticError("of the handler")


def test_a_handler_that_raises_is_told_of_once(log: Log) -> None:
    """The program and the display go on."""
    fragile = Fragile()
    log.logger.addHandler(fragile)
    try:
        with pytest.warns(
            headway.HeadwayWarning, match="handler of the logger 'headway' raised ArithmeticError"
        ) as told:
            for _ in headway.track(range(3)):
                with headway.get_bar(1, backend="logging", leave=True, file=io.StringIO()):
                    pass
    finally:
        log.logger.removeHandler(fragile)

    assert len(told) == 1
    assert len(log.records) == 6


class Echo(logging.Handler):
    """Shows records by headway itself."""

    def __init__(self, *, with_a_bar: bool) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.with_a_bar = with_a_bar

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record above the bars."""
        self.seen.append(record.getMessage())
        headway.write(record.getMessage())
        if self.with_a_bar:
            headway.get_bar(1, backend="logging", file=io.StringIO()).close()


@pytest.mark.parametrize("of_the_program", [False, True])
def test_a_handler_that_uses_headway_is_not_called_for_itself(log: Log, until: Any, of_the_program: bool) -> None:
    """A record that a handler writes above the bars gives rise to no record without end."""
    echo = Echo(with_a_bar=not of_the_program)
    log.logger.addHandler(echo)
    try:
        with headway.get_bar(1, desc="a", backend="logging", file=io.StringIO()):
            if of_the_program:
                logging.getLogger("headway.mine").info("of the program")
        until(lambda: "headway-log" not in [thread.name for thread in threading.enumerate()])
    finally:
        log.logger.removeHandler(echo)

    assert len(echo.seen) == (4 if of_the_program else 2), echo.seen


def test_a_handler_that_is_in_use_is_not_waited_for(log: Log, until: Any) -> None:
    """While another thread has the handler's lock the bar goes on; its records come afterwards, in order."""
    log.acquire()
    out = io.StringIO()
    bars = [headway.get_bar(1, desc=f"bar {i}", backend="logging", leave=True, file=out) for i in range(3)]
    for bar in reversed(bars):
        bar.close()
    assert log.records == []
    log.release()
    until(lambda: len(log.records) == 6)

    assert [record.getMessage().partition(":")[0] for record in log.records] == [
        "bar 0", "bar 1", "bar 2", "bar 2", "bar 1", "bar 0",
    ]  # fmt: skip
