"""Whatever is done to an export of the audit is found, and the first thing that was done is named."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit import merkle
from portal.audit.verify import Forged, Genuine, verify
from tests.audit.sealed import ANOTHER_KEY, KEY, batches_of, export_of

SIZES = (3, 1, 5, 2)
EVENTS = sum(SIZES)
GENUINE = export_of(batches_of(SIZES))
# In which line each event stands: behind the header, and behind the ends of the batches before.
PLACES = [place for place, line in enumerate(GENUINE) if '"action"' in line]
ends = [place for place, line in enumerate(GENUINE) if line.startswith('{"batch"')]


def found_in(lines, **more):
    with pytest.raises(Forged) as found:
        verify(lines, **more)
    said = str(found.value)
    assert "\n" not in said
    return said


def named(number):
    """How the event with an id is named."""
    return f"event {number} order:placed SO2603-{number:04d}"


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_what_was_sealed_is_genuine(sizes):
    batches = batches_of(sizes)
    found = verify(export_of(batches), keys={KEY.public})
    head = batches[-1].head
    assert found == Genuine(
        sum(sizes), len(sizes), batches[0].head.first_at, head.last_at, head.digest(), (KEY.public,)
    )


def test_a_part_that_begins_later_is_genuine_too():
    assert verify(export_of(batches_of(SIZES)[2:])).events == 7


@given(st.integers(1, EVENTS), st.data())
def test_a_changed_event_is_named(number, data):
    """Any one character, by any other."""
    lines = list(GENUINE)
    at = PLACES[number - 1]
    place = data.draw(st.integers(0, len(lines[at]) - 1))
    other = data.draw(st.characters(exclude_characters="\r\n", codec="utf-8"))
    if other == lines[at][place]:
        return
    lines[at] = lines[at][:place] + other + lines[at][place + 1 :]
    if not lines[at].startswith('{"batch":'):
        said = found_in(lines)
        assert said.startswith("altered: ")
        assert f"line {at + 1}" in said


@given(st.integers(1, EVENTS))
def test_a_deleted_event_is_named(number):
    lines = list(GENUINE)
    del lines[PLACES[number - 1]]
    said = found_in(lines)
    batch = next(one for one in batches_of(SIZES) if one.head.after < number <= one.head.last)
    assert said.startswith(f"deleted: event {number - batch.head.after} of batch {batch.head.number}")


@given(st.integers(1, EVENTS), st.integers(1, EVENTS))
def test_an_event_written_twice_is_named(number, before):
    lines = list(GENUINE)
    lines.insert(PLACES[before - 1], GENUINE[PLACES[number - 1]])
    said = found_in(lines)
    assert said.startswith("inserted: ")
    assert named(number) in said


@given(st.integers(1, EVENTS))
def test_an_invented_event_is_named(before):
    lines = list(GENUINE)
    lines.insert(PLACES[before - 1], json.dumps({"id": 7000, "action": "order:cancelled", "subject": "SO1"}))
    said = found_in(lines)
    assert said.startswith("inserted: event 7000 order:cancelled SO1")


@given(st.integers(1, EVENTS), st.integers(1, EVENTS))
def test_events_that_changed_places_are_named(one, other):
    if one == other:
        return
    lines = list(GENUINE)
    here, there = PLACES[one - 1], PLACES[other - 1]
    lines[here], lines[there] = lines[there], lines[here]
    said = found_in(lines)
    # Between two batches the one misses an event and has a stranger.
    assert said.startswith(("reordered: ", "altered: "))
    assert named(max(one, other)) in said


@given(st.integers(1, len(GENUINE) - 1))
def test_an_export_that_was_cut_off_is_told(length):
    said = found_in(GENUINE[:length])
    assert said.startswith("cut off: ")
    whole = [place for place in ends if place < length]
    if whole:
        last = max(number for number, place in enumerate(PLACES, start=1) if place < whole[-1])
        assert named(last) in said


def test_it_says_how_far_the_events_of_an_export_that_was_cut_off_are_whole():
    assert "whole are the events from the first event on" not in found_in(GENUINE[: ends[0] + 2])
    assert "whole are the events after" in found_in(GENUINE[: ends[0] + 2])


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_batch_that_is_missing_is_told(gone):
    batches = batches_of(SIZES)
    lines = export_of(batches)
    kept = export_of([one for one in batches if one is not batches[gone]])
    assert found_in([lines[0], *kept[1:]]).startswith(f"deleted: batches {gone + 1} to {gone + 1}")


def test_batches_that_changed_places_are_told():
    first, second, *rest = batches_of(SIZES)
    lines = [
        GENUINE[0],
        *second.written(),
        *first.written(),
        *(line for one in rest for line in one.written()),
    ]
    assert found_in(lines).startswith("deleted: batches 1 to 1")


def test_a_batch_written_twice_is_told():
    first, *rest = batches_of(SIZES)
    lines = [GENUINE[0], *first.written(), *(line for one in (first, *rest) for line in one.written())]
    assert found_in(lines).startswith("reordered or inserted: batch 1")


def test_the_end_of_a_batch_that_is_missing_is_told():
    lines = list(GENUINE)
    del lines[ends[1]]
    assert found_in(lines).startswith("deleted: batches 2 to 2, after")


@given(st.integers(0, len(SIZES) - 1), st.data())
def test_a_changed_end_of_a_batch_is_told(batch, data):
    """Whatever member, by another value of its kind."""
    lines = list(GENUINE)
    end = json.loads(lines[ends[batch]])
    where = data.draw(st.sampled_from([*end["batch"], "leaves", "signature"]))
    if where == "leaves":
        end["leaves"][0] = "00" * 32
    elif where == "signature":
        end["signature"] = "00" * 64
    else:
        value = end["batch"][where]
        end["batch"][where] = (
            value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
        )
    lines[ends[batch]] = json.dumps(end)
    found_in(lines)


def rewritten(batch, number, key=KEY):
    """A batch with another event in it, consistent in itself and signed again."""
    lines = list(batch.lines)
    lines[number] = lines[number].replace("order:placed", "order:dropped")
    leaves = [merkle.leaf(one.encode()).hex() for one in lines]
    root = merkle.root([bytes.fromhex(one) for one in leaves]).hex()
    head = replace(batch.head, root=root, key=key.public)
    return replace(batch, head=head, lines=lines, leaves=leaves, signature=key.sign(head.content()).hex())


def test_a_batch_that_was_sealed_anew_does_not_carry_the_next():
    """Even by whoever has the key."""
    first, second, third, last = batches_of(SIZES)
    said = found_in(export_of([first, second, rewritten(third, 2), last]))
    assert said.startswith("altered: batch 4")


def test_an_event_and_its_hash_that_were_changed_together_are_told():
    first, second, third, last = batches_of(SIZES)
    forged = replace(rewritten(third, 2), head=third.head, signature=third.signature)
    said = found_in(export_of([first, second, forged, last]))
    assert said.startswith("altered: batch 3, events 5 to 9")


def test_what_was_sealed_anew_as_a_whole_by_another_key_is_told():
    forged = export_of(batches_of(SIZES, ANOTHER_KEY))
    said = found_in(forged, keys={KEY.public})
    assert said.startswith("signed by another key: batch 1, events 1 to 3")
    assert ANOTHER_KEY.public in said
    assert verify(forged).keys == (ANOTHER_KEY.public,)  # with none to compare, it names what it found


def test_what_was_sealed_anew_has_not_the_root_that_a_dealer_holds():
    root = batches_of(SIZES)[2].head.digest()
    assert verify(GENUINE, root=root).events == EVENTS
    assert root in found_in(export_of(batches_of(SIZES, ANOTHER_KEY)), root=root)


def test_an_export_that_ends_before_what_a_dealer_holds_is_told():
    """Cut off at the end of a batch, with a first line that fits."""
    root = batches_of(SIZES)[-1].head.digest()
    said = found_in(export_of(batches_of(SIZES)[:2]), root=root)
    assert said.startswith("cut off or another history")
    assert named(4) in said


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["{}"],
        ["[1]"],
        ["null"],
        ['{"audit": "tonglu-audit-1"}'],
        ["[" * 100_000],
        ['{"audit": "tonglu-audit-1", "first": 1, "last": 1, "root": 5}', '{"batch": 5}'],
        [
            '{"audit": "tonglu-audit-1", "first": 1, "last": 1, "root": 5}',
            '{"batch": {"number": "1"}, "leaves": []}',
        ],
    ],
)
def test_what_is_no_export_is_refused_in_words(lines):
    assert re.match("no export|altered|cut off", found_in(lines))
