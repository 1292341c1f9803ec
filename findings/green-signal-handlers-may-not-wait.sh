#!/bin/sh
# gevent 26.9.0, eventlet 0.41.3, CPython 3.11
#
# Guess:     A signal handler may wait for a lock or an event for a moment, as it may with real threads, wherever the
#            signal comes: the loop switches to another green thread meanwhile.
# Behaviour: It may only if a green thread runs when the signal comes. If all of them sleep, the loop itself calls the
#            handler, and a wait raises: BlockingSwitchOutError under gevent, AssertionError under eventlet.
# Output:    gevent: while it runs waited, while it sleeps BlockingSwitchOutError
#            eventlet: while it runs waited, while it sleeps AssertionError
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q gevent==26.9.0 eventlet==0.41.3
for library in gevent eventlet; do
    "$folder/venv/bin/python" -W ignore - "$library" >> "$folder/out" <<'EOF'
import sys

library = sys.argv[1]
if library == "gevent":
    from gevent import monkey

    monkey.patch_all()
else:
    import eventlet

    eventlet.monkey_patch()
import os
import signal
import subprocess
import threading
import time

answers = []


def handler(_signum, _frame):
    try:
        threading.Event().wait(0.05)
        answers.append("waited")
    except BaseException as error:
        answers.append(type(error).__name__)


signal.signal(signal.SIGUSR1, handler)
os.kill(os.getpid(), signal.SIGUSR1)
while len(answers) < 1:
    time.sleep(0.01)
child = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -USR1 {os.getpid()}"])
while len(answers) < 2:
    time.sleep(2)
child.wait()
print(f"{library}: while it runs {answers[0]}, while it sleeps {answers[1]}")
EOF
done
cat "$folder/out"
[ "$(cat "$folder/out")" = "gevent: while it runs waited, while it sleeps BlockingSwitchOutError
eventlet: while it runs waited, while it sleeps AssertionError" ]
