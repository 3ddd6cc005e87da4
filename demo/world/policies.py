"""Demo price policies: generated, and no one's real terms.

A rule applies alone (see the portal's pricing rules), so the policies stack by precedence: national terms by
tier, quantity scales for best sellers, regional terms by area and tier, contract net prices for single
dealers. One policy lies in the future, the former national terms are superseded, and two drafts wait for a
channel manager.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from demo.source.catalogue import Device
from demo.world.business_days import moment, month_start
from demo.world.element import Element, World
from demo.world.network import TIER_NAMES, Dealer
from demo.world.regions import AREAS

NOTICE = "演示价格，由程序生成，与任何真实价格无关。Demo prices, generated; not anyone's real prices."

# Per cent off list by tier: now, before the last change, and what the drafts and the future policy propose.
TIER_DISCOUNTS = {"S": 25, "A": 18, "B": 12, "C": 6}
FORMER_TIER_DISCOUNTS = {"S": 22, "A": 16, "B": 10, "C": 5}
# Product lines in which a tier gets more or less than its general discount, in points.
LINE_POINTS = {"M": 3, "T": 2, "G": 1, "W": -3, "Z12": -5}
ORDER_STEPS = (1, 50, 200)
STEP_POINTS = (0, 2, 4)
SCALE_STEPS = (1, 20, 100, 500)
SCALE_POINTS = (1, 3, 5, 8)
BEST_SELLERS = 60
REGIONAL_TIERS = ("A", "B")
REGIONAL_LINES = {"HB": "M", "DB": "M04", "HD": "R", "ZN": "T", "XN": "U", "XB": "Z12"}
CONTRACT_DEALERS = 15
CONTRACT_PRODUCTS = (20, 60)
CONTRACT_DISCOUNT = (24, 36)

Breaks = tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One price rule. The party is a dealer (index), or an area or province code and a tier, either None for
    all.

    The subject is a product (`sku`) or a category (a prefix of EMDN codes), both None for everything. `kind`
    is ``net``, ``percent_off`` or ``amount_off``; `breaks` are (minimum quantity, value), the first from 1.
    """

    kind: str
    breaks: Breaks
    tier: str | None = None
    region: str | None = None
    dealer: int | None = None
    sku: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a price policy. `region` is the area whose manager answers for it, None for the whole
    country.

    `state` is ``published``, ``superseded`` or ``draft``; moments are UTC; `published_at` is None for a
    draft.
    """

    number: str
    version: int
    title_zh: str
    title_en: str
    state: str
    valid_from: datetime
    valid_to: datetime | None
    published_at: datetime | None
    rules: tuple[Rule, ...]
    region: str | None = None
    text: str = NOTICE


def build_policies(world: World) -> tuple[Policy, ...]:
    """All demo policies."""
    devices, ranking, today = world.devices, world.ranking, world.today
    lines = [line for line in LINE_POINTS if any(device.emdn.startswith(line) for device in devices)]
    best = [devices[index].sku for index in ranking[:BEST_SELLERS]]
    return (
        *national_policies(lines, today),
        scale_policy(best, today),
        *regional_policies(today),
        *contract_policies(devices, ranking, world.dealers, today, world.seed),
        future_policy(today),
        regional_draft(best, today),
    )


POLICIES = Element("policies", build_policies)


def national_policies(lines: Sequence[str], today: date) -> Iterator[Policy]:
    """For each tier the terms in force and the ones before; for tier B also a draft of the next."""
    changed = start(month_start(today, -3))
    former = start(month_start(today, -18))
    for tier, percent in TIER_DISCOUNTS.items():
        zh, en = TIER_NAMES[tier]
        number, title = (
            f"PP-DEMO-T{tier}",
            (f"{zh}经销商全国价格政策（演示价格）", f"National terms, {en} (demo prices)"),
        )
        before = tier_rules(tier, FORMER_TIER_DISCOUNTS[tier], lines)
        now = tier_rules(tier, percent, lines)
        yield Policy(number, 1, *title, "superseded", former, changed, former - timedelta(days=5), before)
        yield Policy(number, 2, *title, "published", changed, None, changed - timedelta(days=5), now)
        if tier == "B":
            proposed = tier_rules(tier, percent + 2, lines)
            yield Policy(number, 3, *title, "draft", start(month_start(today, 1)), None, None, proposed)


def tier_rules(tier: str, percent: int, lines: Sequence[str]) -> tuple[Rule, ...]:
    """Discounts of a tier on everything and, differing by some points, on some product lines; more for
    more units.
    """
    return (
        Rule("percent_off", ladder(percent, ORDER_STEPS, STEP_POINTS), tier=tier),
        *(
            Rule(
                "percent_off",
                ladder(max(0, percent + LINE_POINTS[line]), ORDER_STEPS, STEP_POINTS),
                tier=tier,
                category=line,
            )
            for line in lines
        ),
    )


def scale_policy(best: Sequence[str], today: date) -> Policy:
    """Quantity scales for the best sellers, for every tier."""
    since = start(month_start(today, -4))
    rules = tuple(
        Rule("percent_off", ladder(percent, SCALE_STEPS, SCALE_POINTS), tier=tier, sku=sku)
        for sku in best
        for tier, percent in TIER_DISCOUNTS.items()
    )
    title = ("畅销产品数量阶梯价（演示价格）", "Quantity scales for best sellers (demo prices)")
    return Policy("PP-DEMO-SCALE", 1, *title, "published", since, None, since - timedelta(days=3), rules)


def regional_policies(today: date) -> Iterator[Policy]:
    """For each sales area a better discount on one product line."""
    since = start(month_start(today, -5))
    for area, (zh, en) in AREAS.items():
        rules = tuple(
            Rule(
                "percent_off",
                ladder(TIER_DISCOUNTS[tier] + 6, ORDER_STEPS, STEP_POINTS),
                tier=tier,
                region=area,
                category=REGIONAL_LINES[area],
            )
            for tier in REGIONAL_TIERS
        )
        title = (f"{zh}区域价格政策（演示价格）", f"{en} regional terms (demo prices)")
        yield Policy(
            f"PP-DEMO-{area}",
            1,
            *title,
            "published",
            since,
            None,
            since - timedelta(days=4),
            rules,
            region=area,
        )


def contract_policies(
    devices: Sequence[Device], ranking: Sequence[int], dealers: Sequence[Dealer], today: date, seed: int
) -> Iterator[Policy]:
    """Contract net prices on 20 to 60 products for the largest dealers, one policy for each area that has
    some.
    """
    since = start(month_start(today, -9))
    largest = sorted(dealers, key=lambda dealer: (-dealer.volume, dealer.index))[:CONTRACT_DEALERS]
    for area, (zh, en) in AREAS.items():
        contracts = sorted(
            (dealer for dealer in largest if dealer.area == area), key=lambda dealer: dealer.index
        )
        rules = tuple(rule for dealer in contracts for rule in contract_rules(devices, ranking, dealer, seed))
        if rules:
            title = (f"{zh}合同价（演示价格）", f"{en} contract prices (demo prices)")
            number = f"PP-DEMO-{area}-CONTRACT"
            yield Policy(
                number, 1, *title, "published", since, None, since - timedelta(days=7), rules, region=area
            )


def contract_rules(
    devices: Sequence[Device], ranking: Sequence[int], dealer: Dealer, seed: int
) -> Iterator[Rule]:
    """Net prices of one dealer, in fen, on products among the better selling third."""
    chance = Random(f"{seed}/contract/{dealer.index}")
    pool = list(ranking[: max(CONTRACT_PRODUCTS[1], len(ranking) // 3)])
    for index in sorted(chance.sample(pool, min(len(pool), chance.randint(*CONTRACT_PRODUCTS)))):
        device = devices[index]
        net = fen(device.list_price * (100 - chance.randint(*CONTRACT_DISCOUNT)) / 100)
        breaks: Breaks = (
            ((1, net), (100, fen(net * Decimal("0.98")))) if chance.random() < 0.3 else ((1, net),)
        )
        yield Rule("net", breaks, dealer=dealer.index, sku=device.sku)


def future_policy(today: date) -> Policy:
    """Published, but in force only in three weeks: better prices on dressings for the lowest tier."""
    since = start(today + timedelta(days=21))
    rules = (
        Rule(
            "percent_off", ladder(TIER_DISCOUNTS["C"] + 7, ORDER_STEPS, STEP_POINTS), tier="C", category="M04"
        ),
    )
    title = ("敷料类三级经销商优惠（即将生效，演示价格）", "Dressings for tier three, coming (demo prices)")
    return Policy(
        "PP-DEMO-M04C", 1, *title, "published", since, None, start(today - timedelta(days=2)), rules
    )


def regional_draft(best: Sequence[str], today: date) -> Policy:
    """A draft of the East China manager: an amount off for some best sellers."""
    amounts: Breaks = ((1, Decimal("0.10")), (100, Decimal("0.20")))
    rules = tuple(Rule("amount_off", amounts, tier="A", region="HD", sku=sku) for sku in best[:10])
    title = ("华东重点产品促进方案（草稿，演示价格）", "East China focus products, draft (demo prices)")
    since = start(month_start(today, 1))
    return Policy("PP-DEMO-HD-FOCUS", 1, *title, "draft", since, None, None, rules, region="HD")


def ladder(percent: int, steps: Sequence[int], points: Sequence[int]) -> Breaks:
    """Discounts rising with the quantity."""
    return tuple((step, Decimal(percent + more)) for step, more in zip(steps, points, strict=True))


def fen(value: Decimal) -> Decimal:
    """Two places, half up."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def start(day: date) -> datetime:
    """First moment of a business day."""
    return moment(day, time.min)
