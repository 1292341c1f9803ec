"""`headway.alive_progress`, as a type checker sees it in code that was written for alive-progress; never run."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

from typing_extensions import assert_type

from headway import Bar, alive_progress
from headway.alive_progress import animations, styles


def counting() -> None:
    """A block, and its handle."""
    with alive_progress.alive_bar(10, title="a", manual=False, calibrate=5) as bar:
        bar()
        bar(3, skipped=True)
        bar.text("text")
        bar.title("title")
        bar.text = "text"
        bar.title = "title"
        assert_type(bar.current, float)
        assert_type(bar.monitor, str)
        assert_type(bar.rate, str)
        assert_type(bar.eta, str)
        assert_type(bar.elapsed, float)
        assert_type(bar.receipt(), str)
        assert_type(bar.pause(), AbstractContextManager[None] | None)
        assert_type(bar.bar, Bar)
        bar.current = 3  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    alive_progress.alive_bar("3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def looping() -> None:
    """The items keep their type."""
    items = alive_progress.alive_it([1, 2], title="a", finalize=lambda bar: bar.title("end"))
    for number in items:
        assert_type(number, int)
        items.text = "text"
    assert_type(iter(alive_progress.alive_it({"a"})), Iterator[str])
    alive_progress.alive_it(3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def setting() -> None:
    """Defaults, styles and versions."""
    assert_type(alive_progress.config_handler.set_global(theme="classic", length=20), None)
    assert_type(alive_progress.config_handler.reset(), None)
    assert_type(alive_progress.config_handler(title="a").title, str | None)
    assert_type(alive_progress.VERSION, tuple[int, int, int])
    assert_type(alive_progress.__version__, str)
    assert_type(styles.showtime(styles.Show.BARS), Any)
    print(styles.BARS, styles.SPINNERS, styles.THEMES, styles.show_bars, styles.show_spinners, styles.show_themes)
    print(animations.bar_factory, animations.spinner_player, animations.frame_spinner_factory)
    print(animations.scrolling_spinner_factory, animations.bouncing_spinner_factory)
    print(animations.sequential_spinner_factory, animations.alongside_spinner_factory)
    print(animations.delayed_spinner_factory)
