"""The difference of two documents, applied as RFC 7396 says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from headway.web.merge import difference
from served import merged

leaves = st.one_of(
    st.booleans(), st.integers(0, 3), st.sampled_from(["", "a", "b"]), st.lists(st.integers(0, 2), max_size=2)
)
names = st.sampled_from("abc")
documents = st.dictionaries(
    names, st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=3)), max_size=3
)


@given(documents, documents)
def test_the_patch_makes_the_second_of_the_first(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert merged(before, difference(before, after)) == after


@given(documents)
def test_the_same_document_needs_no_patch(document: dict[str, Any]) -> None:
    assert difference(document, document) == {}


def test_only_the_members_that_differ_are_in_it() -> None:
    before = {"runs": {"0": {"n": 1, "total": 5, "old": 1}}}
    after = {"runs": {"0": {"n": 2, "total": 5}}}

    assert difference(before, after) == {"runs": {"0": {"n": 2, "old": None}}}
