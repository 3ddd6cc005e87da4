"""What the first dealers filed of late, by the days that are left, and what became of it."""

from __future__ import annotations

from typing import NamedTuple


class Filed(NamedTuple):
    """A paper of a dealer. since: days ago that it began; left: days until its end, None for none."""

    dealer: int
    kind: str
    paper_no: str
    issuer: str
    since: int
    left: int | None


AGREEMENT, LETTER = "quality_agreement", "purchaser_letter"
KEPT = (
    Filed(1, AGREEMENT, "质保协议 2026-001", "", 335, 30),
    Filed(1, LETTER, "采购授权 2026-001", "", 358, 7),
    Filed(2, AGREEMENT, "质保协议 2026-002", "", 305, 60),
    Filed(2, LETTER, "采购授权 2026-002", "", 275, 90),
    Filed(3, AGREEMENT, "质保协议 2026-003", "", 369, -4),
    Filed(4, AGREEMENT, "质保协议 2026-004", "", 100, 265),
)
"""What quality accepted: ends in 90, 60, 30 and 7 days, and one that has ended."""
LAPSED = 8
"""The dealer whose licence for class III was revoked of late, so that it blocks orders of that class."""
ISSUER = "市场监督管理局"
UNCLEAR = "公章不清晰，请重新扫描后提交"
REVOKED = "许可证被发证机关注销，凭公告停用"
