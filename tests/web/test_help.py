"""The project's documents as help: for whom they are, in both languages, and nothing but words."""

from __future__ import annotations

import re

import pytest

from portal.kernel.manifest import Audience
from portal.kernel.registry import registry
from portal.web import help as pages
from tests import cast

CHAPTERS = sorted(
    {
        (audience, name)
        for one in registry().capabilities
        for audience in one.help
        for name in one.help[audience]
    },
    key=str,
)
WHO = {Audience.DEALERS: cast.huadong.boss, Audience.STAFF: cast.administrator}
GUIDES = {Audience.DEALERS: "guide-dealer", Audience.STAFF: "guide-headquarters"}


def anchors(visitor, name: str) -> list[str]:
    answer = visitor.get(f"/help/{name}")
    assert answer.status_code == 200, name
    return re.findall(r'<h[23] id="([^"]+)"', answer.get_data(as_text=True))


@pytest.mark.only_asks
@pytest.mark.parametrize("audience", GUIDES)
def test_every_entry_of_a_menu_has_its_section_in_the_guide(sign_in, audience):
    sections = anchors(sign_in(WHO[audience]), GUIDES[audience])
    for entry in registry().menus[audience]:
        assert pages.slug(entry.label) in sections, (
            f"docs/{GUIDES[audience]}.md and .zh.md: write the section {entry.label!r}"
        )


@pytest.mark.parametrize(("audience", "name"), CHAPTERS, ids=str)
def test_every_chapter_reads_in_both_languages_with_the_same_sections(sign_in, audience, name):
    visitor = sign_in(WHO[audience])
    in_chinese = anchors(visitor, name)
    visitor.post("/locale/en", {"next": "/"})
    assert anchors(visitor, name) == in_chinese and len(set(in_chinese)) == len(in_chinese)


@pytest.mark.only_asks
@pytest.mark.parametrize(
    ("who", "page", "section"),
    [
        (cast.huadong.boss, "/orders?status=shipped", "/help/guide-dealer#orders"),
        (cast.huadong.boss, "/account", "/help/guide-dealer"),
        (cast.order_desk, "/hq/orders", "/help/guide-headquarters#orders"),
        (
            cast.national_manager,
            f"/hq/policies/{cast.policy_draft}",
            "/help/guide-headquarters#price-policies",
        ),
    ],
)
def test_a_page_leads_to_its_section(sign_in, who, page, section):
    assert f'href="{section}"' in sign_in(who).get(page).get_data(as_text=True)


def test_it_is_told_in_the_language_of_the_page(sign_in):
    visitor = sign_in(cast.huadong.boss)
    assert "经销商使用指南" in visitor.get("/help/guide-dealer").get_data(as_text=True)
    visitor.post("/locale/en", {"next": "/"})
    assert "Guide for dealers" in visitor.get("/help/guide-dealer").get_data(as_text=True)


@pytest.mark.only_asks
def test_a_chapter_is_made_once_and_no_other_with_it(sign_in):
    visitor, made = sign_in(cast.administrator), pages.rendered.cache_info
    pages.rendered.cache_clear()
    text = visitor.get("/help/pricing").get_data(as_text=True)
    assert made().misses == 1 and "订单" in text
    for _, name in [one for one in CHAPTERS if one[0] is Audience.STAFF] * 2:
        assert visitor.get(f"/help/{name}").status_code == 200
    assert made().misses == made().currsize


@pytest.mark.only_asks
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_chapter_is_listed_under_its_heading(app, locale):
    for _, name in CHAPTERS:
        with app.test_request_context():
            assert pages._title(name, locale) == pages.rendered(name, locale, (), "/help/").title


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "name", ["ledger", "guide-headquarters", "operations", "design", "..", "README", "nothing"]
)
def test_what_is_not_for_a_dealer_is_not_there(sign_in, name):
    assert sign_in(cast.huadong.boss).get(f"/help/{name}").status_code == 404


@pytest.mark.only_asks
def test_a_chapter_links_within_the_help_only(sign_in):
    page = sign_in(cast.huadong.boss).get("/help/guide-dealer").get_data(as_text=True)
    assert 'href="/help/pricing"' in page
    for name in ("guide-dealer", "pricing", "orders", "api", "glossary"):
        text = sign_in(cast.huadong.boss).get(f"/help/{name}").get_data(as_text=True)
        article = text[text.index("<article") : text.index("</article>")]
        assert not re.findall(r'href="(?!/help/[a-z-]+(?:#|")|#|https://)', article)


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](../../etc/passwd)",
        "<img src=x onerror=alert(1)>",
        "![x](http://elsewhere.example/a.png)",
        "[x](data:text/html;base64,PHN2Zz4=)",
    ],
)
def test_a_document_brings_no_markup_of_its_own(tmp_path, monkeypatch, markdown):
    (tmp_path / "made-up.md").write_text(f"# Title\n\n{markdown}\n", encoding="utf-8")
    monkeypatch.setattr(pages, "DOCUMENTS", tmp_path)
    body = pages.rendered("made-up", "en", frozenset({markdown}), "/help/").body
    assert not re.search(r"<(?!/?(p|span|a href=\"http)\b)", body), body
    assert "<a" not in body or "elsewhere" in body
