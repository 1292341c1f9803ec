"""Bars of a process that are shown as that process would show them."""

from headway.choosing.selection import choice_of
from headway.choosing.wishes import Wish
from headway.processes.own import OwnBars, told
from headway.processes.own_bar import OwnBar
from headway.processes.wire import Decoder, Look, Report, report
from headway.snapshot import Snapshot, State
from headway.text.layout import of


class Shown:
    """Rows as they are shown."""

    drawing = True

    def __init__(self) -> None:
        self.open: list[tuple[OwnBar, Look | None]] = []
        self.last: list[Snapshot] = []
        self._ids = 100

    def show(self, bar: OwnBar, look: Look | None = None) -> None:
        """Open a row."""
        self.open.append((bar, look))

    def finish(self, snapshot: Snapshot) -> None:
        """Close a row."""
        self.last.append(snapshot)

    def new_id(self) -> int:
        """Count."""
        self._ids += 1
        return self._ids


class Worker:
    """Somebody who reports."""

    number, pid, rank, own, label = 1, 7, None, True, "process 7"


def test_each_bar_has_its_row() -> None:
    """Bars alike are not added up, an inner one is inside of its outer one, and all that changes is shown."""
    shown = Shown()
    bars = OwnBars(shown)  # type: ignore[arg-type]
    outer, inner, beside = Snapshot(1, desc="a"), Snapshot(2, 1, desc="b", depth=1), Snapshot(3, desc="a")
    for snapshot in (outer, inner, beside):
        bars.take(Worker(), Report("open", snapshot, ""))
    bars.take(Worker(), Report("update", beside._replace(n=5, desc="other"), ""))

    assert [bar.snapshot().id for bar, _ in shown.open] == [101, 102, 103]
    assert shown.open[1][0].snapshot().parent == 101
    assert shown.open[2][0].snapshot() == beside._replace(id=103, n=5, desc="other")
    bars.take(Worker(), Report("close", inner._replace(state="failed", reason="no luck"), ""))
    assert shown.last == [inner._replace(id=102, parent=101, state="failed", reason="no luck")]


def test_what_a_lost_process_has_open_has_failed() -> None:
    """Its bars end, the inner ones first, and say which process is lost; the end of all is that of what is left."""
    shown = Shown()
    bars = OwnBars(shown)  # type: ignore[arg-type]
    for snapshot in (Snapshot(1), Snapshot(2, 1)):
        bars.take(Worker(), Report("open", snapshot, ""))
    bars.lose(Worker())
    state: State = "interrupted"
    bars.end_all(state)

    assert [(last.id, last.state, last.reason) for last in shown.last] == [
        (102, "failed", "lost process 7"),
        (101, "failed", "lost process 7"),
    ]


def test_the_look_travels_as_text() -> None:
    """The backend, options that are texts and numbers, and widgets that are names or a template come through."""
    layout = of("{desc} {count}", lambda _widget: False)
    choice = choice_of(Wish("rows", values={"width": 5, "ascii": True}))._replace(layout=layout)
    (event,) = Decoder().feed(report("open", Snapshot(1), look=told(choice)))
    listed = of(["desc", "count"], lambda _widget: False)
    own = of(["desc", lambda s: s.desc], lambda _widget: False)

    assert isinstance(event, Report)
    assert event.look == Look("rows", {"width": 5, "ascii": True}, "{desc} {count}")
    assert told(choice._replace(layout=listed)).widgets == ["desc", "count"]
    assert told(choice._replace(layout=own)).widgets is None
