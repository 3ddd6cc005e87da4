"""What the accounts of the journal are called in the finance system: code and name in both languages. Pure.

The codes are those of the Chinese chart (企业会计准则应用指南), divided as most companies divide them. One
that divides otherwise says so in `TONGLU_ACCOUNT_CODES`, such as ``{"bank": "100201"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from portal.ledger.kinds import Account


@dataclass(frozen=True, slots=True)
class AccountName:
    """An account as the finance system knows it."""

    code: str
    zh: str
    en: str


CHART = {
    Account.RECEIVABLE: AccountName("1122", "应收账款", "Accounts receivable"),
    Account.REVENUE: AccountName("6001", "主营业务收入", "Revenue"),
    Account.OUTPUT_VAT: AccountName("22210107", "应交税费—应交增值税（销项税额）", "Output VAT"),
    Account.BANK: AccountName("1002", "银行存款", "Bank"),
    Account.OPENING_EQUITY: AccountName("4104", "利润分配—未分配利润（期初结转）", "Opening balances"),
    Account.REBATES: AccountName("600101", "主营业务收入—销售返利与折让", "Rebates and allowances"),
    Account.CHANNEL_EXPENSE: AccountName("660101", "销售费用—渠道费", "Channel expenses"),
    Account.DEPOSITS_HELD: AccountName("224101", "其他应付款—保证金", "Deposits held"),
    Account.BAD_DEBT: AccountName("1231", "坏账准备", "Bad debts"),
    Account.INTEREST_INCOME: AccountName("660301", "财务费用—利息收入", "Interest income"),
}
"""By account, as it is without settings."""


def chart_of(codes: Mapping[str, str]) -> dict[Account, AccountName]:
    """The chart with the company's own codes. Raises ValueError for an account that there is none of."""
    return CHART | {
        Account(account): replace(CHART[Account(account)], code=code) for account, code in codes.items()
    }
