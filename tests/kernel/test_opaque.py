"""Sealed values: equal only to themselves, good for one purpose, under one secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.opaque import Sealer

SEALER = Sealer("an application secret")
VALUES = st.lists(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.text(st.characters(exclude_categories=["Cs"])),
    )
)


@given(VALUES, st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_comes_back_for_its_purpose(values, purpose):
    assert SEALER.open(purpose, SEALER.seal(purpose, values)) == values


@given(VALUES)
def test_what_was_sealed_for_another_purpose_or_by_another_is_refused(values):
    sealed = SEALER.seal("orders", values)
    for sealer, purpose in ((SEALER, "invoices"), (Sealer("another secret"), "orders"), (Sealer(), "orders")):
        with pytest.raises(ValueError, match="not sealed here, or for another purpose"):
            sealer.open(purpose, sealed)


@given(st.integers(1, 10**12), st.integers(1, 10**12))
def test_two_ids_tell_whether_they_are_one_and_not_even_their_length(one, other):
    texts = [SEALER.seal("id", [number]) for number in (one, other)]
    assert (texts[0] == texts[1]) == (one == other)
    assert len(texts[0]) == len(texts[1])


@given(st.text(max_size=80))
def test_what_nobody_sealed_is_refused(text):
    with pytest.raises(ValueError):
        SEALER.open("id", text)


@pytest.mark.parametrize("place", range(0, 42, 3))
def test_a_changed_character_is_noticed(place):
    sealed = SEALER.seal("id", [12])
    with pytest.raises(ValueError, match="not sealed here, or for another purpose"):
        SEALER.open("id", sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :])


def test_a_secret_gives_the_same_text_in_every_process():
    assert SEALER.seal("id", [12]) == Sealer("an application secret").seal("id", [12])


def test_what_a_former_secret_sealed_opens_and_the_first_one_seals():
    both = Sealer("a new secret", "an application secret")
    assert both.open("id", SEALER.seal("id", [12])) == [12]
    assert both.seal("id", [12]) == Sealer("a new secret").seal("id", [12])
    with pytest.raises(ValueError, match="sealed"):
        SEALER.open("id", both.seal("id", [12]))
