"""What every document shares: page geometry, type styles, head and foot, and the paper being filled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from portal.kernel.paper.fonts import REGULAR, STRONG
from portal.kernel.paper.sheet import HEIGHT, WIDTH, Sheet, Style
from portal.kernel.paper.typesetting import break_lines, shortened, shrunk

LEFT, RIGHT = 42.5, WIDTH - 42.5
ROOM = RIGHT - LEFT
TOP, TOP_CONTINUED, BOTTOM = HEIGHT - 44, HEIGHT - 68, 58

BLACK, GREY, HAIRLINE, WHITE = "0.11 0.14 0.19", "0.37 0.41 0.47", "0.82 0.84 0.87", "1 1 1"
NAVY, TINT, PALE = "0.07 0.2 0.36", "0.95 0.965 0.98", "0.78 0.84 0.91"

BODY = Style(REGULAR, 8, BLACK)
STRONG_BODY = Style(STRONG, 8, BLACK)
LABEL = Style(REGULAR, 7.5, GREY)
HEADING = Style(STRONG, 9.5, NAVY)


_COMPANY = STRONG_BODY._replace(size=13, ink=NAVY)
_TITLE = STRONG_BODY._replace(size=21, ink=NAVY)
SUBTITLE = BODY._replace(size=8, ink=GREY)
NAME = STRONG_BODY._replace(size=11, ink=BLACK)

META_LEFT = LEFT + ROOM * 0.58
META_VALUE = META_LEFT + 76


@dataclass
class Paper:
    """The sheet being filled from top to bottom.

    words: what the paper says, by key. `y` is the upper edge of what comes next.
    """

    sheet: Sheet
    words: Mapping[str, str]
    y: float = TOP

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

    def masthead(self, name: str, other: str, contact: str) -> None:
        """The company at the left, also by its `other` name, the title at the right, a rule under both."""
        sheet, words = self.sheet, self.words
        title = shrunk(words["title"], _TITLE, ROOM * 0.34)
        sheet.text_right(RIGHT, self.y - 20, words["title"], title)
        sheet.text_right(RIGHT, self.y - 33, words["subtitle"], SUBTITLE)
        room = ROOM - title.width(words["title"]) - 30
        y = self.lines(LEFT, self.y - 13, break_lines(name, _COMPANY, room), _COMPANY, 17) + 4
        y = self.lines(LEFT, y, break_lines(other, SUBTITLE, room), SUBTITLE, 11)
        y = self.lines(LEFT, y, break_lines(contact, LABEL, room), LABEL, 10.5)
        self.y = min(y, self.y - 40)
        sheet.rule(LEFT, self.y, ROOM, NAVY, 1.6)

    def addressee(self, y: float, name: str, other: str, facts: Iterable[tuple[str, str]]) -> float:
        """Whom the paper is for, at the left from baseline `y`, with labelled `facts` of it.

        Returns the baseline that would follow.
        """
        room = META_LEFT - LEFT - 22
        self.sheet.text(LEFT, y, self.words["addressee"], LABEL)
        y = self.lines(LEFT, y - 15, break_lines(name, NAME, room), NAME, 15) + 2
        y = self.lines(LEFT, y, break_lines(other, SUBTITLE, room), SUBTITLE, 11) - 2
        labelled = list(facts)
        widest = max(LABEL.width(label) for label, _ in labelled)
        return self.facts(y, LEFT, LEFT + widest + 10, LEFT + room, labelled)

    def facts(
        self, y: float, left: float, value_left: float, right: float, facts: Iterable[tuple[str, str]]
    ) -> float:
        """Label and value per line, values broken where long and left out where empty.

        Returns the baseline that would follow.
        """
        for label, value in facts:
            if value:
                self.sheet.text(left, y, label, LABEL)
                y = self.lines(value_left, y, break_lines(value, BODY, right - value_left), BODY, 11) - 2
        return y

    def running_head(self, left: str, right: str) -> None:
        """What stands on top of every page but the first."""
        y = HEIGHT - 50
        left = shortened(left, STRONG_BODY, ROOM - LABEL.width(right) - 24)
        self.sheet.text(LEFT, y, left, STRONG_BODY)
        self.sheet.text_right(RIGHT, y, right, LABEL)
        self.sheet.rule(LEFT, y - 8, ROOM, HAIRLINE, 0.5)

    def foot(self, left: str, page: int, pages: int) -> None:
        """What stands below every page, with its number."""
        self.sheet.rule(LEFT, 46, ROOM, HAIRLINE, 0.5)
        self.sheet.text(LEFT, 34, left, LABEL)
        self.sheet.text_right(RIGHT, 34, self.words["page"] % {"page": page, "pages": pages}, LABEL)
