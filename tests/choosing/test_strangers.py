"""Plugins by strangers: separate distributions, installed into a new environment, picked without touching a program."""

import os
import re
import subprocess
import textwrap
import time
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = "import headway; print(sum(headway.track(range(10), desc='alpha')))"

BAD = {
    "broken": "import nothing_of_that_name\n",
    "lacking": """
        from headway.hookspecs import hookimpl
        @hookimpl
        def headway_renderer():
            import some_drawing_library
    """,
    "newer": """
        from headway.hookspecs import hookimpl
        from headway.sink import Renderer
        @hookimpl
        def headway_renderer():
            return Renderer(make=None, protocol=99)
    """,
    "raising": """
        from headway.hookspecs import hookimpl
        @hookimpl
        def headway_renderer():
            raise RuntimeError("out of ink")
    """,
    "confused": """
        from headway.hookspecs import hookimpl
        @hookimpl
        def headway_renderer():
            return "a bar"
    """,
    "plain": "raise SystemExit('a taken name must never be imported')\n",
    "double": "raise SystemExit('only the chosen plugin may be imported')\n",
    "double2": "raise SystemExit('only the chosen plugin may be imported')\n",
}
BAD_WIDGETS = {
    "torn": "import nothing_of_that_name\n",
    "mute": """
        from headway.hookspecs import hookimpl
        @hookimpl
        def headway_widget(name): return None
    """,
}
CONFORMANCE = """
    from headway.testing import RowsConformance

    class TestDots(RowsConformance):
        backend = "dots?dot=*"
"""


class Place:
    """A virtual environment with headway and strangers' plugins in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self.python = folder / "venv" / "bin" / "python"

    def install(self, *what: object) -> None:
        """Install with pip."""
        command = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *map(str, what)]
        subprocess.run(command, check=True, cwd=self.folder)

    def run(self, *arguments: object, backend: str = "") -> "subprocess.CompletedProcess[str]":
        """Run the environment's Python."""
        env = {k: v for k, v in os.environ.items() if not k.startswith(("HEADWAY_", "PYTHON"))}
        if backend:
            env["HEADWAY_BACKEND"] = backend
        return subprocess.run(
            [self.python, *map(str, arguments)],
            capture_output=True,
            text=True,
            env=env,
            cwd=self.folder,
            timeout=300,
            check=False,
        )


