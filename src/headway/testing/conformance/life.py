"""Life: a sink is made once, shows one bar after the other, and has delivered all of them however the program ends."""

from __future__ import annotations

from headway.testing.conformance.checks import Checks

__all__ = ["Life"]

WAYS = {"Normal": 0, "Error": 1, "Exit": 3, "Signal": 143, "Worker": 0}
"""The status of a process by the way in which it ends."""

PROGRAM = f"""
import multiprocessing
def work(way):
    for number in range(3):
        bar = headway.get_bar(3, desc=f'{{way}}-{{number}}', leave=True)
        for step in range(3): bar.metrics(loss=0.5); bar.update()
        if number < 2: bar.close()  # the last one is left open
def leave(way):
    if way == 'Error': raise RuntimeError('out of ink')
    if way == 'Exit': sys.exit(3)
    if way == 'Signal': os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
for way in {list(WAYS)}:
    child = os.fork()
    if not child: break
    print('STATUS', way, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
if child: print('DONE', flush=True)
elif way == 'Worker':
    worker = multiprocessing.get_context('fork').Process(target=work, args=[way])
    worker.start(); worker.join()
else: work(way); leave(way)
"""


class Life(Checks):
    """Tests of the life of a sink."""

    def test_every_way_out_delivers_all_bars(self) -> None:
        """Whether by an exception, `sys.exit`, SIGTERM or in a worker: all is delivered, and the sink ends once."""
        screen = self.show(self.attended(PROGRAM), columns=max(self.columns, 100))
        for way, status in WAYS.items():
            self.check(f"STATUS {way} {status}" in screen.rows, f"the way {way} ends with status {status}", screen)
        self.check(screen.rows[-1:] == ["DONE"] and not screen.cursor_hidden, "the terminal is whole", screen)
        self.check("HeadwayWarning" not in screen.raw, "the renderer raises nothing", screen)
        self.check_lives(screen, len(WAYS))
        self.check_delivered(screen, [f"{way}-{number}" for way in WAYS for number in range(3)])

    def test_a_sink_takes_its_threads_and_files_with_it(self) -> None:
        """After `with headway.use(...)` there are no more threads and open files than before."""
        screen = self.run(
            self.attended(
                f"""
                import gc, threading
                del os.environ['HEADWAY_BACKEND']
                def count():
                    gc.collect()
                    others = [thread for thread in threading.enumerate() if not thread.name.startswith('headway')]
                    return len(others), len(os.listdir('/dev/fd'))
                counts = []
                for number in range(8):
                    with headway.use({self.backend!r}):
                        for step in headway.track(range(3), desc=f'Alpha-{{number}}'): pass
                    counts.append(count())
                # headway has files of its own for a while, fewer than there are blocks
                deadline = time.monotonic() + 2
                def grown(): return any(now > before for before, now in zip(counts[1], count()))
                while grown() and time.monotonic() < deadline: time.sleep(0.01)
                print('COUNTS', not grown(), counts)
                """
            )
        )
        even = any(row.startswith("COUNTS True") for row in screen.rows)
        self.check(even, "threads and open files, counted after each block, do not become more", screen)
        self.check_lives(screen, 8)
        self.check_delivered(screen, [f"Alpha-{number}" for number in range(8)])
