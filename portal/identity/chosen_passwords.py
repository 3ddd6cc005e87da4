"""Which passwords may be chosen: long ones that nobody has ever lost in a breach.

No rule about kinds of characters, and no change by the calendar: both make people choose worse ones. Asked
only when a password is set; who has one keeps it.
"""

from __future__ import annotations

import lzma
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from portal.identity.credentials import PASSWORD_MAX
from portal.kernel.errors import N_, Fault

PASSWORD_MIN = 10
_BREACHED = Path(__file__).with_name("breached") / "passwords.txt.xz"
_KINDS_MIN = 5  # different characters
_REST_MAX = 6  # beside what everybody knows of a person: a year, a mark
_WORD = re.compile(r"[^\W_]{4,}")


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """least: characters. against_breached: whether the shipped list is asked."""

    least: int = PASSWORD_MIN
    against_breached: bool = True

    def faults(self, pointer: str, password: str, *, about: Iterable[str] = ()) -> list[Fault]:
        """What is wrong with a password that somebody chose. about: the person's mail, names, company."""
        if not self.least <= len(password) <= PASSWORD_MAX:
            return [
                Fault(
                    pointer,
                    "password",
                    N_("A password has at least %(least)s characters."),
                    params={"least": self.least},
                )
            ]
        plain = unicodedata.normalize("NFKC", password).casefold()
        if len(set(plain)) < _KINDS_MIN or _is_a_run(plain):
            return [_weak(pointer, "monotonous", N_("This password repeats itself. Choose another."))]
        if _is_made_of(plain, about):
            own = N_("This password is made of your own name, address or company. Choose another.")
            return [_weak(pointer, "own_words", own)]
        if self.against_breached and plain in breached_passwords():
            known = N_("This password is known from a breach, so it is tried first. Choose another.")
            return [_weak(pointer, "breached", known)]
        return []


@cache
def breached_passwords() -> frozenset[str]:
    """The shipped list, read when it is first asked for."""
    return frozenset(lzma.decompress(_BREACHED.read_bytes()).decode().split("\n"))


def _weak(pointer: str, code: str, message: str) -> Fault:
    return Fault(pointer, code, message)


def _is_a_run(plain: str) -> bool:
    """Whether each character follows the one before it, up or down: ``abcdefghij``, ``9876543210``."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    return steps in ({1}, {-1})


def _is_made_of(plain: str, about: Iterable[str]) -> bool:
    """Whether nothing but a few characters is left without the words that everybody knows of the person."""
    words = {word for text in about for word in _WORD.findall(text.casefold())}
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) <= _REST_MAX and rest != plain
