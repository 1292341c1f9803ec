"""The options of alive-progress about the look: as headway's widgets, and as options of the alive renderer."""

from __future__ import annotations

from typing import Any

from headway.imitation.alive.options import DEFAULTS, Config
from headway.imitation.template import in_widgets

__all__ = ["options", "template"]

_STYLES = ("length", "spinner", "bar", "unknown", "title_length", "spinner_length", "dual_line")
"""The options that the alive renderer takes as they are."""
_WIDGETS = {
    "count": "{count}",
    "total": "{count}",
    "percent": "{percentage}",
    "elapsed": "{elapsed}",
    "eta": "{eta}",
    "rate": "{rate}",
}


def options(config: Config) -> dict[str, dict[str, Any]]:
    """Return the options for the alive renderer: those that are not the usual ones."""
    return {"alive": {name: value for name in _STYLES if (value := getattr(config, name)) != getattr(DEFAULTS, name)}}


def template(config: Config) -> str | None:
    """Return the row as a template of headway's; `None` for the usual one."""
    asked = {"monitor": config.monitor, "elapsed": config.elapsed, "stats": config.stats}
    usual = {"monitor": "{count} [{percent}]", "elapsed": "in {elapsed}", "stats": "({eta}, {rate})"}
    if all(value is True for value in asked.values()) and config.bar is not None:
        return None
    wanted = "  ".join(value if isinstance(value, str) else usual[name] for name, value in asked.items() if value)
    bar = "" if config.bar is None else "{bar} "
    return "{title} " + bar + in_widgets(wanted, _WIDGETS) + " {metrics} {notes}"
