"""Articles that answer what is asked often: published ones with what readers said, and one that waits.

What became of some of them since was done by the portal's own verbs: one was written anew and published, one
withdrawn, one is a draft.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from demo.loading.acting import Acting, acting
from demo.loading.keys import key
from demo.loading.rows import put
from demo.scenario import Part, Scenario
from demo.world.business_days import local_date
from demo.world.network import DEALERS
from portal.kernel.numbering import check_character
from portal.knowledge.publish_article import publish_article, withdraw_article
from portal.knowledge.rules import Content
from portal.knowledge.search_rules import weighed
from portal.knowledge.write_article import draft_article, edit_article, submit_article

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


_SIGNED = Content(
    "维修报告怎么签、在哪里看",
    "Signing and finding a repair report",
    "工程师完成检修后，请在其手机上签名：\n\n- 签名前核对检查表和使用的配件数量\n"
    "- 报告立即出现在服务请求里，可随时查看\n- 检测合格后系统开具发票；保修范围内不收费",
    "When the work is done, please sign on the engineer's phone:\n\n- Read the check-list and the parts"
    " first\n- The report is in the service request at once\n- After a test that passed the work is"
    " invoiced; under warranty nothing is",
    "签字 签名 检修 报告 发票 signature repair report",
    ("repair",),
)
_PAPER = Content(
    "纸质报修单填写说明",
    "How to fill in the paper form for repairs",
    "请用正楷填写序列号、故障现象和联系人，传真至客户服务部。",
    "Write serial number, fault and contact in block letters and send it by fax.",
    "报修单 传真 fax form",
    ("repair",),
)
_QUOTES = Content(
    "维修报价的有效期与确认方式",
    "How long a repair quote is valid, and how it is accepted",
    "报价到期后自动失效，请在有效期内在服务请求页确认；确认后立即预留备件。",
    "A quote runs out on its last day; accept it on the page of the service request, and its parts are held"
    " at once.",
    "报价 有效期 确认 quote valid",
    ("repair",),
)


def edit_knowledge(connection: psycopg.Connection, scenario: Scenario) -> None:
    """What editors did of late: published anew, withdrawn, begun."""
    with acting(connection) as people:
        number = _published(people, scenario.now - timedelta(days=45), _SIGNED)
        again = people.at(scenario.now - timedelta(days=6))
        longer = replace(_SIGNED, text_zh=_SIGNED.text_zh + "\n- 对报告有异议，请直接在服务请求里回复")
        writer, session = people.staff("orders"), people.session
        edit_article(session, actor=writer, number=number, revision=None, content=longer, at=again)
        _publish(people, number, again)
        old = _published(people, scenario.now - timedelta(days=150), _PAPER)
        at, why = people.at(scenario.now - timedelta(days=20)), "已改为在线报修，不再接受传真"
        withdraw_article(session, actor=people.staff("quality"), number=old, reason=why, at=at)
        at = people.at(scenario.now - timedelta(days=1))
        draft_article(session, actor=writer, content=_QUOTES, today=local_date(at), at=at)


def _published(people: Acting, at: datetime, content: Content) -> str:
    at, writer = people.at(at), people.staff("orders")
    number = draft_article(people.session, actor=writer, content=content, today=local_date(at), at=at)
    _publish(people, number, at)
    return number


def _publish(people: Acting, number: str, begun: datetime) -> None:
    """One hands it in, another one lets dealers read it."""
    session, at = people.session, people.at(begun + timedelta(hours=2))
    submit_article(session, actor=people.staff("orders"), number=number, revision=None, at=at)
    at = people.at(begun + timedelta(days=1))
    publish_article(session, actor=people.staff("quality"), number=number, revision=None, at=at)


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


PART = Part("knowledge", load=load_knowledge, act=edit_knowledge)
