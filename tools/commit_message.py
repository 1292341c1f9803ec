"""Checks a commit message, a subject that fits and a body that says why: `python tools/commit_message.py FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

__all__: list[str] = []

LONGEST = 72
"""Characters that a subject may have: `git log` shows so many beside the rest."""
OF_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ", "amend! ")
"""Starts of the subjects that git writes itself."""
SCISSORS = "# ------------------------ >8 ------------------------"


def faults(message: str) -> list[str]:
    """Return a sentence for each fault of a message, none if it is as it should be."""
    lines = [line.rstrip() for line in message.partition(SCISSORS)[0].splitlines() if not line.startswith("#")]
    subject, *rest = "\n".join(lines).strip().split("\n")
    if subject.startswith(OF_GIT):
        return []
    found = []
    if not subject:
        return ["The message is empty."]
    if len(subject) > LONGEST:
        found.append(f"The subject has {len(subject)} characters, {LONGEST} are the most: {subject}")
    if subject.endswith("."):
        found.append(f"The subject ends with a full stop: {subject}")
    if rest and rest[0]:
        found.append("The second line is not empty: it parts the subject from the body.")
    if not any(rest[1:]):
        found.append("There is no body: say in it why the change is made.")
    return found


def main() -> int:
    """Print the faults of the message in a file, and tell by the exit code whether there are any."""
    found = faults(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
