"""The words on the paper, and how amounts and dates are written.

They stand in the catalogue of `portal/translations` like those of the pages, under a context of their own: a
word that changes on a page does not change on paper that is drawn again (docs/decisions/0006).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from babel.dates import format_date
from babel.support import NullTranslations

from portal.kernel.translations import words as translations
from portal.statements.document import EntryKind, Party

Translate = Callable[[str, str], str]
"""Context and English to what the paper says."""

_LONG_DATES = {"zh": "yyyy年M月d日", "en": "d MMMM yyyy"}


def words(locale: str) -> Mapping[str, str]:
    """Label by key. Every locale that is not Chinese reads English."""
    return _labels(language(locale))


def load_words() -> None:
    """Words and names of months in every language, before a process forks children that need them."""
    for each in _LONG_DATES:
        long_date(date.min, each)
        _labels(each)


@cache
def _labels(language: str) -> Mapping[str, str]:
    """The words of a language; below its title, the paper bears the one of the other language."""
    own = _translated(translations(language))
    other = _translated(translations("en" if language == "zh" else "zh"))
    return MappingProxyType(own | {"subtitle": other["title"].upper()})


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return _opening(pgettext) | _account(pgettext) | _closing(pgettext) | _kinds(pgettext)


def _opening(pgettext: Translate) -> dict[str, str]:
    """The head, the two parties, the figures in the band; and what every page bears."""
    return {
        "title": pgettext("statement", "Statement of account"),
        "addressee": pgettext("statement", "To"),
        "credit_code": pgettext("statement", "Credit code"),
        "dealer_code": pgettext("statement", "Dealer no."),
        "address": pgettext("statement", "Address"),
        "number": pgettext("statement", "Statement no."),
        "period": pgettext("statement", "Period"),
        "version": pgettext("statement", "Version"),
        "version_value": pgettext("statement", "%(version)s, replaces the earlier one"),
        "issued": pgettext("statement", "Issued"),
        "terms": pgettext("statement", "Terms"),
        "terms_value": pgettext("statement", "%(days)s days from invoice"),
        "currency": pgettext("statement", "Currency"),
        "unit.CNY": pgettext("statement", "CNY"),
        "payment_reference": pgettext("statement", "Payment reference"),
        "opening": pgettext("statement", "Opening balance"),
        "charges": pgettext("statement", "Charges"),
        "credits": pgettext("statement", "Payments and credits"),
        "closing_due": pgettext("statement", "Balance due"),
        "closing_credit": pgettext("statement", "Credit balance in your favour"),
        "overdue": pgettext("statement", "Overdue invoices"),
        "page": pgettext("statement", "Page %(page)s of %(pages)s"),
    }


def _account(pgettext: Translate) -> dict[str, str]:
    """The movements of the month."""
    return {
        "movements": pgettext("statement", "Account movements"),
        "unit": pgettext("statement", "Amounts in %(currency)s, VAT included"),
        "date": pgettext("statement", "Date"),
        "kind": pgettext("statement", "Type"),
        "document": pgettext("statement", "Document no."),
        "details": pgettext("statement", "Reference, details"),
        "debit": pgettext("statement", "Debit"),
        "credit": pgettext("statement", "Credit"),
        "balance": pgettext("statement", "Balance"),
        "brought_forward": pgettext("statement", "Brought forward"),
        "carried_forward": pgettext("statement", "Carried forward"),
        "no_movements": pgettext("statement", "No movements in this period"),
        "period_total": pgettext("statement", "Total and closing balance"),
    }


def _closing(pgettext: Translate) -> dict[str, str]:
    """Ageing, open invoices, payment, and the seals."""
    return {
        "ageing": pgettext("statement", "Ageing"),
        "ageing_note": pgettext("statement", "as at %(date)s, by due date"),
        "current": pgettext("statement", "Not yet due"),
        "d1_30": pgettext("statement", "1–30 days"),
        "d31_60": pgettext("statement", "31–60 days"),
        "d61_90": pgettext("statement", "61–90 days"),
        "over_90": pgettext("statement", "Over 90 days"),
        "unallocated": pgettext("statement", "Unapplied"),
        "total": pgettext("statement", "Total"),
        "due": pgettext("statement", "Open invoices"),
        "due_date": pgettext("statement", "Due date"),
        "days_overdue": pgettext("statement", "Days overdue"),
        "open_amount": pgettext("statement", "Open amount"),
        "payment_details": pgettext("statement", "Payment details"),
        "amount_due": pgettext("statement", "Amount due"),
        "nothing_due": pgettext("statement", "No payment is due"),
        "in_capitals": pgettext("statement", "Amount in capitals"),
        "holder": pgettext("statement", "Account holder"),
        "bank": pgettext("statement", "Bank"),
        "account": pgettext("statement", "Account no."),
        "issuer_seal": pgettext("statement", "Issued by"),
        "dealer_seal": pgettext("statement", "Confirmed by the dealer"),
        "seal": pgettext("statement", "Company seal"),
        "remarks": pgettext("statement", "Remarks"),
        "confirm": pgettext(
            "statement",
            "At %(date)s our books show a balance of %(amount)s. "
            "Please confirm with signature and seal, or list any differences.",
        ),
        "agrees": pgettext("statement", "Agreed"),
        "differs": pgettext("statement", "Differs by"),
        "signature": pgettext("statement", "Signature"),
        "signed_on": pgettext("statement", "Date"),
        "verify": pgettext("statement", "Genuine and current? Scan the code or open"),
        "audit_root": pgettext("statement", "Root of the audit"),
        "corrections": pgettext("statement", "Later documents of this month"),
        "corrections_note": pgettext("statement", "booked in later months, agreed to belong to this one"),
        "booked_in": pgettext("statement", "Booked in"),
        "amount": pgettext("statement", "Amount"),
        "corrected_closing": pgettext("statement", "Closing balance with these documents"),
    }


def _kinds(pgettext: Translate) -> dict[str, str]:
    """What a line records."""
    return {
        "kind.opening": pgettext("statement", "Opening"),
        "kind.invoice": pgettext("statement", "Invoice"),
        "kind.credit_note": pgettext("statement", "Credit note"),
        "kind.payment": pgettext("statement", "Payment"),
        "kind.refund": pgettext("statement", "Refund"),
        "kind.reversal": pgettext("statement", "Reversal"),
        "kind.rebate": pgettext("statement", "Rebate"),
        "kind.service": pgettext("statement", "Service"),
        "kind.deposit": pgettext("statement", "Deposit"),
        "kind.deposit_use": pgettext("statement", "Deposit used"),
        "kind.deposit_return": pgettext("statement", "Deposit back"),
        "kind.write_off": pgettext("statement", "Write-off"),
        "kind.interest": pgettext("statement", "Interest"),
    }


def kind_name(kind: EntryKind, locale: str) -> str:
    """What a line records, short enough for its column."""
    return words(locale)[f"kind.{kind}"]


def language(locale: str) -> str:
    """Chinese for every kind of it, such as ``zh_CN`` or ``zh-Hans``, else English."""
    return "zh" if locale.partition("-")[0].partition("_")[0] == "zh" else "en"


def is_chinese(locale: str) -> bool:
    """Whether a locale is some Chinese."""
    return language(locale) == "zh"


def currency_unit(code: str, locale: str) -> str:
    """The unit amounts are counted in, as the remark above a table names it."""
    return words(locale).get(f"unit.{code}", code)


def long_date(day: date, locale: str) -> str:
    """A date as it is written in a sentence."""
    return format_date(day, _LONG_DATES[language(locale)], locale=language(locale))


def period(first: date, last: date, locale: str) -> str:
    """A calendar month with its days."""
    if is_chinese(locale):
        return f"{long_date(first, locale)}至{last.day}日"
    return f"{first.day}–{long_date(last, locale)}"


def names(party: Party, locale: str) -> tuple[str, str]:
    """The company's name in the language of the paper, then in the other.

    Never twice the same, possibly empty.
    """
    first, second = (party.name_zh, party.name_en) if is_chinese(locale) else (party.name_en, party.name_zh)
    return (first or second, second if first and second != first else "")
