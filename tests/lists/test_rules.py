"""What a saved view may be called, and what of an address it keeps."""

from __future__ import annotations

import pytest

from portal.lists.rules import faults_of, kept_query
from tests.faults import all_said


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("", ""),
        ("q=a&status=open", "q=a&status=open"),
        ("q=a&cursor=xyz&export=csv&sort=-placed", "q=a&sort=-placed"),
        ("q=%E6%89%8B+%26", "q=%E6%89%8B+%26"),
        ("status=open&status=held", "status=open&status=held"),
    ],
)
def test_a_view_keeps_the_filter_and_not_the_page(query, kept):
    assert kept_query(query) == kept


@pytest.mark.parametrize(
    ("name", "query", "names", "told"),
    [
        ("a", "", [], []),
        ("a" * 60, "q" * 1000, [str(number) for number in range(19)], []),
        ("", "", [], ["/name missing: Give the view a name."]),
        ("a" * 61, "", [], ["/name too_long: At most 60 characters."]),
        ("a", "q" * 1001, [], ["/name long_query: The filter is too long to be saved."]),
        ("a", "", ["b", "a"], ["/name taken: A view of this list has that name already. Choose another."]),
        (
            "a",
            "",
            [str(number) for number in range(20)],
            ["/name too_many: You have 20 views of this list already. Delete one that you no longer need."],
        ),
        (
            "7",
            "",
            [str(number) for number in range(20)],
            ["/name taken: A view of this list has that name already. Choose another."],
        ),
        (
            "",
            "q" * 1001,
            [],
            ["/name missing: Give the view a name.", "/name long_query: The filter is too long to be saved."],
        ),
    ],
)
def test_what_is_wrong_with_a_view(name, query, names, told):
    assert all_said(faults_of(name, query, names)) == told
