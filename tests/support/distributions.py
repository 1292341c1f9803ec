"""Distributions of plugins in a folder, as pip leaves them, and programs that have them installed."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

REQUIRES = "Requires-Dist: no-such-dist>=2\nRequires-Dist: pluggy\nRequires-Dist: other; extra == 'x'\n"


def distribution(folder: Path, dist: str, entry: tuple[str, str], text: str, *, requires: str = REQUIRES) -> None:
    """Install a distribution with one module, named like it, and an entry point of a group and a name."""
    module, (group, name) = dist.replace("-", "_"), entry
    (folder / f"{module}.py").write_text(textwrap.dedent(text))
    info = folder / f"{module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n{requires}")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")


def run(folder: Path, *arguments: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run Python with the plugins installed."""
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    environ = {**os.environ, "PYTHONPATH": path, "HEADWAY_RELAY": f"not:{os.getpid()}", **env}
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)
