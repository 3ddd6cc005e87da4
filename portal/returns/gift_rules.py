"""Gifts that are no longer earned when the goods that earned them come back. Pure.

What a gift needs stands on the receipt of its order line, so that a promotion that ended or changed since
changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from portal.kernel import money
from portal.kernel.errors import N_, Fault
from portal.pricing.receipts import GIFT
from portal.promotions.rules import Gift, gifts_to_return
from portal.returns.rules import Coming, LotKey, Remedy


@dataclass(frozen=True, slots=True)
class Earning:
    """Goods that earn a gift: `stays` of the `quantity` units of an order line stay bought.

    amount: ¥ of the line as the promotion counted it, where it asks for an amount.
    """

    line_no: int
    quantity: int
    stays: int
    amount: Decimal = money.ZERO


@dataclass(frozen=True, slots=True)
class GiftLine:
    """A gift of an order, and where its units are.

    given: units of the line; value: ¥ of all of them at the dealer's own price. left: units that the dealer
    has or will get and that nobody brings back; in_hand: those of them that it has. charged: ¥ that was
    billed for units that stayed. promised: units that other open returns will bill.
    """

    line_no: int
    sku: str
    name_zh: str
    name_en: str
    unit: str
    gift: Gift
    given: int
    value: Decimal
    left: int
    in_hand: int
    goods: tuple[Earning, ...]
    min_quantity: int | None = None
    min_amount: Decimal | None = None
    charged: Decimal = money.ZERO
    promised: int = 0

    @property
    def unit_value(self) -> Decimal:
        """¥ of a unit."""
        return money.share(self.value, 1, self.given)

    @property
    def paid(self) -> int:
        """Units that were billed because they stayed: they are the dealer's."""
        return int(self.charged // self.unit_value) if self.unit_value else 0

    @property
    def unearned(self) -> int:
        """Units that the dealer has and the goods that stay do not earn, billed or not."""
        return min(self._lost, max(0, self.in_hand))

    @property
    def unsent(self) -> int:
        """Units that have not left and the goods that stay do not earn."""
        return self._lost - self.unearned

    @property
    def due(self) -> int:
        """Units that have to come back, or be billed, and nobody has asked for yet."""
        return max(0, self.unearned - self.paid - self.promised)

    @property
    def outstanding(self) -> Decimal:
        """¥ to be billed now for units that stay; negative for what was billed and is not due any more."""
        return self.charge(self.unearned) - self.charged

    def charge(self, units: int) -> Decimal:
        """¥ for units that stay although they are not earned."""
        return money.share(self.value, units, self.given)

    def after(self, back: Mapping[int, int]) -> GiftLine:
        """The same when more units come back, by order line."""
        more = back.get(self.line_no, 0)
        goods = tuple(replace(one, stays=one.stays - back.get(one.line_no, 0)) for one in self.goods)
        return replace(self, goods=goods, left=self.left - more, in_hand=self.in_hand - more)

    @property
    def _lost(self) -> int:
        stays = sum(one.stays for one in self.goods)
        if self.min_amount is not None and self._amount < self.min_amount:
            stays = 0
        return gifts_to_return(self.gift, self.left, stays, min_quantity=self.min_quantity)

    @property
    def _amount(self) -> Decimal:
        return sum((money.share(one.amount, one.stays, one.quantity) for one in self.goods), money.ZERO)


@dataclass(frozen=True, slots=True)
class Earned:
    """What the receipt of a gift's line says of how it was earned. amounts: by place of `lines`."""

    gift: Gift
    min_quantity: int | None
    min_amount: Decimal | None
    lines: tuple[int, ...]
    amounts: tuple[Decimal, ...]
    value: Decimal


def earned_as(sku: str, receipt: Sequence[Mapping[str, Any]]) -> Earned | None:
    """How a gift was earned; None where the receipt does not say it."""
    for step in receipt:
        effect = step.get("effect") or {}
        if effect.get("kind") == GIFT and effect.get("earned_by"):
            lines = tuple(effect["earned_by"])
            least = effect.get("min_amount")
            return Earned(
                Gift(sku, effect["quantity"], effect["for_each"]),
                effect.get("min_quantity"),
                None if least is None else Decimal(least),
                lines,
                tuple(map(Decimal, effect.get("amounts") or ["0"] * len(lines))),
                Decimal(effect["value"]),
            )
    return None


@dataclass(frozen=True, slots=True)
class Kept:
    """Units of a gift that the dealer keeps and pays instead of sending them back. `pointer` says where."""

    line_no: int
    units: int
    pointer: str


@dataclass(frozen=True, slots=True)
class DueGift:
    """Units of a gift that a return asks for: all but `kept` come back, those are billed."""

    line: GiftLine
    units: int
    kept: int

    @property
    def coming(self) -> int:
        """Units that come back."""
        return self.units - self.kept

    @property
    def charge(self) -> Decimal:
        """¥ that is billed for what is kept."""
        return self.line.charge(self.kept)


def given_back(coming: Iterable[Coming]) -> Counter[int]:
    """Units by order line that the dealer gives up for good: what is exchanged stays bought."""
    units: Counter[int] = Counter()
    for one in coming:
        if one.remedy is not Remedy.EXCHANGE:
            units[one.line_no] += one.quantity
    return units


def due_gifts(
    lines: Sequence[GiftLine], coming: Sequence[Coming], kept: Sequence[Kept]
) -> tuple[list[DueGift], list[Fault]]:
    """Gifts that a return asks for beside the units that come back by themselves, or every fault."""
    back = given_back(coming)
    due = {line.line_no: line for line in lines if line.after(back).due}
    faults = []
    said: Counter[int] = Counter()
    for one in kept:
        most = due[one.line_no].after(back).due if one.line_no in due else 0
        said[one.line_no] += one.units
        if one.units < 0 or said[one.line_no] > most:
            message = N_("%(most)s units of this gift are to come back: you cannot keep more.")
            fix = N_("Enter a whole number from 0 to %(most)s.") if most else N_("Leave this gift out.")
            faults.append(Fault(f"{one.pointer}/keep", "gift_not_due", message, fix, {"most": most}))
    if faults:
        return [], faults
    return [DueGift(line, line.after(back).due, said[line_no]) for line_no, line in due.items()], []


@dataclass(frozen=True, slots=True)
class GiftLot:
    """Units of a gift in a parcel. left: neither returned nor asked back."""

    shipment_id: int
    key: LotKey
    left: int


def placed(due: Sequence[DueGift], lots: Sequence[GiftLot]) -> dict[int, dict[LotKey, int]]:
    """Which units come back, by shipment: from the first lots of `lots` that have some left."""
    found: dict[int, dict[LotKey, int]] = {}
    for one in due:
        units = one.coming
        for lot in lots:
            if lot.key[0] == one.line.line_no and (share := min(units, lot.left)) > 0:
                found.setdefault(lot.shipment_id, {})[lot.key] = share
                units -= share
    return found


def beyond_fault(charge: Decimal, credit: Decimal) -> list[Fault]:
    """The gifts that are kept cost more than the return gives back: a dealer does not ask for that."""
    if charge <= credit:
        return []
    message = N_("The gifts you keep cost ¥%(charge)s, more than the ¥%(credit)s that the return gives back.")
    fix = N_("Send more of the gifts back, or ask headquarters to bill the rest.")
    about = {"charge": money.as_text(charge), "credit": money.as_text(credit)}
    return [Fault("/gifts", "gifts_exceed_credit", message, fix, about)]
