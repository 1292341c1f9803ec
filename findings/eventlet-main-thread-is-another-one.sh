#!/bin/sh
# eventlet 0.41.3, gevent 26.9.0, CPython 3.11
#
# Guess:     After monkey_patch() the main thread is still threading.main_thread(): the check by which libraries find out
#            whether they may install a signal handler.
# Behaviour: Under eventlet it is not: current_thread() is another object, and get_ident() another number, though
#            signal.signal() works there. gevent gives the main thread the new number.
# Output:    gevent: is main_thread() True, get_ident() is that of main_thread() True, signal() works True
#            eventlet: is main_thread() False, get_ident() is that of main_thread() False, signal() works True
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q eventlet==0.41.3 gevent==26.9.0
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
import signal
import threading

main = threading.main_thread()
try:
    works = signal.signal(signal.SIGUSR1, signal.SIG_IGN) == signal.SIG_DFL
except ValueError:
    works = False
print(
    f"{library}: is main_thread() {threading.current_thread() is main}, "
    f"get_ident() is that of main_thread() {threading.get_ident() == main.ident}, signal() works {works}"
)
EOF
done
cat "$folder/out"
[ "$(cat "$folder/out")" = "gevent: is main_thread() True, get_ident() is that of main_thread() True, signal() works True
eventlet: is main_thread() False, get_ident() is that of main_thread() False, signal() works True" ]
