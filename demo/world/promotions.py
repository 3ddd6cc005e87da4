"""Demo promotions: generated, and no one's real terms.

Some have come to their end and were used by past orders, some run; a draft and a submitted one wait for the
channel managers. Gifts and a clearance of lots begin with the demonstration, since past orders hold neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from demo.source.catalogue import Device
from demo.world.business_days import month_start
from demo.world.element import Element, World
from demo.world.policies import start

CLEARED_WITHIN = 30  # days that a clearance runs; its lots expire later
JOINED = 4  # one dealer in so many joins where that is asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """A promotion. category: a prefix of EMDN codes; skus: instead of it. gift: SKU, units, for each so many.

    budget: as a share of what past orders spent, or an amount where they spent nothing. region: the area
    whose manager wrote it. clears_lots: for lots that expire soon. `published_at` is None for what is no more
    than a draft or submitted.
    """

    title_zh: str
    title_en: str
    kind: str
    valid_from: datetime
    valid_to: datetime
    published_at: datetime | None
    priority: int
    state: str = "published"
    percent: Decimal | None = None
    amount: Decimal | None = None
    gift: tuple[str, int, int] | None = None
    category: str | None = None
    skus: tuple[str, ...] = ()
    min_quantity: int | None = None
    min_amount: Decimal | None = None
    period_amount: Decimal | None = None
    first_order: bool = False
    region: str | None = None
    tiers: tuple[str, ...] = ()
    combinable: bool = True
    budget_share: Decimal | None = None
    budget: Decimal | None = None
    registration_required: bool = False
    clears_lots: bool = False


def build_promotions(world: World) -> tuple[Promotion, ...]:
    """All demo promotions."""
    best = [world.devices[index] for index in world.ranking[:20]]
    now, today = world.now, world.today
    return (
        *past_promotions(today),
        *running_promotions(best, now=now, today=today),
        clearance(now=now, today=today),
        *waiting_promotions(best, today=today),
    )


PROMOTIONS = Element("promotions", build_promotions)


def past_promotions(today: date) -> tuple[Promotion, ...]:
    """Promotions that have come to their end; orders of those months used them."""

    def month(offset: int) -> tuple[datetime, datetime, datetime]:
        begins = start(month_start(today, offset))
        return begins, start(month_start(today, offset + 1)), begins - timedelta(days=2)

    dressings, gloves, spring, former = month(-5), month(-3), month(-2), month(-11)
    return (
        Promotion(
            title_zh="去年同期注射输液类折让（演示）",
            title_en="Infusion week of last year (demo)",
            kind="percent_off",
            percent=Decimal(3),
            category="A",
            valid_from=former[0],
            valid_to=former[1],
            published_at=former[2],
            priority=10,
        ),
        Promotion(
            title_zh="敷料类月度折让（演示）",
            title_en="A month of dressings (demo)",
            kind="percent_off",
            percent=Decimal(5),
            category="M04",
            valid_from=dressings[0],
            valid_to=dressings[1],
            published_at=dressings[2],
            priority=10,
            budget_share=Decimal("1.60"),
        ),
        Promotion(
            title_zh="华东防护用品直减（演示）",
            title_en="Protective goods, East China (demo)",
            kind="percent_off",
            percent=Decimal(4),
            category="T",
            region="HD",
            tiers=("A", "B"),
            valid_from=gloves[0],
            valid_to=gloves[1],
            published_at=gloves[2],
            priority=20,
        ),
        Promotion(
            title_zh="满 5,000 减 100（演示）",
            title_en="100 off orders from 5,000 (demo)",
            kind="order_amount_off",
            amount=Decimal(100),
            min_amount=Decimal(5000),
            valid_from=spring[0],
            valid_to=spring[1],
            published_at=spring[2],
            priority=50,
            combinable=False,
            budget_share=Decimal("1.05"),
        ),
    )


def running_promotions(best: Sequence[Device], *, now: datetime, today: date) -> tuple[Promotion, ...]:
    """What runs now: a percentage, off the order, a bundle, a cumulative one and a gift."""
    return (*_running_discounts(best, today), _running_quarter(today), _running_gift(best[0], now, today))


def _running_discounts(best: Sequence[Device], today: date) -> tuple[Promotion, ...]:
    since, ends = start(month_start(today, 0)), start(month_start(today, 2))
    first, second = best[2], best[5]
    cheaper = min(first.list_price, second.list_price)
    return (
        Promotion(
            title_zh="实验检测耗材折让 4%（演示）",
            title_en="4 % off laboratory goods (demo)",
            kind="percent_off",
            percent=Decimal(4),
            category="W",
            valid_from=since,
            valid_to=ends,
            published_at=since - timedelta(days=1),
            priority=10,
            budget_share=Decimal("1.08"),
        ),
        Promotion(
            title_zh="满 20,000 减 300（演示）",
            title_en="300 off orders from 20,000 (demo)",
            kind="order_amount_off",
            amount=Decimal(300),
            min_amount=Decimal(20000),
            valid_from=since,
            valid_to=ends,
            published_at=since - timedelta(days=1),
            priority=60,
            budget_share=Decimal("2.50"),
        ),
        Promotion(
            title_zh="畅销组合立减（演示）",
            title_en="Two best sellers as a set (demo)",
            kind="bundle",
            amount=max(Decimal("0.01"), (cheaper / 10).quantize(Decimal("0.01"))),
            skus=(first.sku, second.sku),
            valid_from=since,
            valid_to=ends,
            published_at=since - timedelta(days=1),
            priority=30,
        ),
    )


def _running_quarter(today: date) -> Promotion:
    quarter = start(month_start(today, -1))
    return Promotion(
        title_zh="季度累计满 50,000 返 2%（须报名，演示）",
        title_en="2 % once 50,000 are reached; join first (demo)",
        kind="cumulative",
        percent=Decimal(2),
        period_amount=Decimal(50000),
        category="A",
        valid_from=quarter,
        valid_to=start(month_start(today, 2)),
        published_at=quarter - timedelta(days=1),
        priority=40,
        registration_required=True,
    )


def _running_gift(gift: Device, now: datetime, today: date) -> Promotion:
    return Promotion(
        title_zh="畅销产品买 20 倍数送 1 倍（演示）",
        title_en="Twenty packs bought, one given (demo)",
        kind="gift",
        gift=(gift.sku, gift.pack_multiple, 20 * gift.pack_multiple),
        skus=(gift.sku,),
        valid_from=now,
        valid_to=start(month_start(today, 2)),
        published_at=now,
        priority=5,
        budget=Decimal(80000),
    )


def clearance(*, now: datetime, today: date) -> Promotion:
    """A price for some lots that expire soon and can still be sold."""
    return Promotion(
        title_zh="临期清货七折（演示）",
        title_en="30 % off lots that expire soon (demo)",
        kind="percent_off",
        percent=Decimal(30),
        clears_lots=True,
        valid_from=now,
        valid_to=start(today + timedelta(days=CLEARED_WITHIN)),
        published_at=now,
        priority=1,
        combinable=False,
    )


def waiting_promotions(best: Sequence[Device], *, today: date) -> tuple[Promotion, ...]:
    """A draft of the East China manager, and one that waits for another person."""
    begins, ends = start(month_start(today, 1)), start(month_start(today, 2))
    return (
        Promotion(
            title_zh="华东首单优惠（草稿，演示）",
            title_en="First order, East China, draft (demo)",
            kind="percent_off",
            percent=Decimal(5),
            first_order=True,
            region="HD",
            valid_from=begins,
            valid_to=ends,
            published_at=None,
            state="draft",
            priority=15,
        ),
        Promotion(
            title_zh="岁末重点产品折让（待审批，演示）",
            title_en="Focus products at the turn of the year, to be approved (demo)",
            kind="percent_off",
            percent=Decimal(6),
            skus=tuple(device.sku for device in best[6:12]),
            min_quantity=100,
            valid_from=begins,
            valid_to=ends,
            published_at=None,
            state="submitted",
            priority=10,
        ),
    )
