"""The letters that dealers get, in the reader's language, as text and as simple HTML.

Their words are in the catalogue of `portal/translations` like those of the pages, their layout in
``templates/``; a worker needs no web application for either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from portal.kernel.errors import N_
from portal.kernel.formats import money, month
from portal.kernel.translations import words
from portal.returns.rules import ReturnState


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, before it is laid out. `facts` are label and value."""

    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    path: str


def order_placed(
    locale: str,
    *,
    number: str,
    purchase_order_no: str,
    lines: int,
    total: Decimal,
    currency: str,
    held: bool,
    reserved: int,
    waiting: int,
    promised_on: date | None,
) -> Letter:
    """An order was received, and is held or not.

    reserved: units that stock was taken for. waiting: units that wait for goods; the last of them comes on
    `promised_on`, None where no day is known.
    """
    translated = words(language_of(locale)).gettext
    sentence = _of_order(held=held, reserved=reserved, waiting=waiting)
    facts = {
        N_("Order"): number,
        N_("Your PO number"): purchase_order_no,
        N_("Lines"): str(lines),
        N_("Total incl. VAT"): money(total, currency=currency),
        N_("Units that wait for goods"): str(waiting) if waiting else "",
        N_("Deliverable by"): promised_on.isoformat() if waiting and promised_on else "",
    }
    return Letter(
        translated(N_("Order %(number)s received")) % {"number": number},
        translated(sentence),
        labelled(locale, facts),
        f"/orders/{number}",
    )


def _of_order(*, held: bool, reserved: int, waiting: int) -> str:
    if held:
        return N_("We have received your order. It ships once headquarters has checked it.")
    if not waiting:
        return N_("We have received your order and reserved its stock for you.")
    if not reserved:
        return N_("We have received your order. It waits for goods and ships when they have arrived.")
    return N_(
        "We have received your order. What is in stock is reserved for you; "
        "the rest is sent when goods have arrived."
    )


def order_filled(locale: str, *, number: str, purchase_order_no: str, units: int, waiting: int) -> Letter:
    """Goods that an order waited for have arrived."""
    translated = words(language_of(locale)).gettext
    facts = {
        N_("Order"): number,
        N_("Your PO number"): purchase_order_no,
        N_("Units reserved now"): str(units),
        N_("Units still waiting"): str(waiting),
    }
    return Letter(
        translated(N_("Order %(number)s: goods have arrived")) % {"number": number},
        translated(N_("Goods that your order waited for have arrived and are reserved for you.")),
        labelled(locale, facts),
        f"/orders/{number}",
    )


def order_shipped(
    locale: str, *, number: str, purchase_order_no: str, carrier: str, tracking_no: str
) -> Letter:
    """A shipment of an order has left."""
    translated = words(language_of(locale)).gettext
    sentence = N_(
        "Goods of your order have been shipped. Please confirm receipt in the portal when they arrive."
    )
    facts = {
        N_("Order"): number,
        N_("Your PO number"): purchase_order_no,
        N_("Carrier"): carrier,
        N_("Tracking number"): tracking_no,
    }
    return Letter(
        translated(N_("Order %(number)s shipped")) % {"number": number},
        translated(sentence),
        labelled(locale, facts),
        f"/orders/{number}",
    )


def return_decided(
    locale: str, *, number: str, order: str, state: str, note: str, credit_note: str
) -> Letter:
    """What became of a return: approved, rejected or settled."""
    translated = words(language_of(locale)).gettext
    sentence = {
        ReturnState.APPROVED: N_("You may send the goods back. Write the number of the return on the box."),
        ReturnState.REJECTED: N_("The goods are not taken back."),
        ReturnState.SETTLED: N_("The goods have been inspected; what was found stands in the portal."),
    }[ReturnState(state)]
    facts = {
        N_("Return"): number,
        N_("Order"): order,
        N_("Note"): note,
        N_("Credit note"): credit_note,
    }
    return Letter(
        translated(N_("Return %(number)s")) % {"number": number},
        translated(sentence),
        labelled(locale, facts),
        f"/returns/{number}",
    )


def statement_issued(
    locale: str, *, number: str, period: str, closing: Decimal, overdue: Decimal, currency: str
) -> Letter:
    """The statement of a month is there."""
    language = language_of(locale)
    translated = words(language).gettext
    sentence = N_("Please check this month's statement in the portal; you may download it as PDF.")
    facts = {
        N_("Statement"): number,
        N_("Closing balance"): money(closing, currency=currency),
        N_("Of which overdue"): money(overdue, currency=currency) if overdue else "",
    }
    return Letter(
        translated(N_("Your statement for %(month)s")) % {"month": month(period, locale=language)},
        translated(sentence),
        labelled(locale, facts),
        f"/statements/{number}",
    )


def digest(locale: str, *, told: Sequence[tuple[date, str, str]]) -> Letter:
    """What is new in the feed. told: day, Chinese and English title of each entry."""
    language = language_of(locale)
    words_of = words(language)
    subject = words_of.ngettext("%(num)d new notice for you", "%(num)d new notices for you", len(told))
    facts = tuple(
        (day.isoformat(), (chinese or english) if language == "zh" else (english or chinese))
        for day, chinese, english in told
    )
    sentence = N_(
        "This is new in the portal and not read yet. How often you get this mail you choose in your account."
    )
    return Letter(subject % {"num": len(told)}, words_of.gettext(sentence), facts, "/feed?unread=1")


