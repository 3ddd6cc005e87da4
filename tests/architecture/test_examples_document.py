"""The page of the worked examples is that of the file the engine is tried with."""

from __future__ import annotations

import re

from assets import make_examples


def test_the_page_is_that_of_the_file():
    assert make_examples.PAGE.read_text(encoding="utf-8") == make_examples.page(), (
        "run: .venv/bin/python -m assets.make_examples"
    )
    assert make_examples.REBATE_PAGE.read_text(encoding="utf-8") == make_examples.rebate_page(), (
        "run: .venv/bin/python -m assets.make_examples"
    )


def test_every_example_has_a_chapter_with_its_total():
    page = make_examples.page()
    for case in make_examples.cases():
        chapter = page.split(f"## {case['id']}\n")[1].split("\n## ")[0]
        total = case["expected"].get("total")
        assert ("Refused" if total is None else f"**{total}**") in chapter
        assert all(step in chapter for step in case["working"])


def test_the_manual_of_promotions_leads_to_examples_that_exist():
    manual = (make_examples.DOCS / "promotions.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\[(P\d+)\]\(examples\.md#p\d+\)", manual))
    ids = {case["id"] for case in make_examples.cases() if "promotions" in case}
    assert told == ids
