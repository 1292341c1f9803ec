"""Choosing, writing, capturing and silencing, as a user's type checker sees them; never run."""

from contextlib import AbstractContextManager

from typing_extensions import assert_type

import headway
from headway import (
    Backend,
    BackendLoadError,
    BackendOptionError,
    HeadwayError,
    HeadwayWarning,
    UnknownBackendError,
    UnknownWidgetError,
)


def choosing(backend: Backend) -> None:
    """The backends, and `use`, which may stand in a `with` statement."""
    headway.use("tqdm", colour="green")
    headway.use(None)
    with headway.use("off"):
        pass
    assert_type(headway.backends(), list[Backend])
    assert_type(backend.name, str)
    assert_type(backend.distribution, str)
    assert_type(backend.library, str)
    assert_type(backend.problem, str)
    assert_type(backend.draws, str)
    assert_type(backend.options, tuple[str, ...])
    assert_type(backend.available, bool)
    headway.use()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    headway.use(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def writing() -> None:
    """Texts above the rows, and blocks without rows."""
    assert_type(headway.write("text"), None)
    assert_type(headway.suspend(), AbstractContextManager[None])
    headway.write(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def of_libraries() -> None:
    """Bars that libraries open; both verbs may stand in a `with` statement."""
    headway.capture()
    headway.capture("tqdm", "rich", "alive_progress", "progressbar2")
    assert_type(headway.uncapture("tqdm"), None)
    headway.silence("urllib3*", "a.b")
    headway.unsilence()
    with headway.capture("tqdm"), headway.silence("a"), headway.unsilence("b"):
        pass
    headway.capture(["tqdm"])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    headway.silence(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def mistakes() -> None:
    """What can be caught, and as what."""
    unknown: tuple[type[HeadwayError], type[ValueError]] = (UnknownBackendError, UnknownBackendError)
    widget: tuple[type[HeadwayError], type[ValueError]] = (UnknownWidgetError, UnknownWidgetError)
    option: tuple[type[HeadwayError], type[ValueError]] = (BackendOptionError, BackendOptionError)
    loading: type[HeadwayError] = BackendLoadError
    warning: type[UserWarning] = HeadwayWarning
    not_a_value: type[ValueError] = BackendLoadError  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    print(unknown, widget, option, loading, warning, not_a_value)
