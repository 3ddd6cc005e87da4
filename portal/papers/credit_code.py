"""The unified social credit code that a business licence bears."""

from __future__ import annotations

from stdnum.cn import uscc

from portal.kernel.errors import N_, Fault


def credit_code_faults(typed: str, own: str) -> list[Fault]:
    """What is wrong with the unified social credit code of a business licence."""
    if not uscc.is_valid(typed):
        message = N_("This is no unified social credit code: a character is wrong.")
        return [Fault("/paper_no", "credit_code", message, N_("Copy its 18 characters from the licence."))]
    if uscc.compact(typed) != own:
        message = N_("This is the unified social credit code of another company than yours.")
        fix = N_("Copy it from your own licence, or ask your channel manager to change your company.")
        return [Fault("/paper_no", "credit_code_other", message, fix)]
    return []
