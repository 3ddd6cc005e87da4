"""Which column of a bank's table is what, by its heading; and a mapping that somebody corrected. Pure.

Headings are compared without width, blanks and marks, and recognised by what they say rather than by bank:
the exports of one bank differ from year to year.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.kernel.errors import N_, Fault

_BETWEEN = re.compile(r"[\s_.:：()（）\[\]*＊#/／|\-—、,，]+")


class Part(StrEnum):
    """What a column of a bank's table holds."""

    DAY = "day"
    VALUE_DAY = "value_day"
    MONEY_IN = "money_in"
    MONEY_OUT = "money_out"
    AMOUNT = "amount"
    DIRECTION = "direction"
    BALANCE = "balance"
    CURRENCY = "currency"
    ACCOUNT = "account"
    PARTY = "party"
    PARTY_ACCOUNT = "party_account"
    PAYER = "payer"
    PAYER_ACCOUNT = "payer_account"
    PAYEE = "payee"
    PAYEE_ACCOUNT = "payee_account"
    TEXT = "text"
    REFERENCE = "reference"
    BANK_REFERENCE = "bank_reference"
    STATE = "state"


SEVERAL = frozenset({Part.TEXT})
"""Parts that may stand in several columns: they are read together."""

NEEDED_ONE_OF = ((Part.DAY,), (Part.AMOUNT, Part.MONEY_IN, Part.MONEY_OUT))


def _patterns(words: Mapping[Part, str]) -> tuple[tuple[Part, re.Pattern[str]], ...]:
    return tuple((part, re.compile(pattern)) for part, pattern in words.items())


# The first that fits; a heading is folded as `folded` does. 贷 is money in, 借 money out: the books are the
# bank's.
_HEADINGS = _patterns(
    {
        Part.VALUE_DAY: "起息日期?|价值日|valuedate|value",
        Part.DAY: "(交易|记账|入账|动账|账务)?(日期?|时间)|(交易|记账|入账)日期?时间|交易日期时间|日期时间"
        "|date|bookingdate|posteddate|transactiondate",
        Part.BALANCE: ".*余额.*|balance|runningbalance",
        Part.MONEY_IN: "(记账金额|交易金额)?(贷方|收入|贷|转入|存入|入账)"
        "(发生额?|金额|收入|发生金额)*(元|收入金额)?"
        "|(贷方|收入).*(金额|发生额).*|credit|creditamount|moneyin|paidin|deposits?",
        Part.MONEY_OUT: "(记账金额|交易金额)?(借方|支出|借|转出|支取|付款)"
        "(发生额?|金额|支出|发生金额)*(元|支出金额)?"
        "|(借方|支出).*(金额|发生额).*|debit|debitamount|moneyout|paidout|withdrawals?",
        Part.DIRECTION: "借贷|借贷标志|借贷方向|收支|收付|收付标志|收支标志|收支类型|交易方向"
        "|来往账|来往帐|方向|资金流向|drcr|debitcredit|direction",
        Part.AMOUNT: "(交易|发生|记账|收支)?金额元?|发生额|amount",
        Part.CURRENCY: "币种|币别|货币|交易币种|交易货币|记账币种|currency|ccy",
        Part.PAYER: "付款人(名称|户名)|付款方(名称|户名)|付款单位名称",
        Part.PAYER_ACCOUNT: "付款人账号|付款方账号|付款人帐号",
        Part.PAYEE: "收款人(名称|户名)|收款方(名称|户名)|收款单位名称",
        Part.PAYEE_ACCOUNT: "收款人账号|收款方账号|收款人帐号",
        Part.PARTY_ACCOUNT: "(对方|对手|交易对方|收付方|收付款方)"
        "(账号|帐号|账户|卡号账号|卡号)|counterpartyaccount",
        Part.PARTY: "(对方|对手|收付方|收付款方)"
        "(户名|账户名|账户名称|账号名称|名称|单位名称|单位|信息|姓名)"
        "|交易对方|counterparty|payee|name",
        Part.ACCOUNT: "账号|本方账号|帐号|交易账号|卡号|借记卡号|本方帐号|account|accountnumber",
        Part.BANK_REFERENCE: "(交易|银行|核心|唯一|账户)?流水号|日志号|唯一流水编号|柜员交易号"
        "|(交易订单|交易|订单)(单)?号|transactionid|bankreference",
        Part.REFERENCE: "业务参考号|参考号|客户业务编号|商户订单号|商户单号|reference",
        Part.STATE: "交易状态|当前状态|记录状态|状态|审批状态",
        Part.TEXT: "摘要|业务摘要|其它摘要|交易摘要|客户摘要|用途|交易用途|用途附言|附言|交易附言"
        "|客户附言|备注|交易描述|商品说明|商品|付款单备注|个性化信息"
        "|description|details|memo|purpose|narrative",
    }
)
# The better of two headings of one part: in the currency of the account, the day of the booking.
_PREFERRED = re.compile("记账|入账|本方")


