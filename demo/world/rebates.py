"""Demo rebate programmes: generated, and no one's real terms.

Their thresholds are shares of the dealers: where a tier begins is what so many dealers did not buy within a
period before the demonstration, so that some lie below it and some above, whatever the day is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from demo.world.business_days import MONTHS, month_start
from demo.world.element import Element, World
from portal.rebates.rules import Basis, GrowthBy, Measure, Method, OnTimeMode, PeriodKind, period_of
from portal.rebates.terms import GrowthTerms, OnTimeTerms, Terms, TierTerms

PERCENT, PIECE, GROWTH = "percent", "piece", "growth"
DAYS = {PeriodKind.MONTH: 30, PeriodKind.QUARTER: 91, PeriodKind.HALF: 182}


@dataclass(frozen=True, slots=True)
class Step:
    """A tier. share: of the dealers that buy less than where it begins; of growth, per cent instead.

    rate: per cent, or ¥ a piece.
    """

    share: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebate:
    """A programme whose tiers wait for what the dealers bought.

    pays: whether steps are per cent of money, ¥ a piece, or per cent for growth on an agreed base, which is
    what the median dealer bought. region: the area whose manager wrote it. waits: how many of its last
    periods that are over are not settled; None where none was ever. advance: per cent, paid on the running
    period.
    """

    terms: Terms
    steps: tuple[Step, ...]
    pays: str = PERCENT
    state: str = "published"
    region: str | None = None
    ended_on: date | None = None
    reason: str = ""
    waits: int | None = None
    advance: Decimal | None = None


def build_rebates(world: World) -> tuple[Rebate, ...]:
    """All demo programmes."""
    today = world.today
    best = world.devices[world.ranking[0]].sku
    return (*_running(today, best), *_ended(today), *_to_come(today))


REBATES = Element("rebates", build_rebates)


def _days(kind: PeriodKind, day: date, today: date) -> tuple[date, date]:
    """From the beginning of the period that holds a day to the end of the one that holds today."""
    first = period_of(kind, day, date.min, date.max).first
    return first, period_of(kind, today, date.min, date.max).last


def _since_begin(kind: PeriodKind, today: date) -> tuple[date, date]:
    """From the first day of the past to the end of the period that holds today."""
    return month_start(today, 1 - MONTHS), period_of(kind, today, date.min, date.max).last


def _terms(zh: str, en: str, kind: PeriodKind, days: tuple[date, date]) -> Terms:
    return Terms(
        title_zh=f"{zh}（演示）",
        title_en=f"{en} (demo)",
        valid_from=days[0],
        valid_to=days[1],
        period=kind,
        measure=Measure.INVOICED,
        basis=Basis.AMOUNT,
        method=Method.ALL_UNITS,
        tiers_of=(),
    )


def _steps(*pairs: tuple[str, str]) -> tuple[Step, ...]:
    return tuple(Step(Decimal(share), Decimal(rate)) for share, rate in pairs)


def _running(today: date, best: str) -> Iterator[Rebate]:
    """Quarters, months, a half-year, pieces, and one that tolerates no other."""
    quarters, months = (_since_begin(kind, today) for kind in (PeriodKind.QUARTER, PeriodKind.MONTH))
    halves = _days(PeriodKind.HALF, today, today)
    national = _terms("全国季度采购返利", "Quarterly purchases, nationwide", PeriodKind.QUARTER, quarters)
    yield Rebate(
        terms=replace(national, priority=50, tiers=("S", "A")),
        steps=_steps(("0.40", "1"), ("0.60", "1.5"), ("0.80", "2"), ("0.92", "2.5")),
        waits=0,
        advance=Decimal(50),
    )
    dressings = _terms("敷料类月度超额累进返利", "Dressings by the month", PeriodKind.MONTH, months)
    yield Rebate(
        terms=replace(
            dressings,
            priority=30,
            method=Method.INCREMENTAL,
            category="M",
            tiers=("A", "B"),
            cap=Decimal(3000),
        ),
        steps=_steps(("0.30", "1"), ("0.60", "2"), ("0.85", "3")),
        waits=1,
    )
    growth = _terms("战略经销商半年增长返利", "Growth of the half-year", PeriodKind.HALF, halves)
    yield Rebate(
        terms=replace(growth, priority=40, basis=Basis.AMOUNT_NET, tiers=("S",)),
        steps=_steps(("0", "0.5"), ("10", "1"), ("30", "1.5")),
        pays=GROWTH,
    )
    pieces = _terms("畅销产品季度按件返利", "Best seller, by the piece", PeriodKind.QUARTER, quarters)
    yield Rebate(
        terms=replace(pieces, priority=20, basis=Basis.QUANTITY, skus=(best,), budget=Decimal(20_000)),
        steps=_steps(("0.20", "0.02"), ("0.60", "0.05"), ("0.90", "0.08")),
        pays=PIECE,
        waits=0,
    )
    on_time = OnTimeTerms(OnTimeMode.LATE_EXCLUDED, grace_days=5)
    prompt = _terms(
        "华东注射输液类按期回款返利", "Infusion goods paid on time, East China", PeriodKind.MONTH, months
    )
    yield Rebate(
        terms=replace(
            prompt,
            priority=10,
            valid_from=month_start(today, -1),
            category="A",
            regions=("HD",),
            on_time=on_time,
            combinable=False,
        ),
        steps=_steps(("0", "1.5"), ("0.70", "2.5")),
        region="HD",
    )


def _ended(today: date) -> Iterator[Rebate]:
    """One that came to its end, and one that was withdrawn before."""
    month = _days(PeriodKind.MONTH, month_start(today, -1), month_start(today, -1))
    laboratory = _terms("上月实验检测耗材返利", "Laboratory goods of last month", PeriodKind.MONTH, month)
    yield Rebate(
        terms=replace(laboratory, priority=60, category="W", no_diversion_case=True),
        steps=_steps(("0", "1"), ("0.50", "2")),
    )
    gloves = _terms("华南防护用品返利", "Protective goods, South China", PeriodKind.MONTH, month)
    yield Rebate(
        terms=replace(gloves, priority=70, category="T", regions=("ZN",)),
        steps=_steps(
            ("0", "1"),
        ),
        state="withdrawn",
        region="ZN",
        ended_on=month[0] + timedelta(days=13),
        reason="供应紧张，改为配额供货，返利提前结束",
    )


def _to_come(today: date) -> Iterator[Rebate]:
    """Next month's: one to begin, an approved, a submitted and a draft."""
    day = month_start(today, 1)
    month = _days(PeriodKind.MONTH, day, day)
    for zh, en, category, state, region in (
        ("下月麻醉呼吸类返利", "Respiratory goods of next month", "R", "published", None),
        ("下月泌尿类返利（待发布）", "Urology of next month, to be published", "U", "approved", None),
        ("下月护理用品返利（待审批）", "Care goods of next month, to be approved", "T", "submitted", "HD"),
        ("下月消化类返利（草稿）", "Gastroenterology of next month, draft", "G", "draft", "HD"),
    ):
        terms = _terms(zh, en, PeriodKind.MONTH, month)
        yield Rebate(
            terms=replace(terms, priority=80, category=category, regions=(region,) if region else ()),
            steps=_steps(("0", "1"), ("0.60", "2")),
            state=state,
            region=region,
        )


def with_tiers(rebate: Rebate, starts: tuple[Decimal, ...], base: Decimal | None) -> Terms:
    """The terms with where each tier begins. base: the agreed one, where growth is paid."""
    if rebate.pays == GROWTH:
        tiers = tuple(TierTerms(step.share, step.rate) for step in rebate.steps)
        growth = GrowthTerms(by=GrowthBy.PERCENT, base_at_least=base)
        return replace(rebate.terms, tiers_of=tiers, growth=growth)
    if rebate.pays == PIECE:
        pieces = zip(starts, rebate.steps, strict=True)
        return replace(
            rebate.terms, tiers_of=tuple(TierTerms(at, amount_per_unit=step.rate) for at, step in pieces)
        )
    return replace(
        rebate.terms,
        tiers_of=tuple(TierTerms(at, step.rate) for at, step in zip(starts, rebate.steps, strict=True)),
    )
