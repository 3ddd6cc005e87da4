"""Kinds of entries as the API names them."""

from __future__ import annotations

from typing import Literal

EntryKindName = Literal[
    "invoice",
    "credit_note",
    "payment",
    "opening",
    "reversal",
    "rebate",
    "service",
    "deposit",
    "deposit_use",
    "deposit_return",
    "write_off",
    "refund",
    "interest",
]
