"""The secrets in a setting, such as the key in an address: no report, warning, error or file tells them."""

import json
import sys
from pathlib import Path

import pytest

from bad_plugins import module
from distributions import distribution, run

PASSWORD = "s3cr3t"
URL = f"https://me:{PASSWORD}@example.org/hook?key={PASSWORD}"
BACKEND = f"hook?url=https://me:{PASSWORD}@example.org/hook?key={PASSWORD}"
HOOK = """
{hook}
def address(text):
    if "wrong" in text: raise ValueError(f"expected another address than {text}")
    if "crash" in text: raise RuntimeError(f"no address: {text}")
    return text
class S(PerBar):
    def __init__(self, context):
        self.url = context.options["url"]
        if "unmade" in self.url: raise OSError(f"cannot reach {self.url}")
    def open(self, snapshot): raise OSError(f"cannot reach {self.url}")
def short(text): raise ValueError(f"{text} is too short")
{renderer:S, protocol=2, draws='DRAWS', options={'url': address, 'token': short}}
"""
LOADING = f"{{hook}}@hookimpl\ndef headway_renderer(): raise OSError('cannot reach {URL}')"
LOOP = "import headway\nfor _ in headway.track(range(3), desc='alpha'): pass"
DOCTOR = ("-m", "headway", "doctor")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with backends that have a secret, and tell it in their errors."""
    folder = tmp_path_factory.mktemp("secrets")
    for name, draws in (("hook", "nothing"), ("lines", "lines")):
        distribution(folder, f"its-{name}", ("headway", name), module(HOOK.replace("DRAWS", draws)), requires="")
    distribution(folder, "its-loading", ("headway", "loading"), module(LOADING), requires="")
    return folder


def told(folder: Path, *command: str, says: str, **env: str) -> None:
    """Run a command, and check that it tells something, but not the secret."""
    done = run(folder, *command, XDG_STATE_HOME=str(folder), **env)
    text = done.stdout + done.stderr

    assert says in text, text
    assert PASSWORD not in text, text


def test_the_doctor_shows_settings_without_secrets(installed: Path) -> None:
    """The report that I put into a question shows the backend, but neither password nor key."""
    told(
        installed,
        *DOCTOR,
        says="HEADWAY_BACKEND=plain,hook?url=https://***@example.org/hook?key=***",
        HEADWAY_BACKEND=f"plain,{BACKEND}",
    )


def test_lists_of_what_is_installed_tell_no_secret(installed: Path) -> None:
    """A plugin that tells one in the error that it raises when it is loaded is named without it."""
    told(installed, "-m", "headway", "backends", says="cannot reach https://***@example.org/hook?key=***")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(
    ("backend", "says"),
    [
        (BACKEND, "hook?url=https://***@example.org/hook?key=***, of its-hook 1.0"),
        (f"{BACKEND}&token={PASSWORD}", "The option 'token' of the progress backend 'hook' cannot be what was given"),
        (BACKEND.replace("/hook?", "/wrong?"), "expected another address than https://***@example.org/wrong?key=***"),
        (BACKEND.replace("/hook?", "/crash?"), "RuntimeError: no address: https://***@example.org/crash?key=***"),
        (BACKEND.replace("/hook?", "/unmade?"), "OSError: cannot reach https://***@example.org/unmade?key=***"),
    ],
)
def test_the_trial_of_a_backend_tells_no_secret(installed: Path, backend: str, says: str) -> None:
    """The heading, what is wrong and the traceback are shown without it."""
    told(installed, *DOCTOR, backend, says=says)


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        (f"hook?token={PASSWORD}", "The option 'token' of the progress backend 'hook' cannot be what was given"),
        (BACKEND.replace("/hook?", "/wrong?"), "cannot be 'https://***@example.org/wrong?key=***': expected another"),
        (BACKEND.replace("/hook?", "/crash?"), "raised RuntimeError: no address: https://***@example.org/crash?key="),
        (URL, "https:/***@example.org/hook'. A backend's name is a file's if"),
    ],
)
def test_a_wrong_setting_tells_no_secret(installed: Path, backend: str, says: str) -> None:
    """Neither the warning of a mistake in the environment tells it, nor the error of one in code, with its causes."""
    told(installed, "-c", LOOP, says=says, HEADWAY_BACKEND=backend)
    told(installed, "-c", f"import headway, sys\nheadway.use(sys.argv[1])\n{LOOP}", backend, says=says)


@pytest.mark.parametrize("name", ["hook", "lines"])
@pytest.mark.parametrize("path", ["hook", "unmade"])
def test_a_fault_of_a_sink_tells_no_secret(installed: Path, name: str, path: str) -> None:
    """The warning, the traceback of `HEADWAY_DEBUG=1` and the one that the doctor keeps are without it."""
    backend = BACKEND.replace("hook?", f"{name}?", 1).replace("/hook?", f"/{path}?")
    says = f"cannot reach https://***@example.org/{path}?key=***"
    told(installed, "-c", LOOP, says=says, HEADWAY_BACKEND=backend, HEADWAY_DEBUG="1")

    assert PASSWORD not in (installed / "headway/faults.log").read_text()
    told(installed, *DOCTOR, says=says)


def test_a_file_of_settings_tells_no_secret(installed: Path, tmp_path: Path) -> None:
    """A setting of the wrong kind is told without the secret in it."""
    (tmp_path / "headway").mkdir()
    (tmp_path / "headway/config.toml").write_text(f'backend = {{hook = {{token = "{PASSWORD}"}}}}')
    if sys.version_info >= (3, 11):
        told(installed, "-c", LOOP, says="{'hook': {'token': ***}}", XDG_CONFIG_HOME=str(tmp_path))


def test_event_files_tell_no_secret(installed: Path, tmp_path: Path) -> None:
    """The program's arguments and the backends that show its bars are in no event file."""
    events = tmp_path / "run.jsonl"
    (tmp_path / "train.py").write_text(LOOP)
    backend = f"{BACKEND},events?path={events}"
    run(installed, str(tmp_path / "train.py"), f"--key={PASSWORD}", HEADWAY_BACKEND=backend)

    text = events.read_text()
    assert "train.py" in {json.loads(line).get("program") for line in text.splitlines()}
    assert PASSWORD not in text
