"""The lanes, one session each: `nox -l` lists them, `nox -s lint` runs one. `.ci/lanes.toml` is their table."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).parent))

from tools.lanes.environments import install, python_of
from tools.lanes.table import ROOT, STORE, load
from tools.readme_commands import README, commands

TABLE = load()
CLONE = STORE / "clone"
WHEELS = STORE / "wheels"
PLUGINS = ["headway-tqdm", "headway-alive", "headway-progressbar2", "headway-rich"]
DISTRIBUTIONS = [".", *(f"plugins/{name}" for name in PLUGINS)]
WITH_OTHERS = [f"tests/with_{others}" for others in ("torch", "frameworks", "libraries", "notebooks", "browser")]
NEEDS_PLUGINS = [
    "tests/choosing/test_strangers.py",
    "tests/cli/test_cli.py",
    "tests/test_docs.py",
    "tests/test_examples.py",
]
RACING = ["tests/drawing", "tests/host", "tests/processes", "tests/renderers", "tests/testing"]
"""Tests that race signals, forks, threads and terminals."""
COVERING = [
    *(
        "tests/choosing/test_selection.py",
        "tests/events",
        "tests/fuzz",
        "tests/reporting",
        "tests/sinks",
        "tests/text",
        "tests/web",
    ),
    *("tests/tqdm", "tests/alive_progress", "tests/progressbar", "tests/training"),
    *("tests/test_estimate.py", "tests/test_format.py", "tests/test_snapshot.py"),
    *(f"tests/drawing/test_{what}.py" for what in ("fold", "points", "view", "window")),
    *("tests/choosing/test_given.py", "tests/cli/test_pty_line.py"),
    *("tests/host/test_hashes.py", "tests/host/test_lines.py"),
    *(f"tests/processes/test_{what}.py" for what in ("handshake", "merger", "order", "own", "wire")),
]
"""Tests that run most of the core in their own process: tracing programs of others takes long, and races with them."""
COUNTING = [
    *("plugins/headway-speedups", "tests/reporting", "tests/capturing/test_tqdm.py", "tests/tqdm/test_bars.py"),
    "tests/drawing/test_threads.py::test_sixty_four_threads_lose_no_count",
]
"""Tests of what counts, and of what inherits from it."""
NOT_IN_PYODIDE = [
    *("tests/fuzz", "tests/guards", "tests/renderers", "tests/tools", "tests/typing"),
    *("tests/events/test_event_files.py", "tests/replay/test_bounds.py", "tests/sinks/test_plain_lines.py"),
]
"""Tests of files and not of what runs, and those that take longest."""

nox.options.sessions = ["lint", "floors", "mypy"]


def lane(name: str) -> object:
    """Make a function the session of that name; its environments are those of the table."""
    if name not in TABLE.lanes:
        raise ValueError(f".ci/lanes.toml has no lane {name}.")
    return nox.session(name=name, venv_backend="none")


def enter(session: nox.Session, name: str) -> str:
    """Return the Python of an environment, which is installed now if it is not yet."""
    if name not in TABLE.lanes[session.name].environments:
        session.error(f".ci/lanes.toml does not say that {session.name} runs in {name}.")
    install(TABLE.environments[name])
    return python_of(TABLE.environments[name])


def pytest(session: nox.Session, python: str, *arguments: str, **env: str) -> None:
    """Run tests, with what the command line of nox adds."""
    # Lanes that run beside one another have no cache of pytest in common.
    options = ["-q", "-p", "no:cacheprovider", *arguments, *session.posargs]
    session.run(python, "-m", "pytest", *options, external=True, env=env)


@lane("lint")
def lint(session: nox.Session) -> None:
    """Check style and format."""
    python = enter(session, "dev")
    session.run(python, "-m", "ruff", "check", ".", external=True)
    session.run(python, "-m", "ruff", "format", "--check", ".", external=True)


@lane("floors")
def floors(session: nox.Session) -> None:
    """Check which room may import which, and that CONTRIBUTING.md shows the rooms as they are."""
    python = enter(session, "dev")
    session.run(str(Path(python).with_name("lint-imports")), external=True)
    session.run(python, "tools/rooms.py", "--check", external=True)


@lane("mypy")
def mypy(session: nox.Session) -> None:
    """Check the types of the source, those that a user sees, and those of the lanes."""
    python = enter(session, "dev")
    session.run(python, "-m", "mypy", external=True)
    session.run(python, "-m", "mypy", "tests/typing", external=True)
    session.run(python, "-m", "mypy", "--python-version", "3.11", "-p", "tools.lanes", external=True)


@lane("pyright")
def pyright(session: nox.Session) -> None:
    """Check the types that a user of pyright sees."""
    python = enter(session, "dev")
    session.run(python, "-m", "pyright", "--pythonpath", python, "--project", "tests/typing", external=True)


@lane("torch")
def torch(session: nox.Session) -> None:
    """Test with the real torch."""
    pytest(session, enter(session, "torch"), "tests/with_torch", "tests/text/test_widgets.py", HEADWAY_TEST_TORCH="1")


FRAMEWORKS = {"KERAS_BACKEND": "torch", "HEADWAY_TEST_FRAMEWORKS": "1", "HEADWAY_TEST_PANDAS": "1"}


@lane("frameworks")
def frameworks(session: nox.Session) -> None:
    """Run the program of each framework's page."""
    pytest(session, enter(session, "torch"), "tests/with_frameworks/test_docs.py", **FRAMEWORKS)


