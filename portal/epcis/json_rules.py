"""The events of an EPCIS document in JSON, cut out of it one after the other. Pure.

Only brackets and strings are looked at: an event is given as its bytes, and what stands around the list of
events is kept as a small document with an empty list.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator, Iterable, Iterator
from enum import Enum, auto

from portal.kernel.errors import N_, Unreadable

DEPTH_MAX = 64
EVENT_MAX = 4 * 2**20
HEAD_MAX = 4 * 2**20
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:(")|\\?\Z)|[{}\[\]]', re.DOTALL)
_LISTS = frozenset({("epcisBody", "eventList"), ("epcisBody", "queryResults", "resultsBody", "eventList")})
_BLANK = b" \t\r\n"
_STRING, _OBJECT, _ARRAY = b'"{['
_PAIRS = {ord("}"): _OBJECT, ord("]"): _ARRAY}
_KEY_MAX = 40


class _Where(Enum):
    HEAD = auto()
    BETWEEN = auto()
    EVENT = auto()


class JsonEvents:
    """Iterates over the bytes of each event, as chunks of the document come.

    head: the document without them; pointer: of their list, empty without one. Both are there at the end.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._where = _Where.HEAD
        self._kept: dict[_Where, list[bytes]] = {where: [] for where in _Where}
        self._size = dict.fromkeys(_Where, 0)
        self._open: list[tuple[int, str]] = []
        self._key = self._behind_key = b""
        self._key_end = self._count = 0
        self.pointer = ""

    @property
    def head(self) -> bytes:
        """What stands around the events."""
        return b"".join(self._kept[_Where.HEAD])

    def __iter__(self) -> Iterator[bytes]:
        """The bytes of each event. Raises Unreadable."""
        rest = b""
        for place, chunk in enumerate(self._chunks):
            rest = yield from self._through(
                rest + (chunk.removeprefix(codecs.BOM_UTF8) if not place else chunk)
            )
            if len(rest) > EVENT_MAX:
                raise too_large()
        if rest or self._open:
            raise broken()

    def _through(self, buffer: bytes) -> Generator[bytes, None, bytes]:
        """The events that end in a buffer; returns the string that goes on behind it."""
        mark = 0
        end = len(buffer)
        self._key_end = 0
        for token in _TOKEN.finditer(buffer):
            start, behind = token.span()
            sign = buffer[start]
            if sign == _STRING:
                if token[1] is None:
                    end = start
                    break
                if self._where is not _Where.EVENT:
                    self._string(buffer[start + 1 : behind - 1], behind)
            elif sign in _PAIRS:
                mark = yield from self._close(sign, buffer, mark, start, behind)
            else:
                mark = self._opens(sign, buffer, mark, start, behind)
        self._behind_key = (self._behind_key + buffer[self._key_end : end]).strip(_BLANK)[:2]
        self._keep(buffer[mark:end])
        return buffer[end:]

    def _string(self, said: bytes, behind: int) -> None:
        if self._where is _Where.BETWEEN:
            raise no_object(f"{self.pointer}/{self._count}")
        self._key, self._behind_key, self._key_end = said[:_KEY_MAX], b"", behind

    def _opens(self, sign: int, buffer: bytes, mark: int, start: int, behind: int) -> int:
        if len(self._open) >= DEPTH_MAX:
            raise too_deep()
        if self._where is _Where.EVENT:
            self._open.append((sign, ""))
            return mark
        if self._where is _Where.BETWEEN:
            self._keep(buffer[mark:start])
            self._begin_event(sign)
            return start
        between = (self._behind_key + buffer[self._key_end : start]).strip(_BLANK)
        name = self._key.decode("utf-8", "replace") if between == b":" else ""
        self._key = b""
        self._open.append((sign, name))
        if sign == _ARRAY and tuple(name for _, name in self._open[1:]) in _LISTS and not self._open[0][1]:
            if self.pointer:
                raise broken()
            self._keep(buffer[mark:behind])
            self.pointer = "/" + "/".join(name for _, name in self._open[1:])
            self._where = _Where.BETWEEN
            return behind
        return mark

    def _begin_event(self, sign: int) -> None:
        """An object begins in the list, behind a comma where it is not the first."""
        before = b"".join(self._kept[_Where.BETWEEN]).strip(_BLANK)
        if sign != _OBJECT or before != (b"," if self._count else b""):
            raise no_object(f"{self.pointer}/{self._count}")
        self._empty(_Where.BETWEEN)
        self._open.append((sign, ""))
        self._where = _Where.EVENT

    def _close(
        self, sign: int, buffer: bytes, mark: int, start: int, behind: int
    ) -> Generator[bytes, None, int]:
        if not self._open or self._open[-1][0] != _PAIRS[sign]:
            raise broken()
        if self._where is _Where.BETWEEN:
            self._keep(buffer[mark:start])
            if b"".join(self._kept[_Where.BETWEEN]).strip(_BLANK):
                raise no_object(f"{self.pointer}/{self._count}")
            self._where, mark = _Where.HEAD, start
        self._open.pop()
        if self._where is _Where.EVENT and len(self._open) == self._list_depth:
            self._keep(buffer[mark:behind])
            event = b"".join(self._kept[_Where.EVENT])
            self._empty(_Where.EVENT)
            self._where, self._count, mark = _Where.BETWEEN, self._count + 1, behind
            yield event
        return mark

    @property
    def _list_depth(self) -> int:
        return self.pointer.count("/") + 1

    def _keep(self, part: bytes) -> None:
        if self._where is _Where.BETWEEN:
            part = part.strip(_BLANK)
        self._size[self._where] += len(part)
        if self._size[self._where] > (HEAD_MAX if self._where is _Where.HEAD else EVENT_MAX):
            raise too_large()
        self._kept[self._where].append(part)

    def _empty(self, where: _Where) -> None:
        self._kept[where].clear()
        self._size[where] = 0


def broken() -> Unreadable:
    """The document breaks off, or its brackets do not match."""
    message = N_("The document breaks off, or its brackets do not match.")
    return Unreadable("broken_document", message, fix=N_("Let a library write it."))


def no_object(pointer: str) -> Unreadable:
    """Something else stands where an event should."""
    message = N_("%(pointer)s: an event is an object, and commas stand between them.")
    return Unreadable("not_an_object", message, fix=N_("Let a library write it."), pointer=pointer)


def too_deep() -> Unreadable:
    """Brackets in brackets in brackets."""
    message = N_("The document is nested deeper than %(max)s levels.")
    return Unreadable("too_deep", message, fix=N_("No EPCIS document needs as many."), max=DEPTH_MAX)


def too_large() -> Unreadable:
    """One event, or what stands around all of them, takes too much."""
    message = N_("One event, or what stands around the list of events, has more than %(max)s MB.")
    return Unreadable("event_too_large", message, fix=N_("Divide it."), max=EVENT_MAX // 2**20)
