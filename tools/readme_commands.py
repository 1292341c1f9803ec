"""Print the README's commands for a fresh clone, one a line: the run, then the tests."""

import re
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


def commands(text: str) -> list[str]:
    """Return what stands in the README's first `sh` block, a command a line, comments left out."""
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    if block is None:
        raise SystemExit("README.md has no block of commands.")
    return [line for line in block[1].splitlines() if line and not line.startswith("#")]


if __name__ == "__main__":
    print("\n".join(commands(README.read_text(encoding="utf-8"))))
