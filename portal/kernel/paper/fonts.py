"""Noto Sans SC in two weights, with Noto Sans for the letters of Europe that it lacks.

Parsed once per process. Parsing costs about 0.1 s and 25 MB a weight, so a parent that forks workers calls
`load_fonts()` first: the children then share the parsed tables.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFDocument
from reportlab.pdfbase.ttfonts import TTFont, TTFontFace

from portal.kernel.printable import VARIATION_SELECTORS

REGULAR = "NotoSansSC-Regular"
STRONG = "NotoSansSC-Medium"
_FALLBACK = {REGULAR: "NotoSansRest-Regular", STRONG: "NotoSansRest-Medium"}

# U+3013, the mark a compositor sets where the type for a character is missing.
GETA_MARK = ord("〓")

_FOLDER = Path(__file__).resolve().parent.parent / "fonts"


class _Font(TTFont):
    """A font whose text can be copied out of the PDF whatever plane its characters are of.

    reportlab writes code points as they are into the map from codes to text, which is read as UTF-16: U+2CB73
    came out as U+2CB7.
    """

    def addObjects(self, doc: PDFDocument) -> None:
        """Embed the subsets, each with a map that is right for all of Unicode.

        Widths are whole numbers; reportlab writes them as slowly as decimals.
        """
        subsets = self.state[doc].subsets
        names = [self.getSubsetInternalName(number, doc)[1:] for number in range(len(subsets))]
        super().addObjects(doc)
        fonts = doc.idToObject["BasicFonts"].dict
        for name, subset in zip(names, subsets, strict=True):
            doc.idToObject[fonts[name].ToUnicode.name].content = to_unicode(subset)
            widths = fonts[name].Widths
            widths.sequence = [b"%d" % width for width in widths.sequence]


def to_unicode(subset: Sequence[int]) -> str:
    """The CMap from the codes of a subset to text (ISO 32000-1, 9.10.3).

    UTF-16 in hexadecimal, a hundred codes a block.
    """
    codes = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        for code, point in enumerate(subset)
        if point
    ]
    blocks = [codes[start : start + 100] for start in range(0, len(codes), 100)]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *(line for block in blocks for line in (f"{len(block)} beginbfchar", *block, "endbfchar")),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


class _Outlines:
    """The outlines of a font, read where they lie.

    A subset takes some dozens of them; reportlab copies all of them first, 8 MB and 2 ms a weight and paper.
    """

    def __init__(self, font: bytes, start: int) -> None:
        self._font, self._start = font, start

    def __getitem__(self, place: slice) -> bytes:
        return self._font[self._start + place.start : self._start + place.stop]


class Face:
    """One weight: widths of its characters and the fonts that embed them."""

    def __init__(self, name: str) -> None:
        self._fonts = tuple(map(_registered, (name, _FALLBACK[name])))
        self._advances = _Advances(self)
        self._repairs = _Repairs(self)

    def has(self, code: int) -> bool:
        """Whether a font of this face has the character."""
        return any(code in font.face.charToGlyph for font in self._fonts)

    def font_of(self, code: int) -> TTFont:
        """The first font that has the character; the face's own when none has it."""
        return next((font for font in self._fonts if code in font.face.charToGlyph), self._fonts[0])

    def width(self, text: str, size: float) -> float:
        """Width of `text` in points at `size` points."""
        return sum(map(self._advances.__getitem__, text)) * size / 1000

    def printable(self, text: str) -> str:
        """`text`, composed, as the face can show it.

        Controls are turned to spaces, invisible marks dropped and characters the face lacks shown as 〓.
        """
        if text.isascii() and text.isprintable():
            return text  # both faces have all of it
        return unicodedata.normalize("NFC", text).translate(self._repairs)


def _registered(name: str) -> _Font:
    # asciiReadable would embed all of ASCII and leave half as many of a subset's 256 places to Chinese.
    font = _Font(name, str(_FOLDER / f"{name}.ttf"), asciiReadable=False)
    _read_in_place(font.face)
    pdfmetrics.registerFont(font)
    return font


def _read_in_place(face: TTFontFace) -> None:
    table = face.get_table
    outlines = _Outlines(face._ttf_data, face.get_table_pos("glyf")[0])
    face.get_table = lambda tag: outlines if tag == "glyf" else table(tag)


class _Advances(dict[str, float]):
    """Advance width of a character in thousandths of the size, looked up once."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, character: str) -> float:
        code = ord(character)
        advance: float
        advance = self[character] = self._face.font_of(code).face.getCharWidth(code)
        return advance


class _Repairs(dict[int, int | None]):
    """Translation table of `printable`, filled as characters are met."""

    def __init__(self, face: Face) -> None:
        super().__init__()
        self._face = face

    def __missing__(self, code: int) -> int | None:
        repaired = self[code] = self._repair(code)
        return repaired

    def _repair(self, code: int) -> int | None:
        category = unicodedata.category(chr(code))
        if category == "Cf" or code in VARIATION_SELECTORS:
            return None
        if category[0] in "CZ" and code != 0x3000:
            return 0x20
        return code if self._face.has(code) else GETA_MARK


@cache
def face(name: str) -> Face:
    """The face REGULAR or STRONG, parsed at first use."""
    # Base 85 keeps a PDF 7-bit clean for mail gateways of the nineties and makes it a quarter larger.
    rl_config.useA85 = 0
    return Face(name)


def load_fonts() -> None:
    """Parse both weights now. Call it before forking or before the first measured render."""
    for name in (REGULAR, STRONG):
        face(name)