@dataclass(frozen=True, slots=True)
class Columns:
    """Places, from 0, of what a table holds. heads: its headings as they stand, row: where they stand."""

    places: Mapping[Part, tuple[int, ...]] = field(default_factory=dict)
    heads: tuple[str, ...] = ()
    row: int = 0

    def place(self, part: Part) -> int | None:
        """Where a part stands; None where it does not."""
        return next(iter(self.places.get(part, ())), None)

    def has(self, *parts: Part) -> bool:
        """Whether there is a column of one of some parts."""
        return any(self.places.get(part) for part in parts)

    @property
    def is_enough(self) -> bool:
        """Whether bookings can be read by it."""
        return all(self.has(*parts) for parts in NEEDED_ONE_OF)

    @property
    def named(self) -> dict[str, list[int]]:
        """As it is remembered."""
        return {str(part): list(places) for part, places in self.places.items() if places}


def folded(head: str) -> str:
    """A heading as it is compared."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", head)).casefold()


def part_of(head: str) -> Part | None:
    """What a heading says that its column holds."""
    word = folded(head)
    return next((part for part, pattern in _HEADINGS if word and pattern.fullmatch(word)), None)


def recognised(heads: Sequence[str], row: int) -> Columns:
    """The columns of a row of headings, as far as they are known."""
    found: dict[Part, list[int]] = {}
    for place, head in enumerate(heads):
        if part := part_of(head):
            found.setdefault(part, []).append(place)
    chosen = {
        part: tuple(places) if part in SEVERAL else (_best(heads, places),) for part, places in found.items()
    }
    return Columns(chosen, tuple(heads), row)


def _best(heads: Sequence[str], places: Sequence[int]) -> int:
    """The column that is meant where several are called alike. A day beats a time of day."""
    for place in places:
        if _PREFERRED.search(heads[place]) and "时间" not in heads[place]:
            return place
    dated = [place for place in places if "时间" not in heads[place]]
    return dated[0] if dated else places[0]


def remembered(named: Mapping[str, Sequence[int]], heads: Sequence[str], row: int) -> Columns:
    """A mapping as it was kept, for a table with the same headings."""
    known = {str(part): part for part in Part}
    places = {
        known[name]: tuple(place for place in kept if 0 <= place < len(heads))
        for name, kept in named.items()
        if name in known
    }
    return Columns({part: kept for part, kept in places.items() if kept}, tuple(heads), row)


def heads_key(heads: Sequence[str]) -> str:
    """What tells one layout from another."""
    return hashlib.sha256("\n".join(map(folded, heads)).encode()).hexdigest()[:32]


def missing_faults(columns: Columns) -> list[Fault]:
    """What a mapping lacks."""
    faults = []
    if not columns.has(*NEEDED_ONE_OF[0]):
        message, fix = N_("No column holds the day of the booking."), N_("Say which column it is.")
        faults.append(Fault("/columns/day", "column_missing", message, fix))
    if not columns.has(*NEEDED_ONE_OF[1]):
        message, fix = N_("No column holds the amount."), N_("Say which column it is.")
        faults.append(Fault("/columns/amount", "column_missing", message, fix))
    return faults