def reminder(locale: str, *, number: str, titles: tuple[str, str], demanded: bool) -> Letter:
    """An entry of the feed waits to be read, or to be acknowledged before the next order."""
    language = language_of(locale)
    translated = words(language).gettext
    chinese, english = titles
    title = (chinese or english) if language == "zh" else (english or chinese)
    read = N_("Please read this notice in the portal.")
    acknowledge = N_(
        "Please read this notice in the portal and acknowledge it; your company can order again after that."
    )
    return Letter(
        translated(N_("Please read: %(title)s")) % {"title": title},
        translated(acknowledge if demanded else read),
        labelled(locale, {N_("Notice"): title, N_("Number"): number}),
        f"/feed/{number}",
    )


def draft_waiting(locale: str, *, number: str, by: str, total: Decimal, currency: str) -> Letter:
    """A colleague's order is above their amount."""
    translated = words(language_of(locale)).gettext
    sentence = N_("This order is above the amount your colleague may order alone. Please approve it or not.")
    facts = {
        N_("Draft"): number,
        N_("Ordered by"): by,
        N_("Total incl. VAT"): money(total, currency=currency),
    }
    return Letter(
        translated(N_("Please approve the order of %(name)s")) % {"name": by},
        translated(sentence),
        labelled(locale, facts),
        f"/order-drafts/{number}",
    )


def draft_rejected(locale: str, *, number: str, by: str, reason: str) -> Letter:
    """An order was not approved."""
    translated = words(language_of(locale)).gettext
    sentence = N_("Your order was not approved and has not been placed. You can change it and ask again.")
    facts = {N_("Draft"): number, N_("Decided by"): by, N_("Reason"): reason}
    return Letter(
        translated(N_("Your order was not approved")),
        translated(sentence),
        labelled(locale, facts),
        f"/order-drafts/{number}",
    )


def recurring_run(
    locale: str,
    *,
    template: str,
    due_on: date,
    document: str | None,
    faults: Sequence[tuple[str, Mapping[str, object]]],
) -> Letter:
    """A recurring order was made a draft, or skipped for its faults."""
    translated = words(language_of(locale)).gettext
    drafted = N_("Your recurring order is ready as a draft. Look at its prices and order it.")
    skipped = N_("Your recurring order was skipped, nothing has been ordered. Order what you need yourself.")
    why = " ".join(translated(message) % params for message, params in faults)
    facts = {
        N_("Template"): template,
        N_("Date"): due_on.isoformat(),
        N_("Draft"): document or "",
        N_("Reason"): why,
    }
    ready, missed = N_("Recurring order %(name)s: draft"), N_("Recurring order %(name)s: skipped")
    return Letter(
        translated(ready if document else missed) % {"name": template},
        translated(drafted if document else skipped),
        labelled(locale, facts),
        f"/order-drafts/{document}" if document else "/recurring-orders",
    )


def cases_opened(locale: str, *, shipment: str, cases: Sequence[tuple[str, str]]) -> Letter:
    """A delivery differed. cases: number and kind of each, the kind in English."""
    translated = words(language_of(locale)).gettext
    sentence = N_("Goods arrived otherwise than they were shipped. Headquarters looks into it.")
    return Letter(
        translated(N_("Shipment %(number)s: differences reported")) % {"number": shipment},
        translated(sentence),
        tuple((number, translated(kind)) for number, kind in cases),
        f"/shipments/{shipment}/proof",
    )


def case_decided(
    locale: str, *, number: str, shipment: str, kind: str, outcome: str | None, reason: str
) -> Letter:
    """A case about a delivery was decided. outcome: None where it was rejected."""
    translated = words(language_of(locale)).gettext
    settled = N_("Headquarters has settled the difference that was reported.")
    rejected = N_("Headquarters has looked into the difference and does not acknowledge it.")
    facts = {
        N_("Case"): number,
        N_("Shipment"): shipment,
        N_("Difference"): translated(kind),
        N_("Decision"): translated(outcome) if outcome else "",
        N_("Reason"): reason,
    }
    return Letter(
        translated(N_("Delivery case %(number)s decided")) % {"number": number},
        translated(settled if outcome else rejected),
        labelled(locale, facts),
        f"/deliveries/cases/{number}",
    )


def as_text(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as plain text."""
    return _laid_out("letter.txt", letter, locale=locale, name=name, sender=sender, base_url=base_url)


def as_html(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as HTML that every mail program shows: no images, no styles, nothing from elsewhere."""
    return _laid_out("letter.html", letter, locale=locale, name=name, sender=sender, base_url=base_url)


def load_letters() -> None:
    """Words and layouts of every language, before a process forks children that need them."""
    for language in ("zh", "en"):
        for template in ("letter.txt", "letter.html"):
            _templates(language).get_template(template)


def language_of(locale: str) -> str:
    """The language of a letter: Chinese for every kind of it, else English."""
    return "zh" if locale.startswith("zh") else "en"


def _laid_out(template: str, letter: Letter, *, locale: str, **about: str) -> str:
    language = language_of(locale)
    shown = {"letter": letter, "language": "zh-CN" if language == "zh" else language}
    return _templates(language).get_template(template).render(**shown, **about)


@cache
def _templates(language: str) -> Environment:
    templates = Environment(
        loader=PackageLoader("jobs"),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    install = templates.install_gettext_translations  # type: ignore[attr-defined]  # added by the extension
    install(words(language), newstyle=True)
    return templates


def labelled(locale: str, facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts that there are, with their labels in the language of a letter."""
    translated = words(language_of(locale)).gettext
    return tuple((translated(label), value) for label, value in facts.items() if value)
