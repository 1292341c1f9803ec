"""Widgets in their order: what a row has, read from a list of widgets or from a template.

`DEFAULT` is the layout of a bar that asks for none, if its renderer has no row of its own; `row.py` makes it fit.
"""

from __future__ import annotations

import functools

# The parser of `string.Formatter`; `string` itself also compiles the expression of its `Template`.
from _string import formatter_parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from headway import format as fmt
from headway.choosing.discovery import load_widget, widget_names
from headway.errors import UnknownWidgetError
from headway.format import shown
from headway.host.faults import warn_once
from headway.notation import TYPE_CHECKING, Any
from headway.text import widgets
from headway.text.fitting import EDGES, Fitting
from headway.text.row import AS_IT_IS, Field, Group, Row, Words, fields, foremost

if TYPE_CHECKING:
    from headway.snapshot import Snapshot

__all__ = ["DEFAULT", "Layout", "Words", "fit", "of", "of_library"]

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
        part: Whether it is a part of a row, another part of which tells how the bar ended.
    """

    def __init__(self, row: Group, native: Any = None, *, part: bool = False) -> None:
        names = {field.name for field in fields(row) if field.built_in}
        if sum(field.widget is None for field in fields(row)) > 1:
            raise ValueError("A row has one bar at most.")
        if not part and not names & {"state", "title"}:  # how it ended must be said
            row = Group((*row.items, _field("state").behind(" ")), row.opening, row.closing)
        self.native = native
        self.asked: str | list[str] | None = None
        """The template or the names that it was read from, if it is all text, so that another process can read it."""
        self.fields: tuple[Field, ...] = tuple(fields(row))
        self._row = row
        self._apart = frozenset(names)

    def fit(
        self,
        s: Snapshot,
        columns: int,
        bar: int | None = None,
        edges: int = EDGES,
        widest: dict[str, int] | None = None,
    ) -> Row:
        """Make a row of at most so many columns.

        Too narrow a place takes away, one after the other and only as far as needed: free texts (the notes, then the
        label down to a third of the row, or to a fifth if a metric can stay by that), widgets with a priority below
        that of the phase from the lowest on (and of equal ones the last first), the bar down to `NARROWEST`, the phase,
        the label down to `LABEL`, the bar altogether, the reason of an end, the rest of the label, and all but the word
        for how the work ended. Numbers that are wider than usual take it from the bar first.

        Args:
            s: The snapshot.
            columns: Columns of the place.
            bar: Columns of a bar whose width is fixed; by default it gives way.
            edges: Columns that the renderer puts around its bar, in addition to the blanks of the layout.
            widest: Columns of widgets at their widest so far, by name, which is kept up to date. With the same one for
                all frames of a bar, none comes and goes with the digits of a frame.
        """
        fewer = s if len(s.metrics) <= columns else foremost(s, columns, self._apart)
        found = {field: field.cells(fewer if field.built_in else s, self._apart) for field in self.fields}
        bar = bar if "bar" in self._apart else 0
        return Fitting(self._row, found, columns, bar, widgets.spinner(s), edges=edges, widest=widest).row()

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
    layout = _of_list(asked, native, backend)
    if layout is not DEFAULT and all(isinstance(item, str) for item in asked):
        layout.asked = list(asked)
    return layout


def _of_list(asked: Any, native: Callable[[Any], bool], backend: str) -> Layout:
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
    if fmt.disproportionate(template):
        raise ValueError(f"The template {template!r} asks for a row of a thousand columns and more.")
    try:
        return _parsed(template)
    except ValueError as error:
        safe = fmt.coloured(template)
        if not fmt.prying(safe) and native(safe):
            layout = Layout(Group(()), native=safe)
            layout.asked = template
            return layout
        if not isinstance(error, UnknownWidgetError):
            raise
        warn_once(f"{error} The template is left out under {backend!r}: if it is not another renderer's, mend it.")
        return DEFAULT


@functools.lru_cache
def _parsed(template: str) -> Layout:
    layout = of_library(template, {})
    layout.asked = template
    return layout


def of_library(template: str, words: Mapping[str, Words], *, part: bool = False) -> Layout:
    """Read the row of a library: a template, some of whose widgets are written in the library's way.

    Args:
        template: The row, such as `{title} {bar} {count} {elapsed}`.
        words: The library's way to write a widget, by its name. A name that is no widget of headway's has a text.
        part: Whether it is a part of a row, another part of which tells how the bar ended.

    Raises:
        UnknownWidgetError: There is no widget of a name in the template.
        ValueError: The template cannot be read, or names no widget.
    """
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
            builder.field(_field(name, spec or "", words.get(name, AS_IT_IS)))
    return Layout(builder.row(), part=part)


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


def _field(name: str, spec: str = "", words: Words = AS_IT_IS) -> Field:
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
        after = ":" if name == "title" else ""
        return Field(name, widget, built_in=True, priority=priority, spec=spec, after=after, words=words)
    if words.text is not None:
        return Field(name, words.text, spec=spec, words=words)
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
    """Leave a renderer's own widget as it is, clean a text, and give the others their place."""
    if isinstance(item, str):
        return _field(item) if _names_widget(item) else fmt.coloured(item)
    return _own(item) if _is_neutral(item) else item


DEFAULT = _parsed("{title} {percentage:>4} {bar} {count} [{elapsed}<{eta}, {rate}] {workers} {metrics} {notes}")


def fit(s: Snapshot, columns: int, bar: int | None = None) -> Row:
    """Make the row of a snapshot in the layout that was asked for, in at most so many columns; see `Layout.fit`."""
    return (s.layout or DEFAULT).fit(s, columns, bar)
