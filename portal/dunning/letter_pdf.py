"""A letter on paper (催款函): a salutation, what is owed since when, where to pay, what comes next.

Only what stands in its content is on it, so that it is the same whenever it is rendered. Its words have a
context of their own in the catalogue of `portal/translations`, as those of statements do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO

from babel.support import NullTranslations

from portal.kernel.formats import percent
from portal.kernel.money import ZERO
from portal.kernel.paper.page import BODY, LEFT, META_LEFT, META_VALUE, RIGHT, ROOM, STRONG_BODY, Paper
from portal.kernel.paper.sheet import Sheet
from portal.kernel.paper.table import HEAD, ROW, Table, amount, columns, number_width
from portal.kernel.paper.typesetting import break_lines, shrunk
from portal.kernel.translations import words as translations

_TEXT = BODY._replace(size=9.5)
_STRONG = STRONG_BODY._replace(size=9.5)
_LEADING = 15.0
Content = Mapping[str, Any]


def render(content: Content, locale: str, created: datetime, stream: BinaryIO) -> None:
    """Write the letter as PDF to `stream`; equal contents give equal bytes."""
    words = _words(locale, content["tone"])
    sheet = Sheet(
        stream,
        title=f"{words['title']} {content['number']}",
        author=_named(content["company"], locale)[0],
        subject=words["title"],
        lang="zh-CN" if locale == "zh" else "en",
        created=created,
    )
    paper = Paper(sheet, words)
    _head(paper, content, locale)
    _paragraphs(paper, _opening(content, locale, words))
    _debts(paper, content)
    _paragraphs(paper, _closing(content, words))
    _bank_and_signature(paper, content, locale)
    sheet.save(lambda page, pages: _stamp(paper, content, locale, page, pages))


def _named(party: Mapping[str, str], locale: str) -> tuple[str, str]:
    """A name in the language of the paper, and in the other."""
    zh, en = party["name_zh"], party["name_en"]
    return (zh, en) if locale == "zh" else (en or zh, zh)


def _head(paper: Paper, content: Content, locale: str) -> None:
    words, company, dealer = paper.words, content["company"], content["dealer"]
    contact = " · ".join(filter(None, (company["address"], company["phone"])))
    paper.masthead(*_named(company, locale), contact)
    top = paper.y - 18
    of_dealer = [
        (words["dealer_code"], dealer["code"]),
        (words["credit_code"], dealer["credit_code"]),
        (words["address"], dealer["address"]),
    ]
    left = paper.addressee(top, *_named(dealer, locale), of_dealer)
    facts = [
        (words["number"], content["number"]),
        (words["written_on"], content["written_on"]),
        (words["level"], words["level_of"] % {"level": content["level"], "levels": content["levels"]}),
        (words["pay_by"], content["pay_by"]),
        (words["amount"], f"¥{amount(Decimal(content['amount']))}"),
    ]
    paper.y = min(left, paper.facts(top, META_LEFT, META_VALUE, RIGHT, facts)) - 2


def _opening(content: Content, locale: str, words: Mapping[str, str]) -> list[str]:
    name = _named(content["dealer"], locale)[0]
    said = {
        "count": len(content["items"]),
        "amount": f"¥{amount(Decimal(content['amount']))}",
        "day": content["written_on"],
    }
    return [words["salutation"] % {"name": name}, words[f"opening.{content['tone']}"] % said]


def _closing(content: Content, words: Mapping[str, str]) -> list[str]:
    said = [words[f"closing.{content['tone']}"] % {"day": content["pay_by"]}]
    if Decimal(content["interest"]) > 0:
        about = {
            "interest": f"¥{amount(Decimal(content['interest']))}",
            "rate": percent(Decimal(content["interest_rate"])),
            "days": content["day_count"],
        }
        said.append(words["interest_said"] % about)
    if content["stops"]:
        said.append(words["stopped"])
    said.append(words["paid_meanwhile"])
    phone = content["company"]["phone"]
    if phone:
        said.append(words["call"] % {"phone": phone})
    return [*said, words["law"]]


def _paragraphs(paper: Paper, paragraphs: list[str]) -> None:
    paper.y -= 6
    for paragraph in paragraphs:
        lines = break_lines(paragraph, _TEXT, ROOM)
        paper.require(_LEADING * len(lines) + 6)
        paper.y = paper.lines(LEFT, paper.y - 11, lines, _TEXT, _LEADING) + 5


def _debts(paper: Paper, content: Content) -> None:
    """What is owed, document by document."""
    items = content["items"]
    has_interest = Decimal(content["interest"]) > 0
    figures = [Decimal(one["amount"]) for one in items]
    width = number_width([*figures, Decimal(content["amount"])])
    shape = columns(
        ("document", 0, False),
        ("issued_on", 72, False),
        ("due_on", 72, False),
        ("days_late", 62, True),
        ("open", width, True),
        *((("interest", 66, True),) if has_interest else ()),
    )
    paper.require(26 + HEAD + 2 * ROW)
    paper.heading(paper.words["debts"], paper.words["unit"])
    table = Table(paper, shape, [*figures, Decimal(content["amount"])])
    table.head()
    for one in items:
        cells = [
            (one["document"],),
            (one["issued_on"],),
            (one["due_on"],),
            (str(one["days_late"]),),
            (amount(Decimal(one["amount"])),),
        ]
        if has_interest:
            cells.append((amount(Decimal(one["interest"])),))
        table.row(*cells)
    sums = [Decimal(content["amount"])] + ([Decimal(content["interest"]) or ZERO] if has_interest else [])
    table.sums(paper.words["total"], *sums)
    table.end()


def _bank_and_signature(paper: Paper, content: Content, locale: str) -> None:
    """Where to pay, and beside it who demands."""
    words, bank = paper.words, content["bank"]
    facts = [
        (words["holder"], bank["holder"]),
        (words["bank"], bank["bank"]),
        (words["account"], bank["number"]),
        (words["reference"], content["payment_reference"]),
    ]
    paper.require(20 + 13 * (len(facts) + 2))
    paper.heading(words["where"])
    top = paper.y
    paper.y = paper.facts(top - 12, LEFT, LEFT + 96, LEFT + ROOM * 0.58, facts)
    name = _named(content["company"], locale)[0]
    paper.sheet.text_right(RIGHT, top - 28, name, shrunk(name, _STRONG, ROOM * 0.4))
    paper.sheet.text_right(RIGHT, top - 44, content["written_on"], _TEXT)


def _stamp(paper: Paper, content: Content, locale: str, page: int, pages: int) -> None:
    title = f"{paper.words['title']}  {content['number']}"
    if page > 1:
        paper.running_head(_named(content["dealer"], locale)[0], title)
    paper.foot(title, page, pages)


def _words(locale: str, tone: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    catalogue = translations(locale)
    words = _translated(catalogue) | _sentences(catalogue)
    return words | {"title": words[f"title.{tone}"], "subtitle": other[f"title.{tone}"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title.reminder": pgettext("dunning", "Payment reminder"),
        "title.demand": pgettext("dunning", "Demand for payment"),
        "title.last": pgettext("dunning", "Last demand for payment"),
        "addressee": pgettext("dunning", "To"),
        "dealer_code": pgettext("dunning", "Dealer code"),
        "credit_code": pgettext("dunning", "Credit code"),
        "address": pgettext("dunning", "Address"),
        "number": pgettext("dunning", "Number"),
        "written_on": pgettext("dunning", "Written on"),
        "level": pgettext("dunning", "Level"),
        "level_of": pgettext("dunning", "%(level)s of %(levels)s"),
        "pay_by": pgettext("dunning", "Pay by"),
        "amount": pgettext("dunning", "Overdue"),
        "unit": pgettext("dunning", "Amounts in CNY"),
        "debts": pgettext("dunning", "What is overdue"),
        "document": pgettext("dunning", "Document"),
        "issued_on": pgettext("dunning", "Issued on"),
        "due_on": pgettext("dunning", "Due on"),
        "days_late": pgettext("dunning", "Days late"),
        "open": pgettext("dunning", "Open"),
        "interest": pgettext("dunning", "Interest"),
        "total": pgettext("dunning", "Total"),
        "where": pgettext("dunning", "Where to pay"),
        "holder": pgettext("dunning", "Account holder"),
        "bank": pgettext("dunning", "Bank"),
        "account": pgettext("dunning", "Account"),
        "reference": pgettext("dunning", "Reference"),
        "page": pgettext("dunning", "Page %(page)s of %(pages)s"),
    }


def _sentences(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "salutation": pgettext("dunning", "%(name)s: with thanks for the business we do together,"),
        "opening.reminder": pgettext(
            "dunning",
            "our books show on %(day)s that %(amount)s of %(count)s documents is overdue. It may have been "
            "overlooked; this letter is a friendly reminder.",
        ),
        "opening.demand": pgettext(
            "dunning",
            "our books show on %(day)s that %(amount)s of %(count)s documents is still overdue although we "
            "have reminded you. We ask you to pay it.",
        ),
        "opening.last": pgettext(
            "dunning",
            "our books show on %(day)s that %(amount)s of %(count)s documents is long overdue although we "
            "have demanded it repeatedly. This is our last demand.",
        ),
        "closing.reminder": pgettext("dunning", "Please pay by %(day)s to the account below."),
        "closing.demand": pgettext(
            "dunning",
            "Please pay by %(day)s to the account below, or tell us in writing by then what you hold against "
            "these documents.",
        ),
        "closing.last": pgettext(
            "dunning",
            "Please pay by %(day)s to the account below. After that day we may take the matter to court "
            "without another letter.",
        ),
        "interest_said": pgettext(
            "dunning",
            "Interest for late payment comes to %(interest)s so far: each amount times %(rate)s a year times "
            "the days late, by %(days)s days a year. It is owed when we post it.",
        ),
        "stopped": pgettext("dunning", "Until then your new orders are accepted but held."),
        "paid_meanwhile": pgettext(
            "dunning", "If you have paid meanwhile, please disregard this letter and send us the bank slip."
        ),
        "call": pgettext("dunning", "Our finance department is glad to help: %(phone)s."),
        "law": pgettext(
            "dunning",
            "With this demand the period of limitation begins anew (Civil Code of the People's Republic of "
            "China, article 195).",
        ),
    }
