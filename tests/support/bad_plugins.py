"""The text of plugins with a mistake each."""

import re

__all__ = ["BACKENDS", "OPTIONS", "module"]

BACKENDS: dict[str, tuple[str, str, str]] = {
    "lacking": (
        "import no_such_module_of_a_library",
        "cannot be imported: No module named 'no_such_module_of_a_library'. ({file}, line 1)",
        "Try: pip install 'no-such-dist>=2'",
    ),
    "torn": ("syntax error", "raised SyntaxError: invalid syntax", "{file}, line 1"),
    "leaving": ("raise SystemExit(3)", "raised SystemExit: 3 while loading.", "{file}, line 1"),
    "raising": (
        "{hook}@hookimpl\ndef headway_renderer(): raise KeyError('ink')",
        "raised KeyError: 'ink'",
        "{file}, line 3",
    ),
    "misspelt": (
        "{hook}@hookimpl\ndef headway_rendrer(): return None",
        "has a hook that headway cannot call: unknown hook 'headway_rendrer'",
        "headway_renderer()",
    ),
    "curious": (
        "{hook}@hookimpl\ndef headway_renderer(stream): return None",
        "has a hook that headway cannot call",
        "'stream'",
    ),
    "hookless": ("{hook}", "has no function headway_renderer that is marked with headway.hookspecs.hookimpl", ""),
    "confused": (
        "{hook}@hookimpl\ndef headway_renderer(): return ['a bar']",
        "gave no headway.sink.Renderer but ['a bar']",
        "{file}, line 2",
    ),
    "absent": ("{hook}{renderer:PerBar}", "does not say which version of headway's contract", "Add: protocol=2"),
    "older": ("{hook}{renderer:PerBar, protocol=1}", "was written for version 1 of headway's contract", "has 2"),
    "newer": ("{hook}{renderer:PerBar, protocol=3}", "needs version 3 of headway's contract", "upgrade headway"),
    "worded": ("{hook}{renderer:PerBar, protocol='2'}", "has protocol='2', where a number", ""),
    "makeless": ("{hook}{renderer:None, protocol=2}", "its make must be a class or function", "{file}, line 2"),
    "placeless": (
        "{hook}{renderer:PerBar, protocol=2, draws='bars'}",
        "its draws must be one of 'rows'",
        "{file}, line 2",
    ),
    "hasty": (
        "{hook}{renderer:PerBar, protocol=2, interval='fast'}",
        "its interval must be a number of",
        "{file}, line 2",
    ),
    "listing": (
        "{hook}{renderer:PerBar, protocol=2, options=['a']}",
        "its options must map names to",
        "{file}, line 2",
    ),
    "full": (
        "{hook}{renderer:PerBar, protocol=2, max_bars=0}",
        "its max_bars must be a number from 1",
        "{file}, line 2",
    ),
    "closed": (
        "{hook}class S(PerBar):\n    def __init__(self, a, b): pass\n{renderer:S, protocol=2, draws='lines'}",
        "raised TypeError",
        "when it was made",
    ),
    "mute": (
        (
            "{hook}class S:\n    def __init__(self, context): pass\n    def frame(self, frame): pass\n"
            "{renderer:S, protocol=2, draws='lines'}"
        ),
        "its sink S has no call write; derive it from headway.sink.ProgressSink",
        "{file}, line 3",
    ),
    "awaited": (
        (
            "{hook}class S(ProgressSink):\n    def __init__(self, context): pass\n    async def frame(self, frame): pass\n"
            "{renderer:S, protocol=2, draws='lines'}"
        ),
        "the call frame of its sink S is async",
        "{file}, line 3",
    ),
    "failing": (
        (
            "{hook}class S(PerBar):\n    def __init__(self, context): pass\n    def open(self, snapshot): 1 / 0\n"
            "{renderer:S, protocol=2, draws='lines'}"
        ),
        "raised ZeroDivisionError: division by zero",
        "{file}, line 4",
    ),
    "picky": (
        (
            "{hook}class S(PerBar):\n    def __init__(self, context): pass\n"
            "{renderer:S, protocol=2, draws='lines', look={{'c': lambda v: {{'red': 1}}[v]}}}"
        ),
        "raised KeyError: 'blue' when it read its option 'c'",
        "{file}, line 5",
    ),
}
OPTIONS = {"picky": "?c=blue"}


def module(text: str) -> str:
    """Fill in the lines that each plugin needs."""
    head = "from headway.hookspecs import hookimpl; from headway.sink import PerBar, ProgressSink, Renderer\n"
    text = re.sub(
        r"\{renderer:(.*)\}$",
        lambda found: f"@hookimpl\ndef headway_renderer(): return Renderer({found.group(1)})",
        text,
    )
    return text.replace("{hook}", head).replace("{{", "{").replace("}}", "}")
