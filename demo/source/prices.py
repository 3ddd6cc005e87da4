"""Demo list prices: plausible, generated, and no one's real prices.

What dealers pay for devices is published nowhere. Each generic name has a typical price of one piece; a
family of one maker lies log-normally about it, its sizes close together. Prices are in CNY and include VAT.
"""

from __future__ import annotations

import math
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random

# Rate of VAT from its first day: 16 % became 13 % on 1 April 2019. Devices have no reduced rate.
TAX_RATES = ((date(2018, 5, 1), Decimal("0.16")), (date(2019, 4, 1), Decimal("0.13")))

FAMILY_SPREAD = 0.25
SIZE_SPREAD = 0.10
BOX_EXPONENT = 0.88  # a box of n pieces costs less than n pieces
LOWEST = Decimal("0.50")


def list_price(gtin: str, family: str, typical: Decimal, pieces: int, seed: int) -> Decimal:
    """List price of one sales unit of `pieces` pieces, CNY including VAT."""
    by_family = Random(f"{seed}/price/{family}").gauss(0, FAMILY_SPREAD)
    by_size = Random(f"{seed}/price/{gtin}").gauss(0, SIZE_SPREAD)
    raw = float(typical) * pieces**BOX_EXPONENT * math.exp(by_family + by_size)
    return retail_rounded(Decimal(str(raw)))


def retail_rounded(raw: Decimal) -> Decimal:
    """Nearest price ending in .00, .50 or .90; whole yuan from 100, tens from 1,000, hundreds from
    100,000.
    """
    if raw >= 100:
        step = Decimal(100) if raw >= 100_000 else Decimal(10) if raw >= 1_000 else Decimal(1)
        return (raw / step).quantize(Decimal(1), ROUND_HALF_UP) * step + Decimal("0.00")
    whole = Decimal(int(raw))
    endings = [whole + Decimal(ending) for ending in ("0.00", "0.50", "0.90", "1.00")]
    return max(LOWEST, min(endings, key=lambda price: (abs(price - raw), price))).quantize(Decimal("0.01"))
