"""tqdm."""

# ruff: noqa: ARG002, D102  # `Driver` says what the verbs mean, and each library needs another part of it

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from faulting.drivers.driver import Driver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Tqdm"]


class Tqdm(Driver):
    """tqdm, driven as its documentation does."""

    name = distribution = module = "tqdm"

    def opened(self, total: Any, desc: str, *, beside: bool = False, forced: bool = False) -> Any:
        return self.open(total, desc)

    def open(self, total: Any, desc: str = "work") -> Any:
        from tqdm import tqdm

        return tqdm(total=total, desc=desc)

    def close(self, bar: Any) -> None:
        bar.close()

    def update(self, bar: Any, n: Any = 1) -> None:
        bar.update(n)

    def count(self, bar: Any) -> float:
        return float(bar.n)

    def track(self, items: Iterable[Any], desc: str = "work") -> Iterable[Any]:
        from tqdm import tqdm

        return tqdm(items, desc=desc)

    def metric(self, bar: Any, value: Any) -> None:
        self.at("set_postfix")
        bar.set_postfix(loss=value)

    def message(self, bar: Any, text: str) -> None:
        bar.set_postfix_str(text)

    def widget(self, total: int, draw: Callable[[], str]) -> Any:
        from tqdm import tqdm

        class Own(tqdm):  # type: ignore[type-arg]
            """As its documentation adds a field of one's own to `bar_format`."""

            @property
            def format_dict(self) -> Any:
                return {**super().format_dict, "own": draw()}

        return Own(total=total, desc="work", bar_format="{l_bar}{bar}| {n_fmt}/{total_fmt} {own}")

    def print(self, bar: Any, text: str) -> None:
        bar.write(text)

    def away(self, bar: Any) -> Any:
        from tqdm import tqdm

        return tqdm.external_write_mode()