def distribution(folder: Path, name: str, entry: str, module: str, group: str = "headway") -> Path:
    """Write a distribution with one module that is entered as a backend or a widget."""
    place = folder / name
    place.mkdir()
    package = name.replace("-", "_")
    (place / f"{package}.py").write_text(textwrap.dedent(module))
    (place / "pyproject.toml").write_text(
        f"""
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "{name}"
version = "1.0"
[project.entry-points."{group}"]
{entry} = "{package}"
[tool.hatch.build.targets.wheel]
only-include = ["{package}.py"]
"""
    )
    return place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An environment with headway, one good plugin, and one for each way to be bad."""
    folder = tmp_path_factory.mktemp("strangers")
    place = Place(folder)
    place.install(f"{ROOT}[testing]", "pytest", "hatchling")
    bad = [distribution(folder, f"stranger-{name}", name.rstrip("2"), module) for name, module in BAD.items()]
    for name, module in BAD_WIDGETS.items():
        bad.append(distribution(folder, f"stranger-{name}", name, module, "headway.widgets"))
    good = [ROOT / "examples" / name for name in ("headway-dots", "headway-loadavg")]
    place.install("--no-build-isolation", "--no-deps", *good, *bad)
    return place


def test_a_strangers_renderer_is_picked_by_the_environment(place: Place) -> None:
    """Once it is installed, the environment variable picks it; the program is not changed by a letter."""
    code = "import sys; sys.stderr.isatty = lambda: True\n" + PROGRAM

    assert "headway alpha n=10" in place.run("-c", PROGRAM).stderr
    drawn = place.run("-c", code, backend="dots?dot=*")
    assert "alpha: 100% ********** 10/10" in drawn.stderr
    assert drawn.stdout == "45\n"


def test_a_strangers_renderer_passes_the_conformance_kit(place: Place) -> None:
    """The author of a renderer checks it with a class of one line."""
    (place.folder / "test_dots.py").write_text(textwrap.dedent(CONFORMANCE))

    done = place.run("-m", "pytest", "-q", "test_dots.py")

    assert done.returncode == 0, done.stdout[-8000:]


@pytest.mark.parametrize("kind", ["rows", "lines", "cell", "nothing"])
def test_a_new_renderer_installs_and_passes_the_kit(place: Place, kind: str) -> None:
    """`headway new-renderer` writes a distribution that works as it is, with tests that pass within a minute."""
    began = time.monotonic()
    made = place.run("-m", "headway", "new-renderer", f"two-{kind}", "--kind", kind, "--into", place.folder)
    folder = place.folder / f"headway-two-{kind}"
    place.install("--no-build-isolation", "--no-deps", folder)
    done = place.run("-m", "pytest", "-q", folder / "tests")
    took = time.monotonic() - began

    assert (made.returncode, done.returncode) == (0, 0), made.stderr + done.stdout[-8000:]
    assert took < 120, took


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("broken", "cannot be imported: No module named 'nothing_of_that_name'. ("),
        ("lacking", "cannot be imported: No module named 'some_drawing_library'. ("),
        ("newer", "needs version 99 of headway's contract, this headway has 2. Try: pip install --upgrade headway"),
        ("raising", "raised RuntimeError: out of ink while loading. ("),
        ("confused", "gave no headway.sink.Renderer but 'a bar'"),
    ],
)
def test_a_bad_plugin_is_named_and_the_program_goes_on(place: Place, name: str, says: str) -> None:
    """Whatever is wrong with a plugin, one message names its distribution and the program runs with the fallback."""
    done = place.run("-c", PROGRAM, backend=name)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "45\n"
    assert f"The progress backend {name!r} of the distribution 'stranger-{name}' {says}" in done.stderr
    assert "headway alpha n=10" in done.stderr
    assert done.stderr.count("HeadwayWarning") == 1


def test_a_taken_name_stays_with_its_owner(place: Place) -> None:
    """A plugin cannot take a built-in name; the message names the distribution that tried."""
    done = place.run("-c", PROGRAM, backend="plain")
    listed = place.run("-m", "headway", "backends")

    assert "headway alpha n=10" in done.stderr
    assert "'plain': headway itself, which is used, and stranger-plain, which is ignored" in listed.stderr


def test_two_distributions_with_one_name_are_both_named(place: Place) -> None:
    """Of two plugins with one name the same one is used each time, and both are named."""
    done = place.run("-c", PROGRAM, backend="double")

    assert done.stdout == "45\n"
    assert "'double': stranger-double, which is used, and stranger-double2, which is ignored" in done.stderr


def test_only_the_chosen_plugin_is_imported(place: Place) -> None:
    """The modules of plugins that were not chosen stay unimported."""
    code = PROGRAM + "\nimport sys; print(sorted(m for m in sys.modules if 'stranger' in m or 'dots' in m))"

    assert place.run("-c", code, backend="dots").stdout == "45\n['headway_dots']\n"


def test_backends_lists_the_good_and_the_bad(place: Place) -> None:
    """`headway backends` tells what is installed and why something cannot be used."""
    done = place.run("-m", "headway", "backends")

    assert done.returncode == 0, done.stderr
    assert "dots           headway-dots 0.1.0" in done.stdout
    assert "cannot be used: The progress backend 'raising' of the distribution 'stranger-raising'" in done.stdout
    assert "tqdm           not installed: pip install 'headway[tqdm]'" in done.stdout


# ── widgets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

WITH_WIDGET = """
import headway
with headway.get_bar(10, desc='alpha', widgets=['desc', 'count', '{}']) as bar: bar.update(10)
"""


def test_a_strangers_widget_is_shown_by_its_name(place: Place) -> None:
    """Once it is installed a widget can be asked for by name, in plain lines as well as in a row."""
    line = place.run("-c", WITH_WIDGET.format("loadavg"))
    row = place.run(
        "-c", "import sys; sys.stderr.isatty = lambda: True\n" + WITH_WIDGET.format("loadavg"), backend="dots"
    )

    assert re.search(r" state=finished loadavg=load_\d+\.\d\d", line.stderr), line.stderr
    assert re.search(r"alpha 10/10 load \d+\.\d\d", row.stderr), row.stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("torn", "cannot be imported: No module named 'nothing_of_that_name'"),
        ("mute", "is none: its hook headway_widget"),
    ],
)
def test_a_bad_widget_is_named_and_marked(place: Place, name: str, says: str) -> None:
    """A widget whose plugin fails shows a mark, and one warning names its distribution."""
    done = place.run("-c", WITH_WIDGET.format(name))

    assert done.returncode == 0, done.stderr
    assert f"The widget {name!r} of the distribution 'stranger-{name}' {says}" in done.stderr
    assert f"n=10 total=10 100% unit=it state=finished {name}=?" in re.sub(r" (elapsed|rate)=\S+", "", done.stderr)
    assert done.stderr.count("HeadwayWarning") == 1


def test_an_unknown_widget_lists_those_of_plugins_too(place: Place) -> None:
    """A wrong name raises at the call with all names that there are."""
    done = place.run("-c", WITH_WIDGET.format("loadavgg"))

    assert done.returncode == 1
    assert "There is no widget named 'loadavgg'. Did you mean 'loadavg'?" in done.stderr
