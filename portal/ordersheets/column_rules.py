"""Which column of a sheet is what: by its head, or guessed from what stands below. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.ordersheets.quantity_rules import is_quantity, is_unit

_BETWEEN = re.compile(r"[\s_.:：()（）*＊#/\-]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CODES = _words(
    """
    sku skucode code productid productcode productno product article articleno articlenumber item itemno
    itemcode itemnumber material materialno partno partnumber ref refno catno catalogno gtin ean udi udidi di
    barcode 编码 产品编码 产品编号 产品代码 产品货号 商品编码 商品编号 商品货号 物料编码 物料号 物料编号 物料
    货号 料号 存货编码 订货号 款号 编号 代码 条码 条形码 商品条码 产品条码 产品 商品 產品編號 產品編碼 貨號
    編號 條碼
    """
)
_QUANTITIES = _words(
    """
    qty quantity qtyordered orderqty orderquantity orderedquantity units pcs count amountordered
    数量 订货数量 订购数量 采购数量 订单数量 需求数量 购买数量 下单数量 件数 个数 要货数量 申请数量 數量
    """
)
_UNITS = _words("unit uom unitofmeasure 单位 计量单位 包装单位 單位")
_CODE = re.compile(r"(?=.*[0-9]|[A-Z])[A-Za-z0-9][A-Za-z0-9._/\-]{2,39}")
_NO_CODE = re.compile(
    r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]+[.,][0-9]+|[0-9]{1,2}:[0-9]{2}.*", re.A
)
_SHARE = 0.6  # of the lines in which a column must look like what it is taken for
_LOOKED_AT = 500  # rows that tell which column is what; ten thousand say no more


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns, from 0, of code, quantity and unit, if any, among `width` of them.

    is_guessed: no head says so.
    """

    code: int
    quantity: int
    unit: int | None
    width: int
    is_guessed: bool = False


def head_of(fields: Sequence[str]) -> Columns | None:
    """The columns that a head names; None for what is no head."""
    words = [folded(field) for field in fields]
    code = next((place for place, word in enumerate(words) if word in _CODES), None)
    quantity = next((place for place, word in enumerate(words) if word in _QUANTITIES), None)
    if code is None or quantity is None:
        return None
    unit = next((place for place, word in enumerate(words) if word in _UNITS), None)
    return Columns(code, quantity, unit, len(fields))


def folded(word: str) -> str:
    """A word of a head without blanks and marks, as heads are compared."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", word)).casefold()


def looks_like_code(field: str) -> bool:
    """Whether a field may name a product: no date, price, time or sentence."""
    plain = unicodedata.normalize("NFKC", field)
    return _CODE.fullmatch(plain) is not None and _NO_CODE.fullmatch(plain) is None


def guessed(rows: Sequence[Sequence[str]], width: int) -> Columns | None:
    """The columns of rows without a head, all of `width` fields; None where nobody could tell."""
    columns = [[row[place] for row in rows] for place in range(width)]
    codes = [place for place, fields in enumerate(columns) if _share(looks_like_code, fields) >= _SHARE]
    quantities = [
        place
        for place, fields in enumerate(columns)
        if _share(is_quantity, fields) >= _SHARE and not _counts_rows(fields)
    ]
    named = [place for place in codes if place not in quantities] or codes[:1]
    quantities = [place for place in quantities if place != named[0]] if named else []
    if not quantities:
        return None
    after = [place for place in quantities if place > named[0]]
    units = [place for place, fields in enumerate(columns) if _share(is_unit, fields) >= _SHARE]
    return Columns(
        named[0], after[0] if after else quantities[0], units[0] if units else None, width, is_guessed=True
    )


def _counts_rows(fields: Sequence[str]) -> bool:
    """A column that says 1, 2, 3 … numbers the lines."""
    first = fields[0] if fields else ""
    return (
        len(fields) > 2
        and first in ("0", "1")
        and all(field == str(place) for place, field in enumerate(fields, start=int(first)))
    )


def _share(holds: Callable[[str], bool], fields: Sequence[str]) -> float:
    seen = fields[:_LOOKED_AT]
    return sum(map(holds, seen)) / len(seen) if seen else 0.0
