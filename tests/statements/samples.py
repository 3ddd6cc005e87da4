"""Statements to test with: plausible by default, and as awkward as a test asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from portal.kernel.money import ZERO
from portal.statements.document import (
    Ageing,
    BankAccount,
    DueItem,
    EntryKind,
    Movement,
    Party,
    StatementDocument,
    running_balances,
)

SHANGHAI = timezone(timedelta(hours=8))
MONTH_END = date(2026, 10, 31)

DEALER = Party(
    "D0042",
    "广州瑞康医疗器械有限公司",
    "Guangzhou Ruikang Medical Devices Co., Ltd.",
    "91440106MA59ABCD1X",
    "广东省广州市天河区体育西路 191 号中石化大厦 B 塔 3205 室",
)
LONG_DEALER = replace(
    DEALER,
    name_zh="内蒙古自治区呼和浩特市赛罕区（国家级经济技术开发区）康德乐瑞祥医疗器械、体外诊断试剂与医用耗材"
    "供应链管理服务股份有限公司第一分公司",
    name_en="Inner Mongolia Hohhot Saihan (National Economic and Technological Development Zone) Kangdele"
    " Medical Devices, In-vitro Diagnostics and Consumables Supply Chain Management Service Joint-Stock Co.,"
    " Ltd., First Branch",
    address="内蒙古自治区呼和浩特市赛罕区腾飞南路与世纪六路交叉口东南角（原呼和浩特国际物流港保税仓库）"
    "综合服务楼三层 A 区 3012、3013 号",
)
ISSUER = Party(
    "",
    "通路医疗科技有限公司",
    "Tonglu Medical Technology Co., Ltd.",
    "91310000MA1FL0000X",
    "上海市浦东新区示例路 100 号",
)
BANK = BankAccount("示例银行上海分行", "6222 0000 0000 0000", "通路医疗科技有限公司")

# The rhythm of a dealer's month, repeated.
_KINDS = (
    *["invoice"] * 4,
    "payment",
    "invoice",
    "credit_note",
    "invoice",
    "rebate",
    "service",
    "payment",
    "reversal",
    "refund",
    "opening",
)
_PREFIX = {
    "invoice": "INV",
    "payment": "PAY",
    "credit_note": "CN",
    "rebate": "RB",
    "service": "SI",
    "reversal": "REV",
    "refund": "RF",
    "opening": "OB",
    "deposit": "DE",
    "deposit_use": "DU",
    "deposit_return": "DB",
    "write_off": "WO",
    "interest": "IT",
}


def movement(position: int, *, scale: Decimal = Decimal("1000")) -> Movement:
    """The `position`-th document of a month, always the same for the same position."""
    kind = EntryKind(_KINDS[position % len(_KINDS)])
    amount = (scale * (position * 7919 % 9973 + 1) / 100).quantize(Decimal("0.01"))
    charged = kind in (EntryKind.INVOICE, EntryKind.REFUND, EntryKind.OPENING)
    return Movement(
        date=date(2026, 10, 1 + position % 31),
        kind=kind,
        document_no=f"{_PREFIX[kind]}-202610-{position + 1:06d}",
        debit=amount if charged else ZERO,
        credit=ZERO if charged else amount,
        reference=f"SO-202609-{position * 31:06d}",
        description="一次性使用无菌注射器（带针）、静脉留置针、医用缝合线等 12 项"
        if position % 17 == 3
        else "",
    )


def statement(
    lines: int | Sequence[Movement] = 12,
    *,
    opening: Decimal = Decimal("125430.50"),
    dealer: Party = DEALER,
    locale: str = "zh",
    scale: Decimal = Decimal("1000"),
    due: bool = False,
) -> StatementDocument:
    """A consistent statement with that many lines (or of those movements), aged over all buckets when
    money is owed.
    """
    moved = (
        [movement(position, scale=scale) for position in range(lines)] if isinstance(lines, int) else lines
    )
    balanced = running_balances(opening, moved)
    closing = balanced[-1].balance if balanced else opening
    unallocated = min(closing, Decimal("-3200.00"))
    items = _open_invoices(closing - unallocated)
    return StatementDocument(
        number="ST-202610-000042",
        period="2026-10",
        dealer=dealer,
        issuer=ISSUER,
        bank=BANK,
        currency="CNY",
        opening=opening,
        lines=balanced,
        closing=closing,
        ageing=Ageing.of(items, MONTH_END, unallocated),
        issued_at=datetime(2026, 11, 1, 9, 30, tzinfo=SHANGHAI),
        terms_days=30,
        payment_reference="TL0042 2610 7",
        due=tuple(items) if due else (),
        locale=locale,
    )


def _open_invoices(total: Decimal) -> list[DueItem]:
    """Invoices of `total` together, one for each ageing bucket."""
    if not total:
        return []
    part = (total / 8).quantize(Decimal("0.01"))
    amounts = (total - 4 * part, part, part, part, part)
    return [
        DueItem(f"INV-{due:%Y%m}-{days:06d}", due - timedelta(days=30), due, amount)
        for amount, days in zip(amounts, (-10, 12, 40, 75, 120), strict=True)
        for due in (MONTH_END - timedelta(days=days),)
    ]
