"""Totals and counts that are not what they should be."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from faulting.case import GROUPS, case
from faulting.judges import clean
from faulting.verdict import ok

if TYPE_CHECKING:
    from faulting.drivers import Driver

GROUP = "numbers"
GROUPS[GROUP] = "Totals and counts"


def _total(name: str, words: str, make: Any) -> None:
    """Make a case of a total that can be meant: nothing may be raised for it."""

    def program(d: Driver) -> None:
        d.run(make(), steps=30)

    program.__name__ = f"total_{name}"
    program.__doc__ = f"The total is {words}."
    case(clean, group=GROUP, events=True)(program)


def _refused(name: str, words: str, make: Any) -> None:
    """Make a case of a total that cannot be meant: it may be refused where it is given, and nowhere else."""

    def program(d: Driver) -> None:
        try:
            d.at("open")
            with d.opened(make(), "work") as bar:
                d.at("inside")
                for _ in range(30):
                    d.update(bar)
                d.at("close")
        except (TypeError, ValueError) as error:
            if d.stage != "open":
                raise
            d.tell(refused=type(error).__name__)

    program.__name__ = f"total_{name}"
    program.__doc__ = f"The total is {words}: it may be refused at the call, with `TypeError` or `ValueError`."
    case(lambda o: ok(f"refused: {o.fact('refused')}" if o.fact("refused") else ""), group=GROUP, events=True)(program)


_total("none", "not known", lambda: None)
_total("zero", "0", lambda: 0)
_total("inf", "infinite: it never ends", lambda: float("inf"))
_total("huge_1e30", "10**30", lambda: 10**30)
_total("float", "50.5", lambda: 50.5)
_total("decimal", "a `Decimal`", lambda: Decimal(50))
_total("fraction", "a `Fraction`", lambda: Fraction(50))
_refused("negative", "-5", lambda: -5)
_refused("nan", "NaN", lambda: float("nan"))
_refused("string", 'a string, "50"', lambda: "50")
_refused("list", "a list", list)


def _numpy_total() -> Any:
    import numpy as np

    return np.int64(50)


_total("numpy", "a NumPy integer", _numpy_total)


def _count(name: str, words: str, value: Any, *, meant: bool) -> None:
    """Make a case of a count."""

    def program(d: Driver) -> None:
        d.at("open")
        with d.opened(100, "work") as bar:
            try:
                d.at("update")
                d.update(bar, value)
            except (TypeError, ValueError) as error:
                if meant:
                    raise
                d.tell(refused=type(error).__name__)
            d.at("next update")
            d.update(bar, 30)
            d.at("close")
        d.at("after")

    program.__name__ = f"update_{name}"
    refusal = "" if meant else ": it may be refused at the call, with `TypeError` or `ValueError`"
    program.__doc__ = f"{words} is reported{refusal}."
    figure = "" if meant else "refused: "
    case(lambda o: ok(f"{figure}{o.fact('refused')}" if o.fact("refused") else ""), group=GROUP, events=True)(program)


_count("negative", "A negative count", -1, meant=True)
_count("float", "0.5", 0.5, meant=True)
_count("decimal", "A `Decimal`", Decimal(1), meant=True)
_count("bool", "`True`", True, meant=True)
_count("huge", "10**30", 10**30, meant=True)
_count("nan", "NaN", float("nan"), meant=False)
_count("string", 'A string, "5",', "5", meant=False)
_count("none", "`None`", None, meant=False)
