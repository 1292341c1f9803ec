#!/bin/sh
# torch 2.13.0, CPython 3.11
#
# Guess:     If torchrun is started at a terminal, its ranks belong to the foreground job there: Ctrl-C reaches them
#            directly, and a rank that asks at /dev/tty, as getpass does, finds the terminal that its stderr leads to.
# Behaviour: Each rank is in a session of its own. Its stderr is a terminal, but it has no controlling terminal: /dev/tty
#            cannot be opened, and the foreground group of its stderr cannot be asked for. Ctrl-C reaches the agent alone.
# Output:    2 sessions of 2 ranks, none is the agent's
#            stderr is a terminal: True
#            /dev/tty: ENXIO
#            foreground group: ENOTTY
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q torch==2.13.0 numpy
cat > "$folder/rank.py" <<'EOF'
import errno
import json
import os
import sys


def answer(call):
    try:
        call()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "there"


said = {
    "session": os.getsid(0),
    "agent": os.getsid(os.getppid()),
    "terminal": os.isatty(2),
    "tty": answer(lambda: os.close(os.open("/dev/tty", os.O_RDWR))),
    "foreground": answer(lambda: os.tcgetpgrp(2)),
}
with open(f"{sys.argv[1]}/rank-{os.environ['RANK']}.json", "w") as file:
    json.dump(said, file)
EOF
cat > "$folder/run.py" <<'EOF'
import json
import os
import pty
import sys

folder = sys.argv[1]
command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
pty.spawn([*command, f"{folder}/rank.py", folder], lambda descriptor: os.read(descriptor, 1024))
ranks = [json.load(open(f"{folder}/rank-{rank}.json")) for rank in range(2)]
sessions = {rank["session"] for rank in ranks}
agents = "none is the agent's" if not sessions & {rank["agent"] for rank in ranks} else "the agent's among them"
with open(f"{folder}/out", "w") as out:
    print(f"{len(sessions)} sessions of 2 ranks, {agents}", file=out)
    print("stderr is a terminal:", all(rank["terminal"] for rank in ranks), file=out)
    print("/dev/tty:", *{rank["tty"] for rank in ranks}, file=out)
    print("foreground group:", *{rank["foreground"] for rank in ranks}, file=out)
EOF
"$folder/venv/bin/python" "$folder/run.py" "$folder" < /dev/null > /dev/null 2>&1
cat "$folder/out"
[ "$(cat "$folder/out")" = "2 sessions of 2 ranks, none is the agent's
stderr is a terminal: True
/dev/tty: ENXIO
foreground group: ENOTTY" ]
