"""A tax invoice out of the XML that the tax platform hands out. Pure.

The platform's schema is not public: elements are found by their local names, as several public readers agree
on them, and what is not known is passed over. Days are China's, wherever the business is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from portal.kernel import money, typed
from portal.kernel.clock import day_of_business
from portal.kernel.errors import N_, Fault, Invalid
from portal.kernel.outside_xml import Node, NotRead, read_xml
from portal.tax_invoices.rules import NO_TAX, TaxInvoice, TaxLine, is_number, plain_code

SIZE_MAX = 2_000_000  # bytes
LINES_MAX = 2_000  # of an invoice
CHINA = ZoneInfo("Asia/Shanghai")
NAME_MAX = 300  # characters of what is goods, and of the remark

_BLUE = re.compile(r"蓝字[^0-9]{0,20}([0-9]{20})(?![0-9])")
_WORDS_OF_NO_TAX = frozenset({"免税", "不征税", "出口零税率", "普通零税率"})
_FIGURE = re.compile(rf"-?[0-9]{{1,{typed.DIGITS_MAX}}}(\.[0-9]{{1,13}})?")
_NUMBER = ("InvoiceNumber", "EIid", "EInvoiceNumber", "发票号码")
_DAY = ("IssueTime", "RequestTime", "开票日期")
_HEAD = {
    "seller": ("SellerIdNum", "销售方纳税人识别号", "销方识别号"),
    "buyer": ("BuyerIdNum", "购买方纳税人识别号", "购方识别号"),
    "net": ("TotalAmWithoutTax", "合计金额"),
    "tax": ("TotalTaxAm", "合计税额"),
    "gross": ("TotalTax-includedAmount", "价税合计"),
    "remark": ("Remark", "备注"),
}
_LINE = ("IssuItemInformation", "明细")
_ITEM = {
    "name": ("ItemName", "货物或应税劳务名称", "项目名称"),
    "spec": ("SpecMod", "规格型号"),
    "unit": ("MeaUnits", "单位"),
    "quantity": ("Quantity", "数量"),
    "amount": ("Amount", "金额"),
    "rate": ("TaxRate", "税率"),
    "tax": ("ComTaxAm", "税额"),
}
_EXPORT_AGAIN = N_("Download the XML of the invoice from the tax platform once more.")


def read_tax_invoice(content: bytes) -> TaxInvoice:
    """The invoice that a file is. Raises Invalid with every fault."""
    root = _tree(content)
    texts = _texts(root)
    said = {name: _first(texts, names) for name, names in _HEAD.items()}
    faults: list[Fault] = []
    number = plain_code(_first(texts, _NUMBER))
    if not is_number(number):
        faults.append(_fault("number", N_("The number of the invoice is not one of 20 digits.")))
    amounts = {name: _money(said[name], name, faults) for name in ("net", "tax", "gross")}
    day = _day(_first(texts, _DAY), faults)
    found = _lines(root)
    if not found or len(found) > LINES_MAX:
        faults.append(
            _fault("lines", N_("An invoice has from 1 to %(max)s lines."), max=LINES_MAX),
        )
    lines = tuple(_line(part, place, faults) for place, part in enumerate(found[:LINES_MAX], start=1))
    if faults:
        raise Invalid(faults=faults)
    blue = _BLUE.search(said["remark"])
    return TaxInvoice(
        number,
        day,
        plain_code(said["seller"]),
        plain_code(said["buyer"]),
        amounts["net"],
        amounts["tax"],
        amounts["gross"],
        lines,
        blue[1] if blue and amounts["gross"] < 0 else "",
        said["remark"],
    )


def _tree(content: bytes) -> Node:
    try:
        return read_xml(content, size_max=SIZE_MAX)
    except NotRead as trouble:
        where = "/file" if trouble.line is None else f"/file/{trouble.line}"
        fault = Fault(where, "tax_invoice", trouble.message, _EXPORT_AGAIN, trouble.params)
        raise Invalid(faults=[fault]) from trouble


def _texts(root: Node) -> dict[str, str]:
    """What the first element of each name says that says anything."""
    texts: dict[str, str] = {}
    for part in root.walk():
        if said := part.text:
            texts.setdefault(part.name, said[:NAME_MAX])
    return texts


def _first(texts: dict[str, str], names: tuple[str, ...]) -> str:
    """What is said under one of these names, the names in their order."""
    return next((texts[name] for name in names if name in texts), "")


def _lines(root: Node) -> list[Node]:
    """The elements that are lines, in their order. None stands in another: each would be read once more with
    every one around it.
    """
    found, waiting = [], [root]
    while waiting:
        part = waiting.pop()
        if part.name in _LINE and part.parts:
            found.append(part)
        else:
            waiting.extend(reversed(part.parts))
    return found


def _line(part: Node, place: int, faults: list[Fault]) -> TaxLine:
    texts = _texts(part)
    said = {name: _first(texts, names) for name, names in _ITEM.items()}
    where = f"lines/{place}"
    quantity = _figure(said["quantity"]) if said["quantity"] else None
    if said["quantity"] and quantity is None:
        faults.append(_fault(f"{where}/quantity", N_("Line %(line)s has no quantity of digits."), line=place))
    return TaxLine(
        said["name"],
        said["spec"],
        said["unit"],
        quantity,
        _rate(said["rate"], place, faults),
        _money(said["amount"], f"{where}/amount", faults),
        _money(said["tax"] or "0", f"{where}/tax", faults),
    )


def _rate(said: str, place: int, faults: list[Fault]) -> Decimal | str:
    if said in _WORDS_OF_NO_TAX:
        return NO_TAX
    rate = _figure(said.removesuffix("%"))
    if rate is None or not 0 <= rate <= 100:
        faults.append(_fault(f"lines/{place}/rate", N_("Line %(line)s has no rate of tax."), line=place))
        return NO_TAX
    return rate / 100 if said.endswith("%") or rate >= 1 else rate


def _money(said: str, where: str, faults: list[Fault]) -> Decimal:
    amount = _figure(said)
    if amount is None or amount != money.to_fen(amount):
        message = N_("“%(said)s” is not an amount with two places.")
        faults.append(_fault(where, message, said=said))
        return money.ZERO
    return money.to_fen(amount)


def _figure(said: str) -> Decimal | None:
    return Decimal(said) if _FIGURE.fullmatch(said) else None


def _day(said: str, faults: list[Fault]) -> date:
    plain = re.sub(r"[年月/.]", "-", said[:11]).replace("日", "") + said[11:]
    try:
        day = day_of_business(date.fromisoformat(plain[:10].strip()), plain[10:], CHINA) or date.min
    except ValueError:
        day = date.min
    if day.year not in typed.YEARS:
        faults.append(_fault("date", N_("The invoice has no day of issue.")))
    return day


def _fault(where: str, message: str, **params: object) -> Fault:
    return Fault(f"/file/{where}", "tax_invoice", message, _EXPORT_AGAIN, params)


def documents_named(remark: str) -> Iterator[str]:
    """Numbers of our documents that a remark names, each once."""
    seen = set()
    for found in re.findall(r"(?<![A-Z0-9])(?:IN|CN|SI)[0-9]{4}-[0-9A-Z]{9}(?![0-9A-Z])", remark.upper()):
        if found not in seen:
            seen.add(found)
            yield found