@lane("frameworks-full")
def frameworks_full(session: nox.Session) -> None:
    """Test with the real frameworks."""
    folders = ["tests/with_frameworks", "--ignore", "tests/with_frameworks/test_docs.py", "tests/tqdm"]
    others = ["tests/test_package.py", "examples/headway-tensorboard"]
    pytest(session, enter(session, "torch"), *folders, *others, **FRAMEWORKS)


@lane("libraries")
def libraries(session: nox.Session) -> None:
    """Test one scene of the libraries whose bars are captured."""
    scene = "tests/with_libraries/test_libraries.py::test_downloads"
    pytest(session, enter(session, "torch"), scene, HEADWAY_TEST_LIBRARIES="1")


@lane("libraries-full")
def libraries_full(session: nox.Session) -> None:
    """Test with the libraries whose bars are captured."""
    folders = ["tests/with_libraries", "tests/capturing"]
    pytest(session, enter(session, "torch"), *folders, HEADWAY_TEST_LIBRARIES="1")


@lane("notebooks")
def notebooks(session: nox.Session) -> None:
    """Test with real kernels of Jupyter."""
    kernel = enter(session, "kernel-6")
    env = {"HEADWAY_TEST_NOTEBOOKS": "1", "HEADWAY_KERNEL_6": kernel}
    pytest(session, enter(session, "notebooks"), "tests/with_notebooks", **env)


@lane("browser")
def browser(session: nox.Session) -> None:
    """Test the page of `headway watch --web`, cells in JupyterLab, and Gradio's page, with real Chromium."""
    pytest(session, enter(session, "browser"), "tests/with_browser", HEADWAY_TEST_BROWSER="1")


@lane("speedups")
def speedups(session: nox.Session) -> None:
    """Build headway-speedups, and test bars that count in C."""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    if shutil.which("cc") is None or not headers.exists():
        session.skip(f"Nothing was tested: it takes a C compiler (cc) and {headers}.")
    python = enter(session, "speedups")
    folder = STORE / "speedups-wheel"
    shutil.rmtree(folder, ignore_errors=True)
    options = ["--quiet", "--no-isolation", "--outdir", str(folder)]
    session.run(python, "-m", "build", *options, "plugins/headway-speedups", external=True)
    (wheel,) = folder.glob("*-cp310-abi3-*.whl")
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--force-reinstall"]
    session.run(python, *pip, str(wheel), external=True)
    pytest(session, python, *COUNTING, HEADWAY_TEST_SPEEDUPS="1")


def clone(session: nox.Session) -> Path:
    """Return a clean clone of the commit that is checked out."""
    if not CLONE.exists():
        session.run("git", "clone", "--quiet", str(ROOT), str(CLONE), external=True)
    with session.chdir(CLONE):
        session.run("git", "fetch", "--quiet", "origin", "HEAD", external=True)
        session.run("git", "reset", "--quiet", "--hard", "FETCH_HEAD", external=True)
    return CLONE


@lane("readme-demo")
def readme_demo(session: nox.Session) -> None:
    """Run the README's first command in a clean clone."""
    shutil.rmtree(CLONE, ignore_errors=True)
    with session.chdir(clone(session)):
        session.run("bash", "-c", commands(README.read_text(encoding="utf-8"))[0], external=True)


@lane("readme-tests")
def readme_tests(session: nox.Session) -> None:
    """Run the README's second command in the same clone."""
    with session.chdir(clone(session)):
        session.run("bash", "-c", commands(README.read_text(encoding="utf-8"))[1], external=True)


@lane("coverage")
def coverage(session: nox.Session) -> None:
    """Measure which branches the tests take that run in this process, and do not race."""
    pytest(session, enter(session, "dev"), *COVERING, "--cov", "--cov-report=term:skip-covered")


