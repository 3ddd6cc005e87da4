"""The words of the letters that dealers get, in Chinese and English, as text and as simple HTML.

They are not in the gettext catalogue: a worker needs no web application.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from portal.kernel import clock

_SYMBOLS = {"CNY": "¥"}

_WORDS: dict[str, Mapping[str, str]] = {
    "zh": {
        "greeting": "{name}，您好：",
        "placed": "订单 {number} 已收到",
        "placed_text": "贵司的订单已收到，库存已为您预留。",
        "held_text": "贵司的订单已收到，总部审核后即可发货。",
        "shipped": "订单 {number} 已发货",
        "shipped_text": "贵司的订单已有货物发出。收货后请在门户确认。",
        "statement": "{month} 对账单已出具",
        "statement_text": "请在门户核对本月对账单，可下载 PDF 存档。",
        "order": "订单号",
        "purchase_order": "采购单号",
        "lines": "行数",
        "total": "含税金额",
        "carrier": "承运商",
        "tracking": "运单号",
        "closing": "期末余额",
        "overdue": "其中逾期",
        "statement_no": "对账单号",
        "open": "在门户中查看",
        "footer": "本邮件由系统自动发送，请勿回复。",
        "month": "{year}年{month}月",
    },
    "en": {
        "greeting": "Dear {name},",
        "placed": "Order {number} received",
        "placed_text": "We have received your order and reserved its stock for you.",
        "held_text": "We have received your order. It ships once headquarters has checked it.",
        "shipped": "Order {number} shipped",
        "shipped_text": (
            "Goods of your order have been shipped. Please confirm receipt in the portal when they arrive."
        ),
        "statement": "Your statement for {month}",
        "statement_text": "Please check this month's statement in the portal; you may download it as PDF.",
        "order": "Order",
        "purchase_order": "Your PO number",
        "lines": "Lines",
        "total": "Total incl. VAT",
        "carrier": "Carrier",
        "tracking": "Tracking number",
        "closing": "Closing balance",
        "overdue": "Of which overdue",
        "statement_no": "Statement",
        "open": "Open in the portal",
        "footer": "This message was sent automatically; please do not reply.",
        "month": "{year}-{month:02d}",
    },
}


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter says, before it is laid out. `facts` are label and value."""

    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    path: str


def order_placed(
    locale: str, *, number: str, purchase_order_no: str, lines: int, total: Decimal, currency: str, held: bool
) -> Letter:
    """An order was received, and is held or not."""
    words = _words(locale)
    facts = {
        "order": number,
        "purchase_order": purchase_order_no,
        "lines": str(lines),
        "total": _money(total, currency),
    }
    sentence = words["held_text" if held else "placed_text"]
    return Letter(
        words["placed"].format(number=number), sentence, _labelled(words, facts), f"/orders/{number}"
    )


def order_shipped(
    locale: str, *, number: str, purchase_order_no: str, carrier: str, tracking_no: str
) -> Letter:
    """A parcel of an order has left."""
    words = _words(locale)
    facts = {
        "order": number,
        "purchase_order": purchase_order_no,
        "carrier": carrier,
        "tracking": tracking_no,
    }
    return Letter(
        words["shipped"].format(number=number),
        words["shipped_text"],
        _labelled(words, facts),
        f"/orders/{number}",
    )


def statement_issued(
    locale: str, *, number: str, period: str, closing: Decimal, overdue: Decimal, currency: str
) -> Letter:
    """The statement of a month is there."""
    words = _words(locale)
    day = clock.first_day(period)
    month = words["month"].format(year=day.year, month=day.month)
    facts = {
        "statement_no": number,
        "closing": _money(closing, currency),
        "overdue": _money(overdue, currency) if overdue else "",
    }
    subject = words["statement"].format(month=month)
    return Letter(subject, words["statement_text"], _labelled(words, facts), f"/statements/{number}")


def as_text(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as plain text."""
    words = _words(locale)
    facts = "\n".join(f"{label}: {value}" for label, value in letter.facts)
    greeting = words["greeting"].format(name=name)
    return (
        f"{greeting}\n\n{letter.sentence}\n\n{facts}\n\n{base_url}{letter.path}\n\n"
        f"{sender}\n{words['footer']}\n"
    )


def as_html(letter: Letter, *, locale: str, name: str, sender: str, base_url: str) -> str:
    """The letter as HTML that every mail program shows: no images, no styles, nothing from elsewhere."""
    words = _words(locale)
    rows = "".join(
        f"<tr><td>{escape(label)}</td><td><b>{escape(value)}</b></td></tr>" for label, value in letter.facts
    )
    link = escape(base_url + letter.path, quote=True)
    return (
        f'<!doctype html><html lang="{"zh-CN" if words is _WORDS["zh"] else "en"}"><meta charset="utf-8">'
        f"<p>{escape(words['greeting'].format(name=name))}</p><p>{escape(letter.sentence)}</p>"
        f'<table cellpadding="4">{rows}</table><p><a href="{link}">{escape(words["open"])}</a></p>'
        f"<p>{escape(sender)}<br><small>{escape(words['footer'])}</small></p></html>"
    )


def _words(locale: str) -> Mapping[str, str]:
    return _WORDS["zh"] if locale.startswith("zh") else _WORDS["en"]


def _labelled(words: Mapping[str, str], facts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((words[key], value) for key, value in facts.items() if value)


def _money(value: Decimal, currency: str) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}{_SYMBOLS.get(currency, currency + ' ')}{abs(value):,.2f}"
