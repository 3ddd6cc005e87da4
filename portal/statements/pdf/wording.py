"""The words on the paper, Chinese and English side by side, and how amounts and dates are written.

They are not in the gettext catalogue: a worker that renders needs no web application.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from portal.kernel.money import ZERO
from portal.statements.document import EntryKind, Party

_PAIRS: dict[str, tuple[str, str]] = {
    "title": ("对账单", "Statement of account"),
    "subtitle": ("STATEMENT OF ACCOUNT", "对账单"),
    "addressee": ("致", "To"),
    "credit_code": ("统一社会信用代码", "Credit code"),
    "dealer_code": ("客户编号", "Dealer no."),
    "address": ("地址", "Address"),
    "number": ("对账单编号", "Statement no."),
    "period": ("对账期间", "Period"),
    "issued": ("出具日期", "Issued"),
    "terms": ("付款条件", "Terms"),
    "terms_value": ("开票后 {days} 天内付款", "{days} days from invoice"),
    "currency": ("币种", "Currency"),
    "payment_reference": ("汇款附言", "Payment reference"),
    "opening": ("期初余额", "Opening balance"),
    "charges": ("本期借方", "Charges"),
    "credits": ("本期贷方", "Payments and credits"),
    "closing_due": ("期末应付余额", "Balance due"),
    "closing_credit": ("期末余额（贵司结余）", "Credit balance in your favour"),
    "overdue": ("逾期发票", "Overdue invoices"),
    "movements": ("往来明细", "Account movements"),
    "unit": ("单位：{currency}，含税", "Amounts in {currency}, VAT included"),
    "date": ("日期", "Date"),
    "kind": ("类型", "Type"),
    "document": ("单据编号", "Document no."),
    "details": ("关联单号／摘要", "Reference, details"),
    "debit": ("借方", "Debit"),
    "credit": ("贷方", "Credit"),
    "balance": ("余额", "Balance"),
    "brought_forward": ("承前页", "Brought forward"),
    "carried_forward": ("过次页", "Carried forward"),
    "no_movements": ("本期无往来", "No movements in this period"),
    "period_total": ("本期合计及期末余额", "Total and closing balance"),
    "ageing": ("账龄分析", "Ageing"),
    "ageing_note": ("截至{date}，按应付日期", "as at {date}, by due date"),
    "current": ("未到期", "Not yet due"),
    "d1_30": ("逾期 1–30 天", "1–30 days"),
    "d31_60": ("逾期 31–60 天", "31–60 days"),
    "d61_90": ("逾期 61–90 天", "61–90 days"),
    "over_90": ("逾期 90 天以上", "Over 90 days"),
    "unallocated": ("未核销款项", "Unapplied"),
    "total": ("合计", "Total"),
    "due": ("未结清发票", "Open invoices"),
    "due_date": ("应付日期", "Due date"),
    "days_overdue": ("逾期天数", "Days overdue"),
    "open_amount": ("未付金额", "Open amount"),
    "payment_details": ("付款信息", "Payment details"),
    "amount_due": ("应付金额", "Amount due"),
    "nothing_due": ("本期无需付款", "No payment is due"),
    "in_capitals": ("人民币（大写）", ""),
    "holder": ("收款单位", "Account holder"),
    "bank": ("开户银行", "Bank"),
    "account": ("银行账号", "Account no."),
    "issuer_seal": ("出具单位", "Issued by"),
    "dealer_seal": ("客户单位", "Confirmed by the dealer"),
    "seal": ("盖章处", "Company seal"),
    "remarks": ("说明", "Remarks"),
    "confirm": (
        "截至{date}，我方账面余额为 {amount}。请核对后签章确认；如有不符，请列明差异。",
        "At {date} our books show a balance of {amount}. "
        "Please confirm with signature and seal, or list any differences.",
    ),
    "agrees": ("核对无误", "Agreed"),
    "differs": ("存在差异，差额", "Differs by"),
    "signature": ("签字", "Signature"),
    "signed_on": ("日期", "Date"),
    "page": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "kind.opening": ("期初结转", "Opening"),
    "kind.invoice": ("发票", "Invoice"),
    "kind.credit_note": ("红字发票", "Credit note"),
    "kind.payment": ("收款", "Payment"),
    "kind.refund": ("退款", "Refund"),
    "kind.reversal": ("冲销", "Reversal"),
    "kind.rebate": ("返利", "Rebate"),
}

_ZH, _EN = (MappingProxyType({key: pair[at] for key, pair in _PAIRS.items()}) for at in (0, 1))
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS_ZH = {"CNY": "人民币元"}


def words(locale: str) -> Mapping[str, str]:
    """Label by key. Every locale that is not Chinese reads English."""
    return _ZH if is_chinese(locale) else _EN


def kind_name(kind: EntryKind, locale: str) -> str:
    """What a line records, short enough for its column."""
    return words(locale)[f"kind.{kind}"]


def is_chinese(locale: str) -> bool:
    """Whether a locale is some Chinese: ``zh``, ``zh_CN``, ``zh-Hans``."""
    return locale.partition("-")[0].partition("_")[0] == "zh"


def amount(value: Decimal) -> str:
    """Two places, thousands separated, a leading minus: so that the decimal points of a column line up."""
    return f"{value or ZERO:,.2f}"


def currency_unit(code: str, locale: str) -> str:
    """The unit amounts are counted in, as the remark above a table names it."""
    return _UNITS_ZH.get(code, code) if is_chinese(locale) else code


def long_date(day: date, locale: str) -> str:
    """A date as it is written in a sentence."""
    if is_chinese(locale):
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def period(first: date, last: date, locale: str) -> str:
    """A calendar month with its days."""
    if is_chinese(locale):
        return f"{first.year}年{first.month}月{first.day}日至{last.day}日"
    return f"{first.day}–{last.day} {_MONTHS[first.month - 1]} {first.year}"


def names(party: Party, locale: str) -> tuple[str, str]:
    """The company's name in the language of the paper, then in the other.

    Never twice the same, possibly empty.
    """
    first, second = (party.name_zh, party.name_en) if is_chinese(locale) else (party.name_en, party.name_zh)
    return (first or second, second if first and second != first else "")
