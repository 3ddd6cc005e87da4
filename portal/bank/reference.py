"""The reference of a dealer, under the name by which the bank's payments know it.

It is defined beside the dealers, since statements say it too and lie above the bank.
"""

from __future__ import annotations

from portal.dealers.payment_reference import codes_in, grouped, key_of, reference_of

__all__ = ["codes_in", "grouped", "key_of", "reference_of"]
