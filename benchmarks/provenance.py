"""The facts that results hold for: the commit, the processor, the versions."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

import headway

__all__ = ["cpu_model", "source", "version"]


def source() -> str:
    """The commit that is measured, and whether its sources have been changed since."""

    def git(*words: str) -> str:
        command = ["git", "-C", str(Path(headway.__file__).parent), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    try:
        top = git("rev-parse", "--show-toplevel")
        changed = git("-C", top, "status", "--porcelain", "--", "src", "plugins")
        return f"commit {git('rev-parse', '--short', 'HEAD')}{', with changes' if changed else ''}"
    except (OSError, subprocess.CalledProcessError):
        return "installed, commit not known"


def cpu_model() -> str:
    """The processor, and how many cores it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{models[0]}, {len(models)} cores" if models else platform.machine()


def version(distribution: str) -> str:
    """The version of a distribution that is installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "(not installed)"
