"""The choice of the sinks that show a bar: the sources in their order, and detection.

A mistake in the environment or in a file warns once, and gives way to detection, not to the next source.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Callable, Mapping, Sequence

from headway.choosing.configuration import Configured, configured_backend
from headway.choosing.discovery import BUILT_IN, OFF, for_notebooks, installed, load, origin, tell_rivals
from headway.choosing.inspection import DRAWS, complaint, line_of_error
from headway.choosing.wishes import NOTHING, Wish, bequeathed, is_file, parse, wishes_of
from headway.errors import BackendClashError, BackendLoadError, BackendOptionError, UnknownBackendError
from headway.format import clean, coloured, disproportionate, in_words, prying, secret
from headway.host import environment, notebook
from headway.host.faults import tell, warn_once
from headway.notation import Any, NamedTuple, TextIO
from headway.sink import Draws, Renderer

__all__ = [
    "Choice",
    "Decision",
    "check",
    "choice_of",
    "decide",
    "detect",
    "read_options",
    "shown",
]

PREFERENCE = ("tqdm", "progressbar2", "alive")
"""The terminal renderers for libraries, in the order that detection looks for them; the core's own rows come last."""


class Choice(NamedTuple):
    """A backend that will show a bar, loaded, with its options read, and the layout that was asked for, if any."""

    name: str
    renderer: Renderer
    options: Mapping[str, Any] = NOTHING
    layout: Any = None
    """A `headway.layout.Layout`, or `None` for the default one; nothing here looks into it."""
    origin: str = ""
    """The distribution that brings it; empty if it is headway's own or comes from the program."""
    scope: object = None
    """The `headway.use` block that has chosen it, if any."""

    @property
    def title(self) -> str:
        """The backend's name for messages."""
        return f"{self.name!r}{f' of the distribution {self.origin!r}' if self.origin else ''}"

    @property
    def sink_options(self) -> Mapping[str, Any]:
        """The options that the sink is made with."""
        return {name: value for name, value in self.options.items() if name in self.renderer.options}

    @property
    def look(self) -> Mapping[str, Any]:
        """The options of the bar."""
        others = {*self.renderer.options, *(() if "interval" in self.renderer.look else ("interval",))}
        return {name: value for name, value in self.options.items() if name not in others} or NOTHING

    def key(self, file: object) -> tuple[object, ...]:
        """Tell sinks apart: bars with the same key have the same sink, as long as the stream lives."""
        options = sorted(f"{name}={value!r}" for name, value in self.sink_options.items()) if self.options else ()
        given = self.source is not self.renderer.make
        place = 0 if given or self.draws == "nothing" else id(file)
        return self.name, id(self.source), self.scope, place, self.settled.interval, *options

    @property
    def source(self) -> object:
        """The sink, if code has given one, else what makes the sinks: it tells renderers of the same name apart."""
        sink = getattr(self.renderer.make, "sink", None)
        return self.renderer.make if sink is None else sink

    @property
    def draws(self) -> Draws:
        """The place that its sink draws on."""
        draws = self.renderer.draws
        return draws(self.sink_options) if callable(draws) else draws

    @property
    def shows_each(self) -> bool:
        """Whether its sink asks for each value of a metric that the bar reports."""
        if self.renderer.points or self.renderer.every is None:
            return self.renderer.points
        try:
            return bool(self.renderer.every(self.look, self.layout))
        except Exception as error:  # the plugin's fault, which is not to reach the program
            what = f"The backend {self.title} raised {type(error).__name__} where it was asked for the values it shows"
            tell(what, f"{what}; it is told those of pictures only: {in_words(error)}")
            return False

    def fits(self, stream: object) -> bool:
        """Tell whether its sink can draw on a stream."""
        return self.draws != "rows" or environment.is_terminal(stream)

    @property
    def settled(self) -> Renderer:
        """The renderer, with the interval that was asked for and the place that the options make it draw on."""
        interval = self.renderer.interval
        if "interval" in self.options and not {"interval"} & {*self.renderer.options, *self.renderer.look}:
            interval = self.options["interval"]
        if interval == self.renderer.interval and not callable(self.renderer.draws):
            return self.renderer
        return self.renderer._replace(interval=interval, draws=self.draws)


class Decision(NamedTuple):
    """What shows a bar, who decided it, and why."""

    choices: tuple[Choice, ...]
    source: str
    reason: str


def decide(file: TextIO, *, used: tuple[Wish, ...] = (), argument: Any = None) -> Decision:
    """Choose the sinks for one bar: the closest to the run wins.

    Args:
        file: The stream that the bar is for.
        used: What `headway.use()` set.
        argument: What the code that made the bar asks for.

    Raises:
        UnknownBackendError: The argument names no backend. The same mistake in the environment or a file only warns.
        BackendOptionError: The argument or `use()` has an option that the backend does not have.
    """
    asked = environment.variable("HEADWAY_BACKEND").strip()
    if asked:
        return _heed(asked, "the environment variable HEADWAY_BACKEND", file)
    if used:
        return _take(used, "headway.use()", file)
    if given := bequeathed():
        return _heed(given, "headway.use() in the process that started this one", file)
    if argument is not None:
        return _take(wishes_of(argument), "the argument backend=", file)
    configured = configured_backend()
    if configured is not None:
        return _heed(configured.value, configured.path, file, configured)
    return detect(file)


