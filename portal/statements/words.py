"""What a corrected version may name otherwise, in words. Pure."""

from __future__ import annotations

from portal.kernel.errors import N_

CHANGED = {
    "dealer.name_zh": N_("Dealer: Chinese name"),
    "dealer.name_en": N_("Dealer: English name"),
    "dealer.credit_code": N_("Dealer: unified social credit code"),
    "dealer.address": N_("Dealer: address"),
    "issuer.name_zh": N_("Our company: Chinese name"),
    "issuer.name_en": N_("Our company: English name"),
    "issuer.credit_code": N_("Our company: unified social credit code"),
    "issuer.address": N_("Our company: address"),
    "bank.bank": N_("Our bank"),
    "bank.number": N_("Our account number"),
    "bank.holder": N_("Our account holder"),
    "terms_days": N_("Payment terms in days"),
    "payment_reference": N_("Payment reference"),
}
"""By the name of a `Change`."""
