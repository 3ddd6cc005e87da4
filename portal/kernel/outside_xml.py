"""An XML document of somebody else's program, read once and safely. Pure.

It is decoded as it says it is written, GB18030 and its parts too, which Python's own parser does not know. A
document type is refused in every encoding, so nothing is ever expanded or fetched; size, depth and number of
elements are bounded. Whatever is refused says why, and in which line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from xml.parsers import expat

from portal.kernel.errors import N_

DEPTH_MAX = 60
ELEMENTS_MAX = 500_000
_BEFORE_MAX = 8  # marks and runs of blanks before a document
_BLANK = " \t\r\n"
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_UNMARKED = (
    (re.compile(rb"(?:[ \t\r\n]\x00)*<\x00"), "utf-16-le"),
    (re.compile(rb"(?:\x00[ \t\r\n])*\x00<"), "utf-16-be"),
)
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([^\"'<>]{1,40})[\"']")
_BEFORE_ROOT = re.compile(r"(?:[ \t\r\n]+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_BEGINNING = re.compile(r"<\?xml\s|<!DOCTYPE|<!--|<([\w.-]{1,40}:)?Document\b")
_CHINESE = frozenset({"gb2312", "gbk", "gb18030"})
_LATIN = re.compile(r"iso8859-[0-9]{1,2}|cp125[0-8]")
_KNOWN = frozenset({"utf-8", "ascii", "big5", "big5hkscs", "cp950"})
_NONE: Mapping[str, str] = MappingProxyType({})
_TWO_BYTES, _THREE_BYTES = (
    re.compile("[\u0080-\U0010ffff]"),
    re.compile("[\u0800-\U0010ffff]"),
)  # of UTF-8, or more


class NotRead(ValueError):
    """A document that is not read. line: where it stops; None where it is the document as a whole.

    params: of the message; about: those but the line.
    """

    def __init__(self, code: str, message: str, line: int | None, **about: object) -> None:
        self.code, self.message, self.line, self.about = code, message, line, about
        self.params = about if line is None else about | {"line": line}
        super().__init__(f"{code}: {message % self.params}")


class Node:
    """An element by its name without a prefix, with the line it begins in."""

    __slots__ = ("attributes", "line", "name", "parts", "texts")

    def __init__(self, name: str, line: int, attributes: Mapping[str, str] = _NONE) -> None:
        self.name, self.line, self.attributes = name, line, attributes
        self.parts: list[Node] = []
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        """What it says itself."""
        return "".join(self.texts).strip()

    def all(self, path: str) -> Iterator[Node]:
        """Every element below it at a path such as ``Acct/Id``."""
        first, _, rest = path.partition("/")
        for part in self.parts:
            if part.name == first:
                if rest:
                    yield from part.all(rest)
                else:
                    yield part

    def one(self, *paths: str) -> Node | None:
        """The first element at one of some paths."""
        return next((found for path in paths for found in self.all(path)), None)

    def said(self, *paths: str) -> str:
        """What the first element at one of some paths says; empty where there is none."""
        return next((found.text for path in paths for found in self.all(path) if found.text), "")

    def walk(self) -> Iterator[Node]:
        """It, and every element below it, in the order of the document."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.parts))


def begins_like_xml(content: bytes) -> bool:
    """Whether a file is meant to be XML, whatever its encoding, blanks and marks before it."""
    rest, encoding, _ = _without_marks(content[:4096])
    if encoding in (None, "utf-8"):
        return _BEGINNING.match(rest[:200].decode("latin-1")) is not None
    return _BEGINNING.match(rest[:200].decode(encoding, "replace").lstrip(_BLANK)) is not None


def document_of(text: str) -> bytes:
    """What came as text, as a file: marked, for what it declares is the encoding of another file."""
    content = text.encode()
    return codecs.BOM_UTF8 + content if _DECLARED.search(content[:400]) else content