def shown(*, used: tuple[Wish, ...] = (), argument: Any = None) -> bool:
    """Tell whether anything is to be shown, whatever it is shown by: what a process needs that reports to another.

    Raises:
        UnknownBackendError: The argument names no backend.
        BackendOptionError: The argument has an option that the backend does not have.
    """
    asked = environment.variable("HEADWAY_BACKEND").strip() or ("" if used else bequeathed())
    configured = None if asked or used or argument is not None else configured_backend()
    text = asked or (configured.value if configured is not None else "")
    if text:
        return any(part.strip() and part.strip() != OFF for part in text.split(",")) or not text.strip(" ,")
    if not used and argument is not None:
        used = wishes_of(argument)
        check(used)
    return any(wish.name != OFF for wish in used) if used else not environment.in_test(sys.stderr)


def check(wishes: tuple[Wish, ...]) -> None:
    """Raise now what is wrong with wishes that will be followed later; a broken plugin is told when it is.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendOptionError: The backend does not have such an option.
        BackendClashError: Two of them cannot draw on one terminal.
    """
    choices = []
    for wish in wishes:
        with contextlib.suppress(BackendLoadError):
            if wish.name != OFF:
                choices.append(choice_of(wish))
    if clash := _clash(tuple(choices)):
        raise BackendClashError(clash)


def detect(file: TextIO) -> Decision:
    """Choose by what is there: a live bar in a terminal, a cell in a notebook, nothing in a test, else plain lines."""
    if environment.in_test(file):
        return Decision((), "detection", "a test of pytest writes there")
    if not environment.is_terminal(file):
        in_cell = notebook.in_notebook() and file in (sys.stdout, sys.stderr)
        name, place = ("notebook", "a notebook") if in_cell else ("plain", "no terminal")
        found = _first_of(for_notebooks(), place) if in_cell else None
        return found or Decision((_loaded(name),), "detection", f"the output goes to {place}")
    if agent := environment.agent():
        return Decision((_loaded("plain"),), "detection", f"an agent reads the terminal: {agent} is set")
    found = _first_of([name for name in PREFERENCE if name in installed()], "a terminal")
    if found is not None:
        return found
    if environment.variable("TERM") == "dumb":
        return Decision((_loaded("plain"),), "detection", "a terminal that moves no cursor")
    return Decision((_loaded("rows"),), "detection", "a terminal, and no renderer for a library is installed")


def _first_of(found: Sequence[str], place: str) -> Decision | None:
    for choice in map(_if_whole, found):
        if choice is not None:
            return Decision((choice,), "detection", f"{place}, and {choice.name} is installed")
    return None


def _if_whole(name: str) -> Choice | None:
    try:
        return _loaded(name)
    except BackendLoadError as error:
        warn_once(str(error))
        return None


def _take(wishes: tuple[Wish, ...], source: str, file: TextIO) -> Decision:
    """Follow what code asks for: mistakes raise, but a broken plugin gives way to detection."""
    try:
        choices = tuple(choice_of(wish) for wish in wishes if wish.name != OFF)
    except BackendLoadError as error:
        return _fall_back(error, source, file)
    if clash := _clash(choices):
        raise BackendClashError(clash)
    return Decision(choices, source, f"{source} asks for it")


def _clash(choices: tuple[Choice, ...]) -> str:
    """Say which backends cannot draw on one terminal together, if any: rows bear nothing else beside them."""
    if len(choices) < 2:
        return ""
    drawing = [choice for choice in choices if choice.draws in ("rows", "lines")]
    if len(drawing) < 2 or all(choice.draws == "lines" for choice in drawing):
        return ""
    first, *others = (repr(choice.name) for choice in drawing)
    return f"The progress backends {first} and {' and '.join(others)} cannot draw on one terminal; ask for one of them."


def _heed(text: str, source: str, file: TextIO, configured: Configured | None = None) -> Decision:
    """Follow the words of a person outside the code: a mistake in them warns, drops them all, and detection decides.

    Of several that cannot draw on one terminal the first one is taken.

    Args:
        text: The words.
        source: The place where they were found.
        file: The stream that the bar is for.
        configured: The setting that they are, if a file has them.
    """
    try:
        wishes = parse(text) if configured is None else _parse_names(text)
        if configured is not None and configured.by_project:
            _check_looks(wishes)
        try:
            return _take(wishes, source, file)
        except BackendClashError as error:
            return _first(wishes, error, source)
    except (UnknownBackendError, BackendOptionError, ValueError) as error:
        return _fall_back(error, source, file)


def _parse_names(text: str) -> tuple[Wish, ...]:
    wishes = parse(text)
    if any(is_file(wish.name) for wish in wishes):
        raise ValueError(f"A configuration file cannot name a file of code, as {text!r:.80} does.")
    return wishes


