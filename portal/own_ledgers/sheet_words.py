"""The words of the reconciliation sheet, in a context of their own in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from babel.support import NullTranslations

from portal.kernel.translations import words as translations
from portal.own_ledgers.difference_rules import Kind
from portal.own_ledgers.rules import Answer
from portal.own_ledgers.words import KINDS


def words(locale: str) -> Mapping[str, str]:
    """Label by key; below its title, the paper bears the one of the other language."""
    other = _translated(translations("en" if locale == "zh" else "zh"))
    catalogue = translations(locale)
    kinds = {f"class.{kind}": str(catalogue.gettext(KINDS[kind])) for kind in Kind}
    return _translated(catalogue) | kinds | {"subtitle": other["title"].upper()}


def _translated(catalogue: NullTranslations) -> dict[str, str]:
    def pgettext(context: str, message: str) -> str:
        return str(catalogue.pgettext(context, message))

    return {
        "title": pgettext("reconciliation sheet", "Reconciliation sheet"),
        "addressee": pgettext("reconciliation sheet", "Dealer"),
        "dealer_code": pgettext("reconciliation sheet", "Dealer code"),
        "credit_code": pgettext("reconciliation sheet", "Credit code"),
        "number": pgettext("reconciliation sheet", "Number"),
        "days": pgettext("reconciliation sheet", "Time compared"),
        "file": pgettext("reconciliation sheet", "Dealer's file"),
        "compared_at": pgettext("reconciliation sheet", "Compared at"),
        "unit": pgettext("reconciliation sheet", "Amounts in CNY; positive: the dealer owes more"),
        "sums": pgettext("reconciliation sheet", "Both books"),
        "ours_sum": pgettext("reconciliation sheet", "Movements in our books"),
        "theirs_sum": pgettext("reconciliation sheet", "Movements in the dealer's books"),
        "difference": pgettext("reconciliation sheet", "Dealer's less ours"),
        "matched": pgettext("reconciliation sheet", "Documents that agree"),
        "count": pgettext("reconciliation sheet", "Differences"),
        "unread": pgettext("reconciliation sheet", "Rows of the file left out, unread"),
        "lines": pgettext("reconciliation sheet", "Differences, which together explain the one above"),
        "nothing": pgettext("reconciliation sheet", "Both books agree; there is nothing to explain."),
        "no": pgettext("reconciliation sheet", "No."),
        "class": pgettext("reconciliation sheet", "Kind of difference"),
        "ours": pgettext("reconciliation sheet", "In our books"),
        "theirs": pgettext("reconciliation sheet", "In the dealer's books"),
        "amount": pgettext("reconciliation sheet", "Difference"),
        "answers": pgettext("reconciliation sheet", "Dealer / headquarters"),
        "row": pgettext("reconciliation sheet", "row"),
        "date": pgettext("reconciliation sheet", "Day"),
        "document": pgettext("reconciliation sheet", "Document"),
        "dealer_answer": pgettext("reconciliation sheet", "Dealer says"),
        "staff_answer": pgettext("reconciliation sheet", "Headquarters says"),
        f"answer.{Answer.OPEN}": pgettext("reconciliation sheet", "open"),
        f"answer.{Answer.ACCEPTED}": pgettext("reconciliation sheet", "accepted"),
        f"answer.{Answer.DISPUTED}": pgettext("reconciliation sheet", "disputed"),
        "signatures": pgettext("reconciliation sheet", "Signatures"),
        "side.dealer": pgettext("reconciliation sheet", "For the dealer"),
        "side.headquarters": pgettext("reconciliation sheet", "For headquarters"),
        "unsigned": pgettext("reconciliation sheet", "not signed yet"),
        "signed_by": pgettext("reconciliation sheet", "signed in as"),
        "hash": pgettext("reconciliation sheet", "SHA-256 of what was signed"),
        "file_hash": pgettext("reconciliation sheet", "SHA-256 of the dealer's file"),
        "page": pgettext("reconciliation sheet", "Page %(page)s of %(pages)s"),
    }
