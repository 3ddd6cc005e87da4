"""The dealer reads its statement on screen and on paper, and both equal the ledger to the fen."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from sqlalchemy import text

from portal.kernel import clock
from portal.kernel.formats import money
from portal.statements.pdf import wording
from tests import cast
from tests.browser.acts import follow
from tests.browser.conftest import in_every_language, in_one_language
from tests.browser.looks import assert_good_on_every_screen
from tests.ledger.acts import no_books_yet

pytestmark = in_every_language()

PERIOD = clock.previous_period(clock.period_of(cast.TODAY))
BEFORE = clock.previous_period(PERIOD)


@pytest.fixture(scope="module", autouse=True)
def books(given, owner):
    """Two closed months: something is brought forward, goods are delivered, a part is paid.

    What is delivered now comes later.
    """
    no_books_yet(owner)
    given.a_delivery_of(given.an_order({cast.gloves: 7}).number, on=clock.last_day(BEFORE))
    given.a_closed_month(BEFORE)
    last_day = clock.last_day(PERIOD)
    given.a_delivery_of(given.an_order({cast.syringe: 130, cast.stent: 1}).number, on=last_day)
    given.a_delivery_of(given.an_order({cast.gauze: 13}).number, on=last_day)
    given.a_payment_by(cast.huadong, "1234.56", on=last_day)
    given.a_closed_month(PERIOD)
    given.a_delivery_of(given.an_order({cast.gloves: 3}).number)


@pytest.fixture(scope="module")
def ledger(owner, books) -> dict[str, Decimal]:
    """What plain SQL says of the dealer's month: opening, debits, credits, closing."""
    query = text(
        """
        SELECT coalesce(sum(n.amount) FILTER (WHERE e.period < :period), 0) AS opening,
               coalesce(sum(n.amount) FILTER (WHERE e.period = :period AND n.amount > 0), 0) AS debits,
               coalesce(-sum(n.amount) FILTER (WHERE e.period = :period AND n.amount < 0), 0) AS credits,
               coalesce(sum(n.amount) FILTER (WHERE e.period <= :period), 0) AS closing
          FROM journal_line n JOIN journal_entry e ON (e.dealer_id, e.id) = (n.dealer_id, n.entry_id)
         WHERE n.dealer_id = :dealer AND n.account = 'receivable'
        """
    )
    found = dict(owner.execute(query, {"dealer": cast.huadong.id, "period": PERIOD}).mappings().one())
    assert min(found.values()) > 0, "every figure must be there to be compared"
    return found


@pytest.fixture
def statement(open_page, words) -> Page:
    """The dealer's finance in front of the month's statement, found by the navigation."""
    page = open_page(cast.huadong.finance)
    page.goto("/")
    follow(page, words, "Statements")
    page.get_by_role("link", name=words.month(PERIOD), exact=True).click()
    expect(page.locator("#documents tfoot")).to_be_visible()
    return page


def test_the_dealer_reads_the_statement_on_screen(statement, ledger):
    figures = statement.locator(".stat-value").all_inner_texts()
    assert figures[0] == money(ledger["opening"]) and figures[3] == money(ledger["closing"])
    assert figures[1] == money(ledger["debits"]) and figures[2].lstrip("-−") == money(ledger["credits"])
    expect(statement.locator("#documents tfoot")).to_contain_text(money(ledger["closing"]))
    expect(statement.locator("#ageing")).to_contain_text(money(ledger["closing"]))
    assert_good_on_every_screen(statement)


def test_the_statement_on_paper_equals_the_ledger(statement, words, ledger):
    with statement.expect_download() as coming:
        statement.get_by_role("link", name=words("Download PDF")).click()
    paper = PdfReader(BytesIO(coming.value.path().read_bytes()))
    said = "\n".join(page.extract_text() for page in paper.pages)
    assert coming.value.suggested_filename.endswith(f"{words.language}.pdf")
    label = wording.words(words.language)
    opening, debits, credits, closing = (
        f"{ledger[name]:,.2f}" for name in ("opening", "debits", "credits", "closing")
    )
    assert re.search(rf"^{label['opening']} {opening}$", said, re.M)
    assert re.search(rf"^{label['period_total']} {debits} {credits} {closing}$", said, re.M)
    assert f"{label['amount_due']} ¥{closing}" in said
    assert words.name_of(cast.huadong) in said


@in_one_language
def test_a_rival_has_no_such_statement(open_page, statement):
    number = statement.url.rpartition("/")[2]
    rival = open_page(cast.yuegang.finance)
    for address in (f"/statements/{number}", f"/statements/{number}.pdf"):
        answer = rival.goto(address)
        assert answer.status == 404
