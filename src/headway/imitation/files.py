"""Files whose reads or writes are counted, and a text stream on top of one of bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["CallbackIOWrapper"]


class CallbackIOWrapper:
    """A file-like object that reports how much is read from another, or written to it. All else is the other's.

    Args:
        callback: Gets the length of each piece.
        stream: The other.
        method: `read` or `write`.

    Raises:
        KeyError: `method` is neither.
    """

    _wrapped: Any

    def __init__(self, callback: Callable[[int], object], stream: Any, method: str = "read") -> None:
        inner = getattr(stream, method)
        if method == "read":

            def read(*args: Any, **kwargs: Any) -> Any:
                data = inner(*args, **kwargs)
                callback(len(data))
                return data

            self.__dict__["read"] = read
        elif method == "write":

            def write(data: Any, *args: Any, **kwargs: Any) -> Any:
                written = inner(data, *args, **kwargs)
                callback(len(data))
                return written

            self.__dict__["write"] = write
        else:
            raise KeyError(f"Only read and write can be counted, not {method!r}.")
        self.__dict__["_wrapped"] = stream

    def __getattr__(self, name: str) -> Any:
        if name == "_wrapped":  # while it is copied, before it has anything
            raise AttributeError(name)
        return getattr(self._wrapped, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._wrapped, name, value)


class BytesOut:
    """A text stream on top of one that takes bytes."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write the text as bytes."""
        self._stream.write(text.encode(self.encoding))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        if name == "_stream":  # while it is copied, before it has any
            raise AttributeError(name)
        return getattr(self._stream, name)
