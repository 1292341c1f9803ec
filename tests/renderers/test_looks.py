"""Each library's own look: the rows of ordinary programs have the form that they have under the library itself."""

import re

import pytest
from tools.looks import LIBRARIES, PROGRAMS, RUNNING, form, native_rows, our_rows, row_half_way

OURS = {
    "an early end": {"search": "search stopped"},
    "an error": {"train": "train FAILED", "ETA": "Time", "$": " ValueError: boom"},
    "a unit": {"0file/0file": "0/0"},
    "more than expected": {r"of 0\)": "of 0, over)"},
}
"""Words of headway's, by program: progressbar2 goes on to say the time that was left, and says 100% of too many; alive
says the unit three times."""


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_rows_that_programs_leave_have_the_form_of_the_librarys(library: str) -> None:
    """Order, brackets, words and formats of time are the library's; how it ended is headway's word beside the label."""
    expected = {}
    for name, row in zip(PROGRAMS, native_rows(library), strict=True):
        expected[name] = form(row)
        for theirs, ours in OURS.get(name, {}).items():
            expected[name] = re.sub(theirs, ours, expected[name])

    assert {name: form(row) for name, row in zip(PROGRAMS, our_rows(library), strict=True)} == expected


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("name", RUNNING)
def test_a_row_half_way_has_the_form_of_the_librarys(name: str, library: str) -> None:
    """While a bar runs its row is as the library's own, spinner or marker included."""
    assert form(row_half_way(name, library, native=False)) == form(row_half_way(name, library, native=True))
