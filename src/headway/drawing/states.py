"""The states of the view of a sink, and the moves between them."""

from __future__ import annotations

from headway.notation import Literal

__all__ = ["MOVES", "State"]

State = Literal["live", "away", "held", "broken", "gone"]
MOVES: dict[State, tuple[State, ...]] = {
    "live": ("away", "held", "broken", "gone"),
    "away": ("live", "held", "broken", "gone"),
    "held": ("away", "broken", "gone"),
    "broken": ("live", "gone"),
    "gone": (),
}
"""The states of a view, each with those that may follow.

`live`: frames are drawn. `away`: the rows make way for a while. `held`: a call of the sink waits for a terminal that
was stopped (Ctrl-S). `broken`: the sink was switched off; plain lines may take its place, and then the view is `live`
again. `gone`: the sink has ended, or has nobody left to show anything to.
"""