def _check_looks(wishes: tuple[Wish, ...]) -> None:
    """Refuse what a project may not choose, before anything is made of it: the places that a sink writes to."""
    for wish in wishes:
        if not wish.query or wish.name == OFF:
            continue
        with contextlib.suppress(BackendLoadError):  # told when it is to be used
            renderer = _loaded(wish.name).renderer
            places = {*renderer.options} - {"interval", *renderer.look, *renderer.cosmetic}
            closed = [option for option in wish.query if option in places]
            if closed:
                raise BackendOptionError(
                    f"A project's pyproject.toml cannot give the option {closed[0]!r} of the progress backend "
                    f"{wish.name!r}: it is no look, and may say where files are written. Give it in HEADWAY_BACKEND, "
                    f"in code, or in your own headway/config.toml."
                )


def _first(wishes: tuple[Wish, ...], error: BackendClashError, source: str) -> Decision:
    choices = [choice_of(wish) for wish in wishes if wish.name != OFF]
    first = next(choice for choice in choices if choice.draws in ("rows", "lines"))
    warn_once(f"{error} (asked for by {source}; using {first.name} of them)")
    kept = tuple(choice for choice in choices if choice is first or choice.draws not in ("rows", "lines"))
    return Decision(kept, source, f"{source} asks for it")


def _fall_back(error: Exception, source: str, file: TextIO) -> Decision:
    decision = detect(file)
    instead = ", ".join(choice.name for choice in decision.choices) or OFF
    warn_once(f"{error} (asked for by {source}; using {instead} instead)")
    return Decision(decision.choices, "detection", f"what {source} asks for cannot be used, and {decision.reason}")


def choice_of(wish: Wish) -> Choice:
    """Load the backend of a wish, and read its options.

    Raises:
        UnknownBackendError: Nothing installed has that name.
        BackendOptionError: The backend has no such option, or not with that value.
        BackendLoadError: The plugin is there but fails.
    """
    choice = _loaded(wish.name) if wish.renderer is None else Choice(wish.name, wish.renderer)
    if wish.query or wish.values or wish.scope is not None:
        choice = choice._replace(options=read_options(choice, wish.query, wish.values), scope=wish.scope)
    try:
        draws = choice.draws
    except Exception as error:  # a function of the plugin's
        raise BackendLoadError(f"{choice.title} {complaint(error)}.") from error
    if draws not in DRAWS:
        raise BackendLoadError(f"{choice.title} draws on {draws!r:.40}; expected one of {', '.join(map(repr, DRAWS))}.")
    return choice


def _loaded(name: str) -> Choice:
    if is_file(name):
        from headway.choosing.given import of_file  # few programs name a file

        return Choice(name, of_file(os.path.abspath(os.path.expanduser(name))))
    return _of_plugin(name)


@functools.lru_cache
def _of_plugin(name: str) -> Choice:
    """Ask a plugin for its renderer, once unless it fails."""
    if name not in BUILT_IN:  # those cannot be taken, and looking for who tries costs an import
        tell_rivals(name)
    return Choice(name, load(name), origin=origin(name))


def read_options(choice: Choice, query: Mapping[str, str], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Read and check options, from a query and from code.

    Raises:
        BackendOptionError: The backend has no such option, or cannot read its value.
    """
    read = {}
    readers = {"interval": _seconds, **choice.renderer.options, **choice.renderer.look}
    for option, value in {**values, **query}.items():
        if option not in readers:
            raise BackendOptionError(
                f"The progress backend {choice.name!r} has no option {option!r}. It has: {', '.join(sorted(readers))}."
            )
        try:
            safe = (
                _cleaned(value, clean if option in query else coloured) if _is_seen(choice.renderer, option) else value
            )
            read[option] = readers[option](safe)
        except (ValueError, TypeError) as error:
            told = "what was given" if secret(option) else f"{value!r}: {error}"
            what = f"The option {option!r} of the progress backend {choice.name!r}"
            wrong = BackendOptionError(f"{what} cannot be {told}")
            raise wrong from (error if str(wrong).endswith(f": {error}") else None)  # not if it would tell a secret
        except (Exception, SystemExit) as error:  # a mistake in the plugin, not in the value
            raise BackendLoadError(
                f"The progress backend {choice.title} raised {in_words(error)} when it read its option {option!r} "
                f"({line_of_error(error)})."
            ) from error
    return read


def _is_seen(renderer: Renderer, option: str) -> bool:
    """Tell whether a text that an option gets may be drawn; that of a sink which draws nothing may be a path."""
    return option not in renderer.options or option in renderer.cosmetic or renderer.draws in ("rows", "cell", "lines")


def _cleaned(value: Any, make_safe: Callable[[str], str]) -> Any:
    """Make the texts of an option safe for a row, as all texts are; those of code may have colours.

    Raises:
        ValueError: A template asks for a text out of proportion.
    """
    if type(value) in (list, tuple):
        return type(value)([_cleaned(each, make_safe) for each in value])
    if not isinstance(value, str):
        return value
    text = make_safe(value)
    if disproportionate(text) or prying(text):
        raise ValueError("expected a template for less than a thousand columns, without private attributes")
    return text


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds < float("inf"):
        raise ValueError("expected a number of seconds that is not negative")
    return seconds
