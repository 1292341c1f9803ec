"""Widgets in their order: what a row has, read from a list of widgets or from a template.

`DEFAULT` is the layout of every bar that asks for none; `row.py` makes it fit.
"""

from __future__ import annotations

import functools

# The parser of `string.Formatter`; `string` itself also compiles the expression of its `Template`.
from _string import formatter_parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from headway import format as fmt
from headway.choosing.discovery import load_widget, widget_names
from headway.errors import UnknownWidgetError
from headway.format import shown
from headway.host.faults import warn_once
from headway.notation import TYPE_CHECKING, Any
from headway.text import widgets
from headway.text.row import Field, Fitting, Group, Row, fields

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["DEFAULT", "Layout", "fit", "of"]

Widgets = str | Sequence[str | widgets.Widget | Any]
"""A layout as code writes it: a template, or a list of names, functions and widgets of the library that draws."""

WIDEST = 1000
"""Columns that a widget may ask for."""
_BRACKETS = {"[": "]", "(": ")"}


class Layout:
    """Widgets in their order.

    Args:
        row: The fields.
        native: For the renderer that it belongs to: the list, with its own widgets in it, or its own template.
    """

    def __init__(self, row: Group, native: Any = None) -> None:
        names = {field.name for field in fields(row) if field.built_in}
        if sum(field.widget is None for field in fields(row)) > 1:
            raise ValueError("A row has one bar at most.")
        if not names & {"state", "title"}:  # how it ended must be said
            row = Group((*row.items, _field("state").behind(" ")), row.opening, row.closing)
        self.native = native
        self.fields: tuple[Field, ...] = tuple(fields(row))
        self._row = row
        self._apart = frozenset(names)

    def fit(self, s: Snapshot, columns: int, bar: int | None = None) -> Row:
        """Make a row of at most so many columns.

        Too narrow a place takes away, one after the other and only as far as needed: free texts (the notes, then the
        label down to a third of the row), widgets with a priority below `widgets.FIRM` from the lowest on (and of equal
        ones the last first), the label down to `LABEL`, the bar down to `NARROWEST` and then altogether, the rest of
        the label, and all but the word for how the work ended.

        Args:
            s: The snapshot.
            columns: Columns of the place.
            bar: Columns of a bar whose width is fixed; by default it gives way.
        """
        fewer = s if len(s.metrics) <= columns else self._without_last(s, columns)
        found = {field: field.cells(fewer if field.built_in else s, self._apart) for field in self.fields}
        return Fitting(self._row, found, columns, bar if "bar" in self._apart else 0, widgets.spinner(s)).row()

    def _without_last(self, s: Snapshot, most: int) -> Snapshot:
        """Leave out metrics that cannot have a place, each of which takes a column at least: the last to be shown."""
        ranks = {reading.priority for reading in s.metrics.values()}
        names = s.metrics if len(ranks) == 1 else sorted(s.metrics, key=lambda name: -s.metrics[name].priority)
        foremost = {*islice(names, most)}
        named = {name.partition(".")[2] for name in self._apart if name.startswith(("metric.", "sparkline."))}
        kept = {name: s.metrics[name] for name in s.metrics if name in foremost or name in named}
        return s._replace(metrics=kept)

    def has(self, name: str) -> bool:
        """Tell whether a widget of that name is in it, `bar` included."""
        return name in self._apart

    def beyond(self, s: Snapshot, said: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield name and text of each widget that is not among those that have been said otherwise."""
        for field in self.fields:
            if field.widget is not None and not (field.built_in and field.name in said):
                text = field.joined(field.cells(s, self._apart)).strip()
                if text:
                    yield field.name, text


# ── reading what was asked for ───────────────────────────────────────────────────────────────────────────────────────


def of(asked: Any, native: Callable[[Any], bool], backend: str = "") -> Layout:
    """Read a list of widgets, or a template.

    Args:
        asked: Names, functions of the snapshot and texts in a list, or a template such as `{desc} {percentage} {bar}`.
        native: Tells what belongs to the renderer that will draw.
        backend: The name of that renderer, for messages.

    Raises:
        TypeError: It is neither, or something in the list cannot be a widget.
        UnknownWidgetError: There is no widget of a name in it.
        ValueError: The template cannot be read, or names no widget.
    """
    if isinstance(asked, str):
        return _of_template(asked, native, backend)
    if not isinstance(asked, list | tuple) or not asked:
        raise TypeError(
            f"widgets must be a list of widgets or a template such as '{{desc}} {{bar}}', not {shown(asked)}."
        )
    foreign = [item for item in asked if not _is_neutral(item)]
    own = [item for item in foreign if native(item)]
    if own:
        return Layout(Group(()), native=[_natively(item) for item in asked if item in own or item not in foreign])
    if foreign:
        names = ", ".join(map(_name, foreign))
        warn_once(f"widgets= holds another renderer's widgets; they are left out under {backend!r}: {names}.")
    neutral = [item for item in asked if item not in foreign]
    if not any(not isinstance(item, str) or _names_widget(item) for item in neutral):
        return DEFAULT
    return Layout(Group(tuple(_listed(neutral))))


def _of_template(template: str, native: Callable[[Any], bool], backend: str) -> Layout:
    try:
        return _parsed(template)
    except ValueError as error:
        if native(template):
            return Layout(Group(()), native=template)
        if not isinstance(error, UnknownWidgetError):
            raise
        warn_once(f"{error} The template is left out under {backend!r}: if it is not another renderer's, mend it.")
        return DEFAULT


@functools.lru_cache
def _parsed(template: str) -> Layout:
    try:
        parts = list(formatter_parser(template))
    except ValueError as error:
        raise ValueError(f"The template {template!r} cannot be read: {error}. Write a brace as text twice.") from None
    if all(name is None for _, name, _, _ in parts):
        raise ValueError(f"The template {template!r} names no widget; expected one such as '{{desc}} {{bar}} {{eta}}'.")
    grouped = _balanced("".join(literal for literal, *_ in parts))
    builder = _Builder(grouped=grouped)
    for literal, name, spec, conversion in parts:
        if conversion:
            raise ValueError(f"The template {template!r} has a conversion, '!{conversion}': widgets give text already.")
        builder.text(fmt.clean(literal))
        if name is not None:
            builder.field(_field(name, spec=spec or ""))
    return Layout(builder.row())


def _balanced(text: str) -> bool:
    open_ones: list[str] = []
    for char in text:
        if char in _BRACKETS:
            open_ones.append(_BRACKETS[char])
        elif char in _BRACKETS.values() and (not open_ones or open_ones.pop() != char):
            return False
    return not open_ones


class _Builder:
    """Collects fields and texts into groups by their brackets."""

    def __init__(self, *, grouped: bool) -> None:
        self._grouped = grouped
        self._pending = ""
        self._open: list[tuple[str, str, list[Field | Group]]] = [("", "", [])]

    def text(self, literal: str) -> None:
        for char in literal:
            if self._grouped and char in _BRACKETS:
                self._open.append((self._pending, char, []))
                self._pending = ""
            elif self._grouped and char in _BRACKETS.values():
                before, opening, items = self._open.pop()
                self._add(Group(tuple(items), opening, self._pending + char, before))
                self._pending = ""
            else:
                self._pending += char

    def field(self, field: Field) -> None:
        self._add(field.behind(self._pending))
        self._pending = ""

    def row(self) -> Group:
        return Group(tuple(self._open[0][2]), closing=self._pending)

    def _add(self, item: Field | Group) -> None:
        self._open[-1][2].append(item)


def _listed(items: list[Any]) -> Iterator[Field | Group]:
    """Join the widgets of a list: by the texts between them, by a blank where there is none."""
    before: str | None = ""
    for item in items:
        if isinstance(item, str) and not _names_widget(item):
            before = (before or "") + fmt.clean(item)
            continue
        yield (_field(item) if isinstance(item, str) else _own(item)).behind(" " if before is None else before)
        before = None


def _is_neutral(item: Any) -> bool:
    """Tell a name, a text and a function of one argument from what only some renderer can know."""
    if isinstance(item, str):
        return True
    if not callable(item) or _is_richs(item):
        return False
    import inspect  # heavy: only for functions in `widgets=`

    try:
        inspect.signature(item).bind(None)
    except TypeError:
        return False
    except ValueError:  # a callable without a signature, written in C
        return True
    return True


def _is_richs(item: Any) -> bool:
    """Tell a column of rich's: it takes one argument as a widget does, but that is a task of rich's."""
    return any(cls.__module__ == "rich.progress" for cls in type(item).__mro__)


def _names_widget(text: str) -> bool:
    """Tell a widget's name, which is a word (with another after a dot), from text such as `' | '`."""
    return all(part.isidentifier() for part in text.split("."))


def _field(name: str, spec: str = "") -> Field:
    if spec:
        _check_spec(name, spec)
    if name == "bar":
        return Field("bar", None, built_in=True)
    base, _, argument = name.partition(".")
    if argument and base in widgets.WITH_ARGUMENT:
        take = widgets.WITH_ARGUMENT[base]
        return Field(name, lambda s: take(s, argument), built_in=True, priority=widgets.KNOWN[base][1], spec=spec)
    if name in ("metric", "sparkline"):
        raise ValueError(f"The widget {name!r} needs the name of a metric, as in '{name}.loss'.")
    if name in widgets.KNOWN:
        widget, priority = widgets.KNOWN[name]
        return Field(name, widget, built_in=True, priority=priority, spec=spec, after=":" if name == "title" else "")
    if name in widget_names():
        return _own(load_widget(name), name, spec)
    raise UnknownWidgetError(name, {"bar", *widgets.KNOWN, *widget_names()} - {"metric", "sparkline"})


def _check_spec(name: str, spec: str) -> None:
    if name == "bar" or not spec.isprintable() or fmt.excessive(spec):
        raise ValueError(f"The widget {name!r} cannot be formatted with {spec!r}.")
    try:
        format("", spec)
    except ValueError as error:
        raise ValueError(
            f"The widget {name!r} gives a text, which cannot be formatted with {spec!r}: {error}. "
            f"Expected an alignment and a width, as in '{{{name}:>10}}'."
        ) from None


def _own(widget: Callable[[Snapshot], str], name: str = "", spec: str = "") -> Field:
    """Place a widget that is a function or an object of the user's or of a plugin's."""
    priority, width = getattr(widget, "priority", 5), getattr(widget, "width", 0)
    if not isinstance(priority, int) or not isinstance(width, int) or width < 0:
        raise TypeError(f"The widget {_name(widget)!r} must have whole numbers as priority and width.")
    priority = min(priority, widgets.ALWAYS - 1)
    return Field(name or _name(widget), widget, priority=priority, width=min(width, WIDEST), spec=spec)


def _name(widget: Any) -> str:
    name = getattr(widget, "name", None) or getattr(widget, "__name__", None) or type(widget).__name__
    return fmt.clean(str(name))


def _natively(item: Any) -> Any:
    """Leave a renderer's own widget and text as they are, and give the others their place."""
    if isinstance(item, str):
        return _field(item) if _names_widget(item) else item
    return _own(item) if _is_neutral(item) else item


DEFAULT = _parsed("{title} {percentage:>4} {bar} {count} [{elapsed}<{eta}, {rate}] {workers} {metrics} {notes}")


def fit(s: Snapshot, columns: int, bar: int | None = None) -> Row:
    """Make the row of a snapshot in the layout that was asked for, in at most so many columns; see `Layout.fit`."""
    return (s.layout or DEFAULT).fit(s, columns, bar)