def read_xml(content: bytes, *, size_max: int) -> Node:
    """The root of a document of at most so many bytes. Raises NotRead."""
    if len(content) > size_max:
        message = N_("The file has more than %(max)s MB.")
        raise NotRead("too_large", message, None, max=size_max // 1_000_000)
    text, skipped = _decoded(content)
    before = _BEFORE_ROOT.match(text)
    behind = before.end() if before else 0
    if text.startswith("<!DOCTYPE", behind):
        raise _document_type(skipped + text.count("\n", 0, behind) + 1)
    return _parsed(text, skipped)


def _document_type(line: int) -> NotRead:
    message = N_("Line %(line)s: the file declares a document type, as no document of this kind does.")
    return NotRead("document_type", message, line)


def _without_marks(content: bytes) -> tuple[bytes, str | None, int]:
    """What stands behind marks and blanks; the encoding that a mark, or how it begins, says; blank lines."""
    rest, lines = content, 0
    encoding = next((name for begins, name in _UNMARKED if begins.match(content)), None)
    for _ in range(_BEFORE_MAX):
        blank = len(rest) - len(rest.lstrip(_BLANK.encode()))
        mark = next(((mark, name) for mark, name in _MARKS if rest.startswith(mark)), None)
        if mark and encoding in (None, mark[1]):
            rest, encoding = rest[len(mark[0]) :], mark[1]
        elif blank and encoding in (None, "utf-8"):
            rest, lines = rest[blank:], lines + rest[:blank].count(b"\n")
        else:
            break
    return rest, encoding, lines


def _decoded(content: bytes) -> tuple[str, int]:
    """The document as text, from its first sign on, and how many lines were before it. Raises NotRead."""
    rest, encoding, lines = _without_marks(content)
    declared = _DECLARED.match(rest)
    if encoding is None:
        said = declared[1].decode("ascii", "replace") if declared else ""
        encoding = _codec_of(said, lines + 1)
        _require_not_utf8(rest, encoding, said, lines)
    else:
        said = "UTF-8" if encoding == "utf-8" else "UTF-16"
    try:
        text = rest.decode(encoding)
    except UnicodeDecodeError as error:
        line = lines + rest[: error.start].decode(encoding, "ignore").count("\n") + 1
        if error.end >= len(rest) and error.reason in _CUT_OFF:
            raise _broken(line) from error
        raise _another_encoding(said, line) from error
    behind = text.lstrip(_BLANK)
    return behind, lines + text[: len(text) - len(behind)].count("\n")


_CUT_OFF = frozenset({"unexpected end of data", "incomplete multibyte sequence", "truncated data"})


def _codec_of(said: str, line: int) -> str:
    """The codec of a declared encoding, UTF-8 where none is. Raises NotRead for one that is not read here."""
    try:
        codec = codecs.lookup(said.strip() or "utf-8").name
    except (LookupError, ValueError):
        codec = ""
    if codec in _CHINESE:
        return "gb18030"
    if codec in _KNOWN or _LATIN.fullmatch(codec):
        return codec
    if codec.startswith("utf-16"):  # nothing is written in it that begins with a sign of one byte
        raise _another_encoding(said, line)
    message = N_("Line %(line)s: the file is written in “%(encoding)s”, which is not read here.")
    raise NotRead("encoding_unknown", message, line, encoding=said)


def _require_not_utf8(content: bytes, encoding: str, said: str, lines: int) -> None:
    """Raise NotRead for UTF-8 that is said to be something else: it could be read so, as other words.

    No text of two bytes a character happens to be UTF-8 of three.
    """
    if encoding == "utf-8" or content.isascii():
        return
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return
    found = (_TWO_BYTES if _LATIN.fullmatch(encoding) else _THREE_BYTES).search(text)
    if found is not None:
        raise _another_encoding(said, lines + text.count("\n", 0, found.start()) + 1)


def _another_encoding(said: str, line: int) -> NotRead:
    if not said:
        message = N_("Line %(line)s: this is not UTF-8, and the file names no other encoding.")
        return NotRead("encoding_wrong", message, line)
    message = N_("Line %(line)s: this is not written in %(encoding)s, as the file says.")
    return NotRead("encoding_wrong", message, line, encoding=said)


def _broken(line: int) -> NotRead:
    return NotRead("broken_xml", N_("Line %(line)s: the XML breaks off or is damaged."), line)


def _parsed(text: str, skipped: int) -> Node:
    """The elements of a text; what it declares of its encoding counts no more."""
    top = Node("", 0)
    open_nodes, count = [top], 0
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse_doctype(*_: object) -> None:
        raise _document_type(skipped + parser.CurrentLineNumber)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count, line = count + 1, skipped + parser.CurrentLineNumber
        if len(open_nodes) > DEPTH_MAX:
            message = N_("Line %(line)s: elements stand in each other deeper than in any such document.")
            raise NotRead("too_deep", message, line)
        if count > ELEMENTS_MAX:
            message = N_("Line %(line)s: the file has more than %(max)s elements.")
            raise NotRead("too_many", message, line, max=ELEMENTS_MAX)
        node = Node(name.rpartition(":")[2], line, attributes or _NONE)
        open_nodes[-1].parts.append(node)
        open_nodes.append(node)

    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_nodes.pop()
    parser.CharacterDataHandler = lambda said: open_nodes[-1].texts.append(said)
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise _broken(skipped + error.lineno) from None
    return top.parts[0]
