"""The rules of warranty as headquarters sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

RULES_MAX = 500


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule in words. subject: SKU or code of the line, empty for all products."""

    subject: str
    name_zh: str
    name_en: str
    months: int
    starts: str
    latest_months: int
    valid_from: date
    reason: str
    made_at: datetime
    made_by_label: str
    is_in_force: bool


def rule_rows(session: Session) -> list[RuleRow]:
    """Every rule, those of products first, each subject's newest on top."""
    return [RuleRow(**row._mapping) for row in session.execute(_ROWS, {"limit": RULES_MAX})]


def categories(session: Session) -> list[tuple[str, str, str]]:
    """Product lines: code and names."""
    return [(row.code, row.name_zh, row.name_en) for row in session.execute(_CATEGORIES)]


_ROWS = text(
    """
    SELECT coalesce(p.sku, r.category_code, '') AS subject, coalesce(p.name_zh, g.name_zh, '') AS name_zh,
           coalesce(p.name_en, g.name_en, '') AS name_en, r.months, r.starts, r.latest_months, r.valid_from,
           r.reason, r.made_at, r.made_by_label,
           r.valid_from <= app_today() AND NOT EXISTS (
             SELECT FROM warranty_rule n
              WHERE (n.product_id, n.category_code) IS NOT DISTINCT FROM (r.product_id, r.category_code)
                AND n.valid_from > r.valid_from AND n.valid_from <= app_today()) AS is_in_force
      FROM warranty_rule r
      LEFT JOIN product p ON p.id = r.product_id
      LEFT JOIN category g ON g.code = r.category_code
     ORDER BY r.product_id IS NULL, r.category_code IS NULL, subject, r.valid_from DESC, r.id DESC
     LIMIT :limit
    """
)
_CATEGORIES = text("SELECT code, name_zh, name_en FROM category ORDER BY code")
