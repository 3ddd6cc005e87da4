"""Every act of the vocabulary has its words, and no word is left without an act."""

from __future__ import annotations

from portal.audit.words import ACTS, SUBJECTS
from portal.capabilities import CAPABILITIES


def test_every_act_has_words_and_every_word_an_act():
    codes = {action.value for one in CAPABILITIES for action in one.actions or ()}
    parts = [code.split(":", 1) for code in codes]
    assert SUBJECTS.keys() == {kind for kind, _ in parts}
    assert ACTS.keys() == {act for _, act in parts}


def test_two_acts_upon_one_kind_are_told_apart():
    codes = {action.value for one in CAPABILITIES for action in one.actions or ()}
    said = {ACTS[act] % {"document": SUBJECTS[kind]} for kind, act in (code.split(":", 1) for code in codes)}
    assert len(said) == len(codes)
