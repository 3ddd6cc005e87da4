"""Pages of text, rules and boxes, written as PDF operators.

reportlab embeds the fonts and writes the file; the content of a page is set here, because drawing a
statement's thousand short strings one canvas call at a time takes longer than all of this package together.
Pages stay in memory until the last one is known, so that each can say "page x of y". Coordinates are points
from the lower left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from itertools import groupby
from math import cos, sin
from operator import itemgetter
from typing import BinaryIO, NamedTuple

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from portal.kernel.paper.fonts import REGULAR, face

WIDTH, HEIGHT = 595.28, 841.89

# Inside (…) of a PDF string: parentheses, backslash and everything beyond printable ASCII as octal.
_ESCAPES = {code: f"\\{code:03o}" for code in (*range(32), *b"()\\", *range(127, 256))}
# Control points of a quarter circle as a Bézier curve, as a share of the radius.
_KAPPA = 0.5523


class Style(NamedTuple):
    """How a text looks: face name, size in points, ink as "r g b" from 0 to 1."""

    face: str
    size: float
    ink: str

    def width(self, text: str) -> float:
        """Width of `text` in points."""
        return face(self.face).width(text, self.size)


class _Glyphs(dict[str, str]):
    """Codes of characters in one document, assigned by reportlab when they are first met."""

    def __init__(self, face_name: str, canvas: Canvas) -> None:
        super().__init__()
        self._face, self._document = face(face_name), canvas._doc
        self.subsets: dict[str, str] = {}
        """The font subset of each character that was met."""

    def __missing__(self, character: str) -> str:
        font = self._face.font_of(ord(character))
        [(subset, code)] = font.splitString(character, self._document)
        self.subsets[character] = font.getSubsetInternalName(subset, self._document)
        escaped: str = code.decode("latin-1").translate(_ESCAPES)
        self[character] = escaped
        return escaped


class Sheet:
    """A document being drawn; `page` is the index of the open page.

    Nothing reaches the stream before `save`.
    """

    def __init__(
        self,
        stream: BinaryIO,
        *,
        title: str,
        author: str,
        subject: str,
        lang: str,
        created: datetime,
        size: tuple[float, float] = (WIDTH, HEIGHT),
    ) -> None:
        face(REGULAR)
        # invariant: no clock and no random identifier in the file, so equal documents are equal bytes.
        self._canvas = Canvas(
            stream,
            pagesize=size,
            invariant=1,
            pageCompression=1,
            initialFontName=REGULAR,
            lang=lang,
        )
        self._describe(title, author, subject, created)
        self._pages: list[list[str]] = []
        self._pictures: list[tuple[int, ImageReader, tuple[float, float, float, float]]] = []
        self._glyphs: dict[str, _Glyphs] = {}
        self._shown: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self._operators: list[str] = []
        self._in_text = False
        self.new_page()

    def _describe(self, title: str, author: str, subject: str, created: datetime) -> None:
        canvas = self._canvas
        canvas.setTitle(title)
        canvas.setAuthor(author)
        canvas.setSubject(subject)
        canvas.setCreator("Tonglu")
        zone = created.strftime("%z") or "+0000"
        stamp = f"D:{created:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"
        canvas.setDateFormatter(lambda *_: stamp)
        canvas.setViewerPreference("DisplayDocTitle", "true")

    def new_page(self) -> None:
        """Continue on an empty page."""
        self._pages.append([])
        self._open(len(self._pages) - 1)

    def _open(self, index: int) -> None:
        self._end_text()
        self.page = index
        self._operators = self._pages[index]
        self._font = "", 0.0
        self._fill = self._stroke = ""

    def text(self, x: float, y: float, text: str, style: Style) -> None:
        """Set `text` with its baseline starting at (x, y)."""
        self._set(f"1 0 0 1 {x:.2f} {y:.2f} Tm", text, style)

    def text_turned(self, x: float, y: float, angle: float, text: str, style: Style) -> None:
        """Set `text` with the middle of its baseline at (x, y), turned by `angle` radians to the left."""
        across, up = cos(angle), sin(angle)
        back = style.width(text) / 2
        x, y = x - back * across, y - back * up
        matrix = f"{across:.4f} {up:.4f} {-up:.4f} {across:.4f} {x:.2f} {y:.2f} Tm"
        self._set(matrix, text, style)

    def _set(self, place: str, text: str, style: Style) -> None:
        if not text:
            return
        write = self._operators.append
        if not self._in_text:
            write("BT")
            self._in_text = True
        face_name, size, ink = style
        self._fill_with(ink)
        write(place)
        for subset, shown in self._shown.get((face_name, text)) or self._encode(face_name, text):
            if (subset, size) != self._font:
                write(f"{subset} {size:g} Tf")
                self._font = subset, size
            write(shown)

    def _encode(self, face_name: str, text: str) -> list[tuple[str, str]]:
        """Pairs of font subset and show operator; remembered, since dates and kinds recur on every line."""
        if face_name not in self._glyphs:
            self._glyphs[face_name] = _Glyphs(face_name, self._canvas)
        glyphs = self._glyphs[face_name]
        codes = [*map(glyphs.__getitem__, text)]
        subsets = [*map(glyphs.subsets.__getitem__, text)]
        if subsets.count(subsets[0]) == len(subsets):
            runs = [(subsets[0], f"({''.join(codes)}) Tj")]
        else:
            runs = [
                (subset, f"({''.join(code for _, code in run)}) Tj")
                for subset, run in groupby(zip(subsets, codes, strict=True), itemgetter(0))
            ]
        self._shown[face_name, text] = runs
        return runs

    def text_right(self, x: float, y: float, text: str, style: Style) -> None:
        """Set `text` so that it ends at x."""
        self.text(x - style.width(text), y, text, style)

    def text_centred(self, x: float, y: float, text: str, style: Style) -> None:
        """Set `text` with its middle at x."""
        self.text(x - style.width(text) / 2, y, text, style)

    def rule(self, x: float, y: float, length: float, ink: str, weight: float = 0.5) -> None:
        """Draw a horizontal line to the right of (x, y)."""
        self._stroke_with(ink, weight)
        self._operators.append(f"{x:.2f} {y:.2f} m {x + length:.2f} {y:.2f} l S")

    def line(self, points: Sequence[tuple[float, float]], ink: str, weight: float) -> None:
        """Draw a line with round ends through the points; a dot where there is one."""
        self._stroke_with(ink, weight)
        (x, y), *others = points
        path = [f"{x:.2f} {y:.2f} m", *(f"{ax:.2f} {ay:.2f} l" for ax, ay in others or points)]
        self._operators.append(f"1 J 1 j {' '.join(path)} S 0 J 0 j")

    def box(self, x: float, y: float, width: float, height: float, ink: str) -> None:
        """Fill a rectangle whose lower left corner is (x, y)."""
        self._end_text()
        self._fill_with(ink)
        self._operators.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re f")

    def frame(self, x: float, y: float, width: float, height: float, ink: str, weight: float = 0.5) -> None:
        """Outline a rectangle whose lower left corner is (x, y)."""
        self._stroke_with(ink, weight)
        self._operators.append(f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re S")

    def dashed_circle(self, x: float, y: float, radius: float, ink: str) -> None:
        """Outline a circle around (x, y) in dashes: the place for a seal."""
        self._stroke_with(ink, 0.6)
        self._operators.append(f"[3 2.4] 0 d {_circle(x, y, radius)} S [] 0 d")

    def circle(self, x: float, y: float, radius: float, ink: str, weight: float) -> None:
        """Outline a circle around (x, y)."""
        self._stroke_with(ink, weight)
        self._operators.append(f"{_circle(x, y, radius)} S")

    def picture(self, x: float, y: float, width: float, height: float, content: bytes) -> None:
        """Put a picture below what is drawn on this page, its lower left corner at (x, y)."""
        self._pictures.append((self.page, ImageReader(BytesIO(content)), (x, y, width, height)))

    def save(self, stamp: Callable[[int, int], None]) -> None:
        """Call `stamp(page, pages)` on every page for its heads and feet, then write the file."""
        for index, operators in enumerate(self._pages):
            self._open(index)
            stamp(index + 1, len(self._pages))
            self._end_text()
            for place, picture, box in self._pictures:
                if place == index:
                    self._canvas.drawImage(picture, *box, mask="auto", preserveAspectRatio=True)
            self._canvas.addLiteral("\n".join(operators))
            self._canvas.showPage()
        self._canvas.save()

    def _fill_with(self, ink: str) -> None:
        if ink != self._fill:
            self._operators.append(f"{ink} rg")
            self._fill = ink

    def _stroke_with(self, ink: str, weight: float) -> None:
        self._end_text()
        stroke = f"{ink} RG {weight:g} w"
        if stroke != self._stroke:
            self._operators.append(stroke)
            self._stroke = stroke

    def _end_text(self) -> None:
        if self._in_text:
            self._operators.append("ET")
            self._in_text = False


def _circle(x: float, y: float, radius: float) -> str:
    """The path of a circle, as four curves."""
    r, k = radius, radius * _KAPPA
    corners = ((r, k, k, r, 0, r), (-k, r, -r, k, -r, 0), (-r, -k, -k, -r, 0, -r), (k, -r, r, -k, r, 0))
    path = [f"{x + r:.2f} {y:.2f} m"]
    for ax, ay, bx, by, cx, cy in corners:
        path.append(f"{x + ax:.2f} {y + ay:.2f} {x + bx:.2f} {y + by:.2f} {x + cx:.2f} {y + cy:.2f} c")
    return " ".join(path)
