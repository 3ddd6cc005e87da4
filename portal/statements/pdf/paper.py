"""What every part of the statement shares: page geometry, type styles, and the paper it is written on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.statements.document import StatementDocument
from portal.statements.pdf import wording
from portal.statements.pdf.fonts import REGULAR, STRONG
from portal.statements.pdf.sheet import HEIGHT, WIDTH, Sheet, Style

LEFT, RIGHT = 42.5, WIDTH - 42.5
ROOM = RIGHT - LEFT
TOP, TOP_CONTINUED, BOTTOM = HEIGHT - 44, HEIGHT - 68, 58

BLACK, GREY, HAIRLINE, WHITE = "0.11 0.14 0.19", "0.37 0.41 0.47", "0.82 0.84 0.87", "1 1 1"
NAVY, TINT, PALE = "0.07 0.2 0.36", "0.95 0.965 0.98", "0.78 0.84 0.91"

BODY = Style(REGULAR, 8, BLACK)
STRONG_BODY = Style(STRONG, 8, BLACK)
LABEL = Style(REGULAR, 7.5, GREY)
HEADING = Style(STRONG, 9.5, NAVY)


@dataclass
class Paper:
    """The sheet being filled from top to bottom. `y` is the upper edge of what comes next."""

    document: StatementDocument
    sheet: Sheet
    words: Mapping[str, str]
    y: float = TOP

    @classmethod
    def blank(cls, document: StatementDocument, sheet: Sheet) -> Paper:
        return cls(document, sheet, wording.words(document.locale))

    def fits(self, height: float) -> bool:
        return self.y - height >= BOTTOM

    def turn(self) -> None:
        """Continue on the next page, below its running head."""
        self.sheet.new_page()
        self.y = TOP_CONTINUED

    def require(self, height: float) -> None:
        """Turn the page unless `height` is left on it."""
        if not self.fits(height):
            self.turn()

    def lines(self, x: float, y: float, lines: tuple[str, ...], style: Style, leading: float) -> float:
        """Set lines downward from baseline y and return the baseline that would follow."""
        for line in lines:
            self.sheet.text(x, y, line, style)
            y -= leading
        return y

    def heading(self, title: str, note: str = "") -> None:
        """A section title at the left with a remark at the right end of its line."""
        self.y -= 20
        self.sheet.text(LEFT, self.y, title, HEADING)
        self.sheet.text_right(RIGHT, self.y, note, LABEL)
        self.y -= 6
