"""A log handler for tests."""

import logging


class Log(logging.Handler):
    """Keeps the records of a logger."""

    def __init__(self, name: str = "headway") -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.logger = logging.getLogger(name)
        self.before = self.logger.level, self.logger.propagate
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.records.append(record)

    def undo(self) -> None:
        """Leave the logger as it was."""
        self.logger.removeHandler(self)
        self.logger.setLevel(self.before[0])
        self.logger.propagate = self.before[1]

    def told(self) -> list[tuple[str, str]]:
        """Return the levels, and the messages up to the time."""
        return [(record.levelname, record.getMessage().partition(" batches")[0]) for record in self.records]
