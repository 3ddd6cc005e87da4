"""What is offered for the texts of notices: those of the set, read by eye, and what else a notice may say."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal.recalls.notice_rules import Question, propose
from portal.recalls.number_rules import between, lies_between

DATA = Path(__file__).parent / "data"
EXPECTED = yaml.load((DATA / "expected_scopes.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
NOTICES = list(csv.DictReader((DATA / "notices.csv").open(encoding="utf-8", newline="")))


def told(item):
    """An item as the expectations write it."""
    if item.serials:
        [ends] = item.serials
        return {"serials": list(ends), "without": item.without}
    return item.lots or "all"


@pytest.mark.parametrize("reason", [False, True], ids=["alone", "with the reason"])
@pytest.mark.parametrize("notice", NOTICES, ids=[row["recall_number"] for row in NOTICES])
def test_a_real_notice_becomes_the_scope_that_was_read_by_eye(notice, reason):
    text = f"{notice['product_description']}\n{notice['code_info']}"
    found = propose(f"{text}\n{notice['reason_for_recall']}" if reason else text)
    expected = EXPECTED["notices"][notice["recall_number"]]
    assert len(found.items) == len(expected["items"])
    for (article, scope), item in zip(expected["items"].items(), found.items, strict=True):
        assert told(item) == scope
        # The set names two articles by words; their texts have a model number, which is offered with them.
        assert item.article == article or all(word in item.name for word in article.split())
    expiry = {lot: day for item in found.items for lot, day in item.expiry.items()}
    assert expected.get("expiry", {}).items() <= expiry.items()
    assert bool(found.questions) == (expected.get("ask") == "true")


@pytest.mark.parametrize("case", EXPECTED["texts"], ids=lambda case: "".join(case["items"]))
def test_a_chinese_notice_becomes_the_scope_that_was_read_by_eye(case):
    found = propose(case["text"])
    assert {item.article: told(item) for item in found.items} == case["items"]
    made = tuple(date.fromisoformat(day) for day in case.get("made", ()))
    assert (found.made or ()) == made
    assert found.level == (int(case["level"]) if "level" in case else None)
    assert bool(found.questions) == (case.get("ask") == "true")


def test_a_lot_is_recalled_of_the_article_it_stands_under_and_of_no_other():
    found = propose("Catalog # 974, Lot Numbers: 1610300\nCatalog # 975, Lot Numbers: 1610197")
    assert {item.article: item.lots for item in found.items} == {"974": ["1610300"], "975": ["1610197"]}


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Please stop using it. Lot 4711.", Question.NO_ARTICLE),
        ("Model AB12 is recalled.", Question.NO_LOT),
        ("Models: AB12 and AB13. Lot Numbers: 4711", Question.LOTS_OF_SEVERAL),
        ("Item AB12, lots 4711 to X9", Question.RANGE_UNREADABLE),
        ("Item AB12, lots 100234-100299", Question.HYPHEN),
        ("", Question.NO_ARTICLE),
    ],
)
def test_what_a_text_leaves_open_is_asked(text, question):
    assert question in propose(text).questions


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("REF X-100 Lots: A001 through A003", ["A001", "A002", "A003"]),
        ("REF X-100 Batch No. A001 (12 units), A002 (1,200 units)", ["A001", "A002"]),
        ("REF X-100 Lot No.: 00123, exp. 31 units 12/2027; 00124", ["00123", "00124"]),
        ("型号规格：X-100；批号：LOT-7、LOT-8；", ["LOT-7", "LOT-8"]),
        ("型号规格：X-100\n生产批号：A001、A002，有效期至2027年5月", ["A001", "A002"]),
        ("型号：X-100；批号：Ａ００１；注册证编号：国械注准20203140001", ["A001"]),
    ],
)
def test_lots_are_read_exactly_as_printed(text, lots):
    [item] = propose(text).items
    assert (item.article, item.lots) == ("X-100", lots)


PIECES = ["Lot", "批号", "：", "Exp", "(", ")", ",", "A1-A9", "12/2020", "至", "Model", ";"]


@given(st.text(max_size=300) | st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_no_text_is_too_strange_to_be_read(text):
    for item in propose(text).items:
        assert len(set(item.lots)) == len(item.lots)


@given(st.integers(0, 999), st.integers(0, 999))
def test_a_range_holds_what_lies_between_its_ends(first, last):
    ends = f"DF-{first:03}", f"DF-{last:03}"
    lots = between(*ends)
    assert (lots is None) == (last < first)
    assert all(lies_between(lot, ends) for lot in lots or ())
    assert not lies_between("DX-500", ends) and not lies_between("DF-0500", ends)
