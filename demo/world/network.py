"""The demo channel: 200 dealers in every province, their people, and the staff at headquarters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from demo.world.companies import (
    Licence,
    company_name,
    credit_code,
    filing,
    licence,
    person_name,
    phone_number,
    street_address,
)
from demo.world.regions import City, Province, read_cities, read_provinces, serving_warehouses

DEALERS = 200
FULLY_STAFFED = 8  # the first dealers have an owner, a finance clerk and a service engineer besides the buyer

# Dealers that tests and documents speak of: index → (province, tier). The first two are rivals.
FIXED = {0: ("31", "S"), 1: ("44", "B")}

TIER_SHARES = {"S": 0.05, "A": 0.20, "B": 0.40, "C": 0.35}
CREDIT_LIMITS = {"S": 2_500_000, "A": 800_000, "B": 300_000, "C": 120_000}  # CNY
PAYMENT_TERMS_DAYS = {"S": 60, "A": 45, "B": 30, "C": 15}
# How much a dealer buys compared with one of the lowest tier.
TIER_VOLUMES = {"S": 12.0, "A": 4.0, "B": 1.8, "C": 1.0}
TIER_CHANGED = 0.2
TIER_NAMES = {
    "S": ("战略", "Strategic"),
    "A": ("一级", "Tier one"),
    "B": ("二级", "Tier two"),
    "C": ("三级", "Tier three"),
}

WITHOUT_CLASS_III = 0.15
LIMITED_SCOPE = 0.20
LICENCE_EXPIRED = 0.03
LICENCE_EXPIRING = 0.06
_SCOPES = (("A", "G", "M", "R", "U"), ("W",), ("Z", "Q", "N"), ("L", "K", "H", "V"))

_DEALER_ROLES = (
    ("buyer", "dealer_buyer"),
    ("finance", "dealer_finance"),
    ("owner", "dealer_owner"),
    ("service", "dealer_service"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A user to be.

    Headquarters people have `areas` (codes of sales areas; empty means the whole country).
    """

    email: str
    name: str
    role: str
    areas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a dealer may be delivered to."""

    code: str
    province: str
    city: str
    line: str
    contact: str
    phone: str


@dataclass(frozen=True, slots=True)
class Dealer:
    """A dealer. `volume` weighs its share of orders; `warehouses` are indices in serving order.

    tier: today's. tiers: each with its first day, the first of them from `since`.
    """

    index: int
    code: str
    name_zh: str
    name_en: str
    credit_code: str
    province: str
    area: str
    city: str
    tier: str
    address: str
    contact: str
    phone: str
    credit_limit: Decimal
    payment_terms_days: int
    volume: float
    warehouses: tuple[int, ...]
    licences: tuple[Licence, ...]
    addresses: tuple[Address, ...]
    users: tuple[Person, ...]
    since: date
    tiers: tuple[tuple[date, str], ...]

    def tier_on(self, day: date) -> str:
        """Its tier on a day; before the first, the one that it began with."""
        return next((tier for start, tier in reversed(self.tiers) if start <= day), self.tiers[0][1])

    def may_deal(self, device_class: str, category: str, day: date) -> bool:
        """Whether its papers allow a device on `day`. Class I needs none."""
        return device_class == "I" or any(
            paper.covers(device_class, category, day) for paper in self.licences
        )


HEADQUARTERS = (
    Person("channel@hq.example", "周敏", "channel_manager"),
    Person("channel2@hq.example", "沈悦", "channel_manager"),
    Person("channel.east@hq.example", "陈杰", "channel_manager", ("HD",)),
    Person("channel.south@hq.example", "黄静", "channel_manager", ("ZN",)),
    Person("orders@hq.example", "李娜", "order_desk"),
    Person("warehouse@hq.example", "赵强", "order_desk"),
    Person("finance@hq.example", "王丽", "hq_finance"),
    Person("finance.review@hq.example", "赵敏", "hq_finance"),
    Person("quality@hq.example", "孙明", "quality"),
    Person("admin@hq.example", "吴磊", "administrator"),
    Person("quality2@hq.example", "钱颖", "quality"),
    Person("service@hq.example", "方晴", "service_desk"),
    Person("technician@hq.example", "罗毅", "technician"),
    Person("technician.south@hq.example", "梁栋", "technician", ("ZN",)),
)


def build_dealers(*, today: date, seed: int = 1, count: int = DEALERS) -> tuple[Dealer, ...]:
    """`count` dealers (at least one in each province). The same day and seed give the same dealers."""
    provinces, cities = read_provinces(), read_cities()
    chance = Random(f"{seed}/network")
    places = place_dealers(provinces, chance, count)
    tiers = assign_tiers(chance, count)
    taken: set[str] = set()
    return tuple(
        build_dealer(
            index, provinces[code], choose_city(cities[code], index, chance), tier, taken, today, seed
        )
        for index, (code, tier) in enumerate(zip(places, tiers, strict=True))
    )


def build_dealer(
    index: int, province: Province, city: City, tier: str, taken: set[str], today: date, seed: int
) -> Dealer:
    """One dealer; its name joins the `taken` ones."""
    chance = Random(f"{seed}/dealer/{index}")
    name = company_name(city, chance, taken)
    contact = person_name(chance)
    since = today - timedelta(days=chance.randint(500, 3200))
    return Dealer(
        index=index,
        code=f"D{index + 1:04d}",
        name_zh=name.zh,
        name_en=name.en,
        credit_code=credit_code(city, chance),
        province=province.code,
        area=province.area,
        city=city.name_zh,
        tier=tier,
        address=street_address(chance),
        contact=contact,
        phone=phone_number(index),
        credit_limit=Decimal(CREDIT_LIMITS[tier]) * chance.randint(8, 13) / 10,
        payment_terms_days=PAYMENT_TERMS_DAYS[tier],
        volume=TIER_VOLUMES[tier] * chance.uniform(0.7, 1.4),
        warehouses=serving_warehouses(province.area),
        licences=dealer_licences(index, province, city, since, chance, today),
        addresses=delivery_addresses(index, city, contact, chance),
        users=dealer_users(index, contact, chance),
        since=since,
        tiers=tier_history(index, tier, since, today, seed),
    )


def tier_history(index: int, tier: str, since: date, today: date, seed: int) -> tuple[tuple[date, str], ...]:
    """The tiers of a dealer to this day: a fifth of them rose or fell by one within the last two years."""
    chance = Random(f"{seed}/tier/{index}")
    grades = list(TIER_SHARES)
    neighbours = [grades[at] for at in (grades.index(tier) - 1, grades.index(tier) + 1) if 0 <= at < 4]
    changed_on = max(since + timedelta(days=90), today - timedelta(days=chance.randint(60, 700)))
    if index in FIXED or chance.random() >= TIER_CHANGED:
        return ((since, tier),)
    return ((since, chance.choice(neighbours)), (changed_on, tier))


def place_dealers(provinces: dict[str, Province], chance: Random, count: int) -> list[str]:
    """Province of each dealer: by weight with at least one each, the fixed ones at their positions."""
    total = sum(province.weight for province in provinces.values())
    spare = count - len(provinces)
    exact = {code: province.weight / total * spare for code, province in provinces.items()}
    numbers = {code: 1 + int(share) for code, share in exact.items()}
    by_remainder = sorted(exact, key=lambda code: (-(exact[code] % 1), code))
    for code in by_remainder[: count - sum(numbers.values())]:
        numbers[code] += 1
    for code, _ in FIXED.values():
        numbers[code] -= 1
    others = [code for code, number in numbers.items() for _ in range(number)]
    chance.shuffle(others)
    remaining = iter(others)
    return [FIXED[index][0] if index in FIXED else next(remaining) for index in range(count)]


def assign_tiers(chance: Random, count: int) -> list[str]:
    """Tier of each dealer in the shares of `TIER_SHARES`, the fixed ones at their positions."""
    tiers = [tier for tier, share in TIER_SHARES.items() for _ in range(round(share * count))]
    tiers = (tiers + ["C"] * count)[:count]
    for _, tier in FIXED.values():
        tiers.remove(tier)
    chance.shuffle(tiers)
    remaining = iter(tiers)
    return [FIXED[index][1] if index in FIXED else next(remaining) for index in range(count)]


def choose_city(cities: list[City], index: int, chance: Random) -> City:
    """The capital for fixed dealers and half of the others, any city of the province for the rest."""
    return cities[0] if index in FIXED or chance.random() < 0.5 else chance.choice(cities)


def dealer_licences(
    index: int, province: Province, city: City, since: date, chance: Random, today: date
) -> tuple[Licence, ...]:
    """Class II filing for all; class III licence for most: some limited in scope, some expiring, a few
    expired.
    """
    papers = [filing(province, city, index + 1, since)]
    fixed = index in FIXED
    if not fixed and chance.random() < WITHOUT_CLASS_III:
        return tuple(papers)
    scope = chance.choice(_SCOPES) if not fixed and chance.random() < LIMITED_SCOPE else ()
    draw = 1.0 if fixed else chance.random()
    if draw < LICENCE_EXPIRED:
        last_day = today - timedelta(days=chance.randint(3, 60))
    elif draw < LICENCE_EXPIRED + LICENCE_EXPIRING:
        last_day = today + timedelta(days=chance.randint(5, 85))
    else:
        last_day = today + timedelta(days=chance.randint(120, 1700))
    papers.append(licence(province, city, index + 1, last_day, scope))
    return tuple(papers)


def delivery_addresses(index: int, city: City, contact: str, chance: Random) -> tuple[Address, ...]:
    """One to three places; the first is the default."""
    labels = ("总仓", "二号仓", "医院配送点")[: chance.choice((1, 1, 2, 3))]
    return tuple(
        Address(
            code=f"A{number}",
            province=city.province,
            city=city.name_zh,
            line=f"{street_address(chance)} {label}",
            contact=contact if number == 1 else person_name(chance),
            phone=phone_number(1000 * number + index),
        )
        for number, label in enumerate(labels, start=1)
    )


def dealer_users(index: int, contact: str, chance: Random) -> tuple[Person, ...]:
    """A buyer for every dealer, all four roles for the first ones."""
    roles = _DEALER_ROLES if index < FULLY_STAFFED else _DEALER_ROLES[:1]
    return tuple(
        Person(
            f"{local}@d{index + 1:04d}.example", contact if local == "buyer" else person_name(chance), role
        )
        for local, role in roles
    )
