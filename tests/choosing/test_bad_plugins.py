"""Mistakes in plugins: the program goes on, and one warning names the distribution, the file and the line."""

from pathlib import Path

import pytest

from bad_plugins import BACKENDS, OPTIONS, module
from distributions import distribution, run

WIDGETS: dict[str, tuple[str, str]] = {
    "ageless": ("return len", "does not say which version of headway's contract it was written for"),
    "early": ("return Early()", "was written for version 1 of headway's contract"),
    "late": ("return Late()", "needs version 3 of headway's contract"),
    "none": ("return None", "is none: its hook headway_widget returned None"),
}
AGES = """
class Early:
    protocol = 1
    def __call__(self, snapshot): return ""
class Late(Early):
    protocol = 3
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one distribution for each mistake."""
    folder = tmp_path_factory.mktemp("bad")
    for group, plugins in (("headway", BACKENDS), ("headway.widgets", WIDGETS)):
        for name, plugin in plugins.items():
            text = module(plugin[0])
            if group == "headway.widgets":
                text = f"from headway.hookspecs import hookimpl\n{AGES}\n@hookimpl\ndef headway_widget(name): {plugin[0]}\n"
            distribution(folder, f"bad-{name}", (group, name), text)
    return folder


PROGRAM = "import headway; print(sum(headway.track(range(10), desc='alpha')))"


@pytest.mark.parametrize("name", BACKENDS)
def test_the_program_goes_on_and_one_warning_says_where_the_mistake_is(installed: Path, name: str) -> None:
    """The warning has the mistake, and the file and line of the plugin; plain lines show the bar."""
    done = run(installed, "-c", PROGRAM, HEADWAY_BACKEND=name + OPTIONS.get(name, ""))
    _, says, also = BACKENDS[name]
    file = str(installed / f"bad_{name}.py")

    assert (done.returncode, done.stdout) == (0, "45\n"), done.stderr
    assert done.stderr.count("HeadwayWarning") == 1, done.stderr
    assert says.replace("{file}", file) in done.stderr
    assert also.replace("{file}", file) in done.stderr
    assert f"{name!r} of the distribution 'bad-{name}'" in done.stderr
    assert "headway alpha n=10 total=10 100%" in done.stderr
    assert done.stderr.count("state=finished") == 1


@pytest.mark.parametrize("command", ["backends", "doctor"])
def test_the_commands_that_look_at_plugins_survive_them(installed: Path, command: str) -> None:
    """Each plugin that cannot be loaded is listed with the reason."""
    done = run(installed, "-m", "headway", command)
    at_work = ("closed", "mute", "awaited", "failing", "picky")

    assert done.returncode == 0, done.stderr
    for name in BACKENDS:
        _, _, listed = f"\n{done.stdout}".partition(f"\n{name:<14} bad-{name} 1.0\n")
        assert listed.split()[0] == ("draws" if name in at_work else "cannot"), listed


@pytest.mark.parametrize("name", WIDGETS)
def test_a_widget_of_another_version_is_marked_and_told(installed: Path, name: str) -> None:
    """The row shows a mark in the place of the widget, and a warning says why."""
    code = f"import headway; print(sum(headway.track(range(10), desc='alpha', widgets=['desc', '{name}'])))"
    done = run(installed, "-c", code, HEADWAY_BACKEND="plain")

    assert (done.returncode, done.stdout) == (0, "45\n"), done.stderr
    assert f"The widget {name!r} of the distribution 'bad-{name}' {WIDGETS[name][1]}" in done.stderr


def test_a_library_that_the_plugin_does_not_name_is_not_guessed(tmp_path: Path) -> None:
    """If no requirement of the distribution is missing, no command is offered: a module's name is not a project's."""
    text = "import json.no_such_submodule"
    distribution(tmp_path, "bad-lost", ("headway", "lost"), text, requires="Requires-Dist: pluggy\n")
    done = run(tmp_path, "-c", PROGRAM, HEADWAY_BACKEND="lost")

    assert "cannot be imported: No module named 'json.no_such_submodule'" in done.stderr
    assert "pip install" not in done.stderr


def test_a_plugin_that_is_installed_while_the_process_runs_is_found(tmp_path: Path) -> None:
    """A name that was unknown is looked for again."""
    code = f"""if 1:
        import sys; sys.path.insert(0, {str(Path(__file__).parents[1] / "support")!r})
        import headway
        from pathlib import Path
        try:
            headway.use("fresh")
        except ValueError as error:
            print("unknown", "fresh" in str(error))
        from bad_plugins import module
        from distributions import distribution
        distribution(Path({str(tmp_path)!r}), "bad-fresh", ("headway", "fresh"), module("{{hook}}class S(PerBar):\\n"
            "    def __init__(self, context): self.put = context.stream.write\\n"
            "    def open(self, s): self.put('fresh\\\\n')\\n"
            "{{renderer:S, protocol=2, draws='lines'}}"))
        with headway.use("fresh"), headway.get_bar(1): pass
    """
    done = run(tmp_path, "-c", code)

    assert (done.stdout, done.stderr) == ("unknown True\n", "fresh\n")