@lane("wheels")
def wheels(session: nox.Session) -> None:
    """Build the distributions, check them, and run each backend from them in an empty environment."""
    python = enter(session, "packaging")
    shutil.rmtree(WHEELS, ignore_errors=True)
    for distribution in DISTRIBUTIONS:
        options = ["--quiet", "--no-isolation", "--outdir", str(WHEELS)]
        session.run(python, "-m", "build", *options, distribution, external=True)
    session.run(python, "-m", "twine", "check", "--strict", *map(str, sorted(WHEELS.iterdir())), external=True)
    empty = fresh(session, "empty", "headway[all,demo]")
    for backend in ("tqdm", "alive", "progressbar2", "rich", "plain", "spoken", "logging", "events", "off"):
        with session.chdir(session.create_tmp()):
            command = [str(empty / "headway"), "demo", "--epochs", "1", "--backend", backend]
            said = session.run(*command, external=True, silent=True)
        if "validation accuracy" not in str(said):
            session.error(f"The demo under {backend} did not come to its end: {said}")


def fresh(session: nox.Session, name: str, *requirements: str) -> Path:
    """Return the folder of programs of a new environment with what was built."""
    folder = STORE / name
    shutil.rmtree(folder, ignore_errors=True)
    session.run(sys.executable, "-m", "venv", str(folder), external=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    session.run(*pip, "--find-links", str(WHEELS), *requirements, external=True)
    return folder / "bin"


@lane("docs")
def docs(session: nox.Session) -> None:
    """Run the code of the README and the docs with what was built."""
    bin_ = fresh(session, "docs", "headway[all,demo,testing,web]", "pytest==9.2.0", "pytest-timeout==2.4.0")
    pytest(session, str(bin_ / "python"), "tests/test_docs.py", "tests/test_examples.py")


@lane("frozen")
def frozen(session: nox.Session) -> None:
    """Freeze a program with PyInstaller, with a renderer for a library included, and run it."""
    python = enter(session, "packaging")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall"]
    session.run(*pip, "--find-links", str(WHEELS), "headway[tqdm]", external=True)
    folder = STORE / "frozen"
    plugin = ["--hidden-import", "headway_tqdm", "--copy-metadata", "headway-tqdm"]
    folders = ["--distpath", str(folder), "--workpath", str(folder / "work"), "--specpath", str(folder)]
    options = ["--noconfirm", "--log-level", "WARN", *folders, *plugin]
    session.run(python, "-m", "PyInstaller", *options, ".ci/scene.py", external=True)
    session.run(str(folder / "scene" / "scene"), external=True, env={"SCENE_BACKENDS": "plain,rows,tqdm,off"})


@lane("pyodide")
def pyodide(session: nox.Session) -> None:
    """Run a program and the tests of the core in Pyodide; a test that needs a thread or a process skips itself."""
    enter(session, "node")
    folder = STORE / "pyodide"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(WHEELS, folder, ignore=shutil.ignore_patterns("*.tar.gz", "headway_*"))
    download = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--dest",
        str(folder),
    ]
    needed = ["pluggy", "pyte", "pytest==9.2.0", "pytest-timeout==2.4.0", "hypothesis==6.155.2"]
    session.run(*download, "--only-binary=:all:", *needed, external=True)
    modules = TABLE.environments["node"].folder / "node_modules"
    where = [str(modules), str(folder), str(ROOT), ".ci/scene.py"]
    ignored = [word for path in [*WITH_OTHERS, *NEEDS_PLUGINS, *NOT_IN_PYODIDE] for word in ("--ignore", path)]
    of_others = ["tqdm]", "alive]", "progressbar2]", "rich]", "animations]", "styles]"]
    without = " or ".join([*of_others, "ten_thousand", "no_row_is_wider"])
    options = ["-q", "-p", "no:cacheprovider", "-k", f"not ({without})", *ignored]
    session.run("node", "tools/lanes/pyodide.mjs", *where, *options, "tests", external=True)


def core(session: nox.Session, *folders: str) -> None:
    """Test the core, without any plugin, in the environment of the lane."""
    (environment,) = TABLE.lanes[session.name].environments
    ignored = [word for path in [*WITH_OTHERS, *NEEDS_PLUGINS] for word in ("--ignore", path)]
    without = ["-k", "not Tqdm and not Alive and not ProgressBar2 and not TestRich and not rich]"]
    pytest(session, enter(session, environment), *folders, *ignored, *without)


@lane("core-3.13")
def core_313(session: nox.Session) -> None:
    """Test the whole core on Python 3.13."""
    core(session, "tests")


@lane("races-3.12")
def races_312(session: nox.Session) -> None:
    """Test forks, threads, signals, terminals and types on Python 3.12."""
    races(session, "core-3.12")


@lane("races-3.10")
def races_310(session: nox.Session) -> None:
    """Test forks, threads, signals, terminals and types on Python 3.10."""
    races(session, "core-3.10")


def races(session: nox.Session, environment: str) -> None:
    """Test all that depends on the version of Python most."""
    session.run(enter(session, environment), "-m", "mypy", "tests/typing", external=True)
    core(session, *RACING, "tests/test_package.py")


if missing := {*TABLE.lanes} - {*nox.registry.get()}:
    raise ValueError(f"These lanes of .ci/lanes.toml have no session: {sorted(missing)}.")
