"""Texts and tables without a format of their own: what their bytes must not be. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable

from portal.files.rules import refuse
from portal.kernel.errors import N_

TEXT = "text/plain"
CSV = "text/csv"
ENDINGS = {TEXT: (".txt",), CSV: (".csv",)}

_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_ENCODINGS = ("utf-8", "gb18030")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_MARKUP = re.compile(r"\s*<|.*<(?:script|html|svg|body|iframe|!doctype|\?xml)\b", re.IGNORECASE | re.DOTALL)
_MARKUP_WITHIN = 4096  # characters: a browser that guesses looks no further
_SYMBOLIC_LINK = re.compile(r"ID;P")
_FORMULA = re.compile(r"\s*[=@＝＠]|\s*[-+－＋](?![\s\d.,()/%:-]*$)")


def text_type_of(name: str, content: bytes) -> str:
    """The type of a text or a table of values. Raises Invalid for what is neither."""
    text = _decoded(content)
    if text is None or _CONTROL.search(text):
        message = N_("This is no PDF, picture (JPEG, PNG, HEIC), Office file or text.")
        raise refuse("file_type", message, N_("Save it as one of these."))
    if _MARKUP.match(text[:_MARKUP_WITHIN]):
        message = N_("Web pages, drawings (SVG) and XML are not taken.")
        raise refuse("markup", message, N_("Save it as a PDF or a picture."))
    if _SYMBOLIC_LINK.match(text):
        message = N_("This file holds macros, or takes what it shows from elsewhere.")
        raise refuse("macros", message, N_("Save it without macros and links, or as a PDF."))
    if not name.lower().endswith(ENDINGS[CSV]):
        return TEXT
    _check_cells(text)
    return CSV


def _decoded(content: bytes) -> str | None:
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _read(content, encoding)
    texts = (_read(content, encoding) for encoding in _ENCODINGS)
    return next((text for text in texts if text is not None), None)


def _read(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _check_cells(text: str) -> None:
    """Raise Invalid for a cell that Excel would compute: whoever opens the table runs what is in it."""
    for row, cells in enumerate(_rows(text), start=1):
        if any(_FORMULA.match(cell) for cell in cells):
            message = N_("A cell in row %(row)s begins like a formula.")
            raise refuse("formula", message, N_("Put an apostrophe before it, or save values only."), row=row)


def _rows(text: str) -> Iterable[list[str]]:
    delimiter = max(",;\t", key=text[:_MARKUP_WITHIN].count)
    try:
        yield from csv.reader(text.splitlines(), delimiter=delimiter)
    except csv.Error:
        raise refuse(
            "torn_file", N_("This file is not complete."), N_("Make it or copy it once more.")
        ) from None
