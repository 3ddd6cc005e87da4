"""Articles that answer what is asked often: published ones with what readers said, and one that waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from demo.loading.keys import key
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.network import DEALERS
from portal.kernel.numbering import check_character
from portal.knowledge.search_rules import weighed

_DATA = Path(__file__).resolve().parents[1] / "data" / "knowledge_articles.json"
_ARTICLE = ("id", "number", "current_version", "created_at")
_SAID = ("title_zh", "title_en", "text_zh", "text_en", "words", "kinds", "categories")
_VERSION = (
    *("article_id", "version_no", "number", *_SAID, "file_ids", "revision", "state"),
    *("written_by", "proposed_by", "proposed_by_label", "created_at", "submitted_by_label", "submitted_at"),
    *("approved_by", "approved_by_label", "approved_at", "published_by", "published_by_label"),
    "published_at",
)
_GRAM = ("gram", "article_id", "weight")
_PERSON = """
SELECT 'user:' || id, display_name FROM user_account WHERE %(role)s = ANY (roles) AND all_regions
 ORDER BY id LIMIT 1
"""
# A few readers of the first dealers say something of each; most of what helps spares no request.
_VOTES = """
INSERT INTO knowledge_vote (dealer_id, article_id, reader, is_helpful, is_solved, voted_at)
SELECT u.dealer_id, v.article_id, 'user:' || u.id, (u.id * 7 + v.article_id * 13) %% 6 > 0,
       (u.id * 7 + v.article_id * 13) %% 6 > 3, v.published_at + make_interval(hours => 5)
  FROM knowledge_version v
  JOIN user_account u ON u.dealer_id <= %(dealers)s
 WHERE v.published_at IS NOT NULL AND (u.id * 31 + v.article_id * 17) %% 5 = 0
"""


def load_knowledge(connection: psycopg.Connection, scenario: Scenario) -> None:
    """Articles, the words they are found by, and whom they helped."""
    author, publisher = _person(connection, "order_desk"), _person(connection, "quality")
    told = json.loads(_DATA.read_text(encoding="utf-8"))
    rows = [_rows(place, one, scenario.now, author, publisher) for place, one in enumerate(told)]
    put(connection, "knowledge_article", _ARTICLE, [article for article, _ in rows])
    put(connection, "knowledge_version", _VERSION, [version for _, version in rows])
    put(connection, "knowledge_gram", _GRAM, _grams(told))
    connection.execute(_VOTES, {"dealers": DEALERS})


def _person(connection: psycopg.Connection, role: str) -> tuple[Any, ...]:
    found = connection.execute(_PERSON, {"role": role}).fetchone()
    assert found is not None, role
    return found


def _rows(
    place: int, told: dict[str, Any], now: datetime, author: tuple[Any, ...], publisher: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    published = told["state"] == "published"
    begun = now - timedelta(days=told["age"])
    number, at = _number(place, begun), begun + timedelta(days=2)
    version = (
        *(key(place), 1, f"{number}.1", *(told[name] for name in _SAID), [], 3 if published else 2),
        *(told["state"], [author[0]], *author, begun, author[1], begun + timedelta(hours=3)),
        *((*publisher, at, *publisher, at) if published else (None,) * 6),
    )
    return (key(place), number, 1 if published else None, begun), version


def _grams(told: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for place, one in enumerate(told):
        if one["state"] == "published":
            titles = (one["title_zh"], one["title_en"], one["words"])
            for gram, weight in weighed(titles, (one["text_zh"], one["text_en"])).items():
                yield gram, key(place), weight


def _number(place: int, begun: datetime) -> str:
    body = f"{place:08d}"
    return f"KB{begun:%y%m}-{body}{check_character(body)}"


PART = Part("knowledge", load=load_knowledge)
