"""Programs that are frozen carry what a look at the import statements finds; the lane `frozen` freezes one."""

import sys
from pathlib import Path
from typing import Any

import pytest

from headway.capturing.switch import LIBRARIES
from headway.choosing.discovery import BUILT_IN

pytestmark = pytest.mark.skipif(sys.platform in ("emscripten", "win32"), reason="there are no processes")

PROGRAM = """
import headway
for i in headway.track(range(3), desc="work"): print("line", i)
print("DONE")
"""


def test_what_is_imported_by_its_name_is_found_by_a_look_at_the_statements(run: Any, tmp_path: Path) -> None:
    """Freezers follow import statements: all built-in sinks and all libraries that can be captured are among them."""
    (tmp_path / "app.py").write_text(PROGRAM)
    done = run(
        """
        import sys
        from modulefinder import ModuleFinder
        finder = ModuleFinder(sys.path)
        finder.run_script("app.py")
        print(*finder.modules)
        """
    )

    found = done.stdout.split()
    lacking = {*BUILT_IN.values(), *LIBRARIES.values(), "headway.events.reader", "headway.events.schema"} - {*found}
    assert not lacking, done.stderr
