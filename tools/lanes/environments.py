"""The environments that lanes share: each is installed once, by whichever lane comes first."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.lanes.table import ROOT, STORE, Environment

__all__ = ["find_python", "install", "python_of"]

PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


def find_python(version: str) -> str | None:
    """Return a Python of that version (`"3.12"`; `""` is this one) that runs, or `None`."""
    if not version:
        return sys.executable
    installed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    for candidate in [shutil.which(f"python{version}"), *map(str, installed)]:
        if candidate is not None and _version(candidate) == version:
            return candidate
    return None


def _version(python: str) -> str:
    command = [python, "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def python_of(environment: Environment) -> str:
    """Return the Python of an installed environment."""
    return str(environment.folder / "bin" / "python")


def install(environment: Environment) -> None:
    """Install an environment, unless it is there as the table has it; raise `CalledProcessError` if that fails."""
    STORE.mkdir(exist_ok=True)
    with (STORE / f"{environment.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = environment.folder / "installed"
        wanted = _stamp(environment)
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        shutil.rmtree(environment.folder, ignore_errors=True)
        environment.folder.mkdir()
        for call in environment.install:
            _call(environment, call)
        stamp.write_text(wanted, encoding="utf-8")


def _call(environment: Environment, call: tuple[str, ...]) -> None:
    if call[0] == "npm":
        npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", str(environment.folder)]
        subprocess.run([*npm, *call[1:]], cwd=ROOT, check=True)
        return
    if not (environment.folder / "bin").exists():
        python = find_python(environment.python)
        if python is None:
            raise SystemExit(f"There is no Python {environment.python} here, which {environment.name} runs on.")
        subprocess.run([python, "-m", "venv", str(environment.folder)], check=True)
    subprocess.run([python_of(environment), *PIP, *call], cwd=ROOT, check=True)


def _stamp(environment: Environment) -> str:
    found = hashlib.sha256(repr((environment.python, environment.install)).encode())
    for file in ["pyproject.toml", *environment.requirements]:
        found.update((ROOT / file).read_bytes())
    return found.hexdigest()
