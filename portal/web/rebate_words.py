"""Rebate programmes in plain words, in the visitor's language: what one counts, pays and asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal

from flask_babel import gettext, ngettext

from portal.kernel import formats
from portal.kernel.formats import money, percent, quantity
from portal.rebates.earned import Earned
from portal.rebates.rules import (
    Basis,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    ZeroBase,
)
from portal.rebates.terms import GrowthTerms, MixTerms, OnTimeTerms, Terms, TierTerms
from portal.rebates.words import BASES, PERIODS
from portal.web import language
from portal.web.presentation import in_language
from portal.web.promotion_words import NAMED_MAX, listed
from portal.web.reference_cache import categories
from portal.web.request import portal


def terms_in_words(terms: Terms) -> list[str]:
    """What it counts and pays, then what it asks for, a sentence each."""
    return [
        *_pays(terms),
        *_growth(terms, terms.growth),
        *_conditions(terms),
        *_limits(terms),
        *amendments_in_words(terms),
    ]


def amendments_in_words(terms: Terms) -> list[str]:
    """The tiers that hold from a later day on, a sentence each."""
    return [
        gettext(
            "From %(day)s: %(rates)s", day=day_in_words(one.start), rates=rates_in_words(terms, one.tiers_of)
        )
        for one in terms.amendments
    ]


def amended_in_words(terms: Terms) -> str:
    """From which day on its latest tiers hold; empty where it was not amended."""
    if not terms.amendments:
        return ""
    return gettext("Amended from %(day)s on.", day=day_in_words(terms.amendments[-1].start))


def pays_in_words(terms: Terms) -> str:
    """What it pays, in one sentence."""
    return rates_in_words(terms, terms.tiers_of)


def counted(terms: Terms, value: Decimal | None) -> str:
    """What counts for the tier, as the programme counts it: ¥ or pieces."""
    if terms.basis is not Basis.QUANTITY or value is None:
        return money(value)
    pieces = int(value)
    return ngettext("%(count)s piece", "%(count)s pieces", pieces, count=quantity(pieces))


def start_in_words(terms: Terms, start: Decimal) -> str:
    """Where a tier begins, as the programme writes it."""
    if terms.growth is None:
        return counted(terms, start)
    return gettext("%(growth)s growth", growth=_growth_from(terms, start))


def _growth_from(terms: Terms, start: Decimal) -> str:
    if terms.growth is not None and terms.growth.by is GrowthBy.PERCENT:
        return percent(start / 100)
    return counted(terms, start)


def tier_pays(tier: TierTerms) -> str:
    """What a tier pays."""
    if tier.percent is not None:
        return percent(tier.percent / 100, places=4)
    if tier.amount_per_unit is not None:
        return gettext("%(amount)s a piece", amount=money(tier.amount_per_unit))
    return gettext("%(amount)s in all", amount=money(tier.fixed))


def next_tier_in_words(earned: Earned) -> str:
    """How much more gives how much; empty at the top, and where it would give nothing."""
    following = earned.next_tier
    return "" if following is None else how_far(earned.terms.basis, following.missing, following.gain)


def how_far(basis: Basis, missing: Decimal, gain: Decimal) -> str:
    """How much more gives how much; empty where it would give nothing.

    What is missing is told to the fen or piece above, so that whoever buys it gets there.
    """
    if gain <= 0:
        return ""
    if basis is Basis.QUANTITY:
        pieces = int(missing.to_integral_value(ROUND_CEILING))
        return ngettext(
            "%(num)d piece more gives %(gain)s.",
            "%(num)d pieces more give %(gain)s.",
            pieces,
            gain=money(gain),
        )
    amount = money(missing.quantize(Decimal("0.01"), ROUND_CEILING))
    return gettext("%(missing)s more gives %(gain)s.", missing=amount, gain=money(gain))


def unmet_in_words(earned: Earned) -> list[tuple[str, str]]:
    """The conditions that do not hold: what is the matter, and what to do about it."""
    return [_UNMET[name](earned) for name in earned.unmet]


def goods_in_words(skus: Sequence[str], category: str) -> str:
    """The goods that are meant; of many the first few."""
    if skus:
        told = listed(list(skus[:NAMED_MAX]))
        more = len(skus) - NAMED_MAX
        if more <= 0:
            return told
        return ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=told)
    return category_name(category) if category else gettext("all products")


def category_name(code: str) -> str:
    """Name of a product line; its code where there is none of that name."""
    found = next((one for one in categories() if one.code == code), None)
    return in_language(found.name_zh, found.name_en) if found else code


def _pays(terms: Terms) -> Iterator[str]:
    goods, basis = goods_in_words(terms.skus, terms.category), gettext(BASES[terms.basis])
    if terms.measure is Measure.SHIPPED:
        yield gettext("Counts what was shipped, %(basis)s: %(goods)s.", basis=basis, goods=goods)
    elif terms.measure is Measure.INVOICED:
        yield gettext("Counts what was invoiced, %(basis)s: %(goods)s.", basis=basis, goods=goods)
    else:
        yield gettext("Counts what was paid for, %(basis)s: %(goods)s.", basis=basis, goods=goods)
    yield rates_in_words(terms, terms.tiers_of)
    if terms.payout is not None:
        named = terms.payout.skus or terms.payout.category
        paid_on = goods_in_words(terms.payout.skus, terms.payout.category) if named else goods
        yield gettext(
            "The money is reckoned on the %(basis)s of %(goods)s.",
            basis=gettext(BASES[terms.payout.basis]),
            goods=paid_on,
        )
    yield gettext("Added up by: %(period)s.", period=gettext(PERIODS[terms.period]))


def rates_in_words(terms: Terms, tiers: Sequence[TierTerms]) -> str:
    """What tiers of a programme pay, in one sentence."""
    told = listed([_pays_from(terms, tier) for tier in tiers])
    if terms.method is Method.INCREMENTAL:
        return gettext("Each tier pays on the part that lies in it: %(tiers)s.", tiers=told)
    return gettext("The tier reached pays on everything: %(tiers)s.", tiers=told)


def _pays_from(terms: Terms, tier: TierTerms) -> str:
    if terms.growth is None:
        start = start_in_words(terms, tier.start)
        return gettext("%(pays)s from %(start)s", pays=tier_pays(tier), start=start)
    growth = _growth_from(terms, tier.start)
    return gettext("%(pays)s from a growth of %(growth)s", pays=tier_pays(tier), growth=growth)


def _growth(terms: Terms, growth: GrowthTerms | None) -> Iterator[str]:
    if growth is None:
        return
    yield gettext("Growth is measured against the same days of last year.")
    if growth.pays is GrowthPays.INCREASE:
        yield gettext("Only what exceeds last year earns.")
    if growth.base_at_least is not None:
        yield gettext("Last year counts as at least %(base)s.", base=counted(terms, growth.base_at_least))
    elif growth.zero_base is ZeroBase.COUNTS:
        yield gettext("Without purchases last year, last year counts as 0.")
    else:
        yield gettext("Without purchases last year nothing is earned.")


def _conditions(terms: Terms) -> Iterator[str]:
    if terms.mix is not None:
        yield _mix(terms.mix)
    if terms.on_time is not None:
        yield _on_time(terms.on_time)
    if terms.returns_at_most is not None:
        yield gettext(
            "Returns are at most %(share)s of what was bought, or nothing is earned.",
            share=percent(terms.returns_at_most / 100),
        )
    if terms.inventory_reports is not None:
        yield ngettext(
            "The stock at each month's end is reported within %(num)d day, or nothing is earned.",
            "The stock at each month's end is reported within %(num)d days, or nothing is earned.",
            terms.inventory_reports,
        )
    if terms.no_diversion_case:
        yield gettext("No diversion case is open in the period, or nothing is earned.")


def _mix(mix: MixTerms) -> str:
    goods, share = goods_in_words(mix.skus, mix.category), percent(mix.at_least / 100)
    if mix.factor:
        return gettext(
            "%(goods)s: at least %(share)s of what counts, or %(part)s of the rebate is left.",
            goods=goods,
            share=share,
            part=percent(mix.factor),
        )
    return gettext(
        "%(goods)s: at least %(share)s of what counts, or nothing is earned.", goods=goods, share=share
    )


def _on_time(on_time: OnTimeTerms) -> str:
    days = on_time.grace_days
    if on_time.mode is OnTimeMode.GRADED:
        parts = [
            gettext("%(pays)s when paid within %(days)s days", pays=percent(one.pays / 100), days=one.days)
            for one in on_time.grades
        ]
        return gettext("An invoice earns of its rate: %(parts)s, later nothing.", parts=listed(parts))
    if on_time.mode is OnTimeMode.LATE_EXCLUDED:
        return ngettext(
            "An invoice paid more than %(num)d day after it is due earns nothing; it counts for the tier.",
            "An invoice paid more than %(num)d days after it is due earns nothing; it counts for the tier.",
            days,
        )
    return ngettext(
        "Every invoice is paid in full at most %(num)d day after it is due, or nothing is earned.",
        "Every invoice is paid in full at most %(num)d days after it is due, or nothing is earned.",
        days,
    )


def _limits(terms: Terms) -> Iterator[str]:
    if terms.multiplier != 1:
        yield gettext("Rates are multiplied by %(factor)s.", factor=f"{terms.multiplier.normalize():f}")
    if terms.cap is not None:
        yield gettext("At most %(amount)s a period.", amount=money(terms.cap))
    if terms.guaranteed is not None:
        yield gettext(
            "At least %(amount)s a period for who bought something.", amount=money(terms.guaranteed)
        )
    if terms.minimum_payout is not None:
        yield gettext("Less than %(amount)s waits for the next period.", amount=money(terms.minimum_payout))
    if terms.usable_share is not None:
        yield gettext(
            "What is settled is kept as a balance: it pays at most %(share)s%% of each later invoice.",
            share=f"{terms.usable_share.normalize():f}",
        )
    if terms.late_returns is LateReturns.ORIGIN_PERIOD:
        yield gettext("Returns count in the period of their invoice.")
    if not terms.combinable:
        yield gettext("Goods on which another programme pays earn nothing here.")


def day_in_words(day: date) -> str:
    """A business day, as the visitor writes it."""
    return formats.date(day, timezone=portal().settings.timezone, locale=language.current())


def day_text(written: str) -> str:
    """A business day that is written as 2026-11-01, as the visitor writes it."""
    return day_in_words(date.fromisoformat(written))


def _mix_unmet(earned: Earned) -> tuple[str, str]:
    mix = earned.terms.mix
    if mix is None:  # never: only a programme with a mix misses one
        return ("", "")
    goods = goods_in_words(mix.skus, mix.category)
    share = percent(earned.mix_percent / 100) if earned.mix_percent is not None else formats.MISSING
    return (
        gettext(
            "%(goods)s: %(share)s of what counts, at least %(least)s is asked for.",
            goods=goods,
            share=share,
            least=percent(mix.at_least / 100),
        ),
        gettext("Buy more of it until %(day)s.", day=day_in_words(earned.last_day)),
    )


def _late(_earned: Earned) -> tuple[str, str]:
    return (
        gettext("Not every invoice of this period is paid on time."),
        gettext("Pay what is open before it is late; your statements show it."),
    )


def _returned(earned: Earned) -> tuple[str, str]:
    most = percent((earned.terms.returns_at_most or Decimal(0)) / 100)
    return (
        gettext("More than %(share)s of what was bought came back.", share=most),
        gettext("Further purchases until %(day)s lower the share.", day=day_in_words(earned.last_day)),
    )


def _unreported(earned: Earned) -> tuple[str, str]:
    days = listed([day_text(one) for one in earned.why.get("inventory_reports", ())])
    return (
        gettext("The stock of %(days)s was not reported in time.", days=days),
        gettext("Report the stock of each month's end in time; ask headquarters if you did."),
    )


def _diverted(earned: Earned) -> tuple[str, str]:
    reasons = listed(list(earned.why.get("no_diversion_case", ())))
    return (
        gettext("A diversion case is open: %(reasons)s.", reasons=reasons.rstrip(".。")),
        gettext("Clear it up with headquarters: until then nothing is earned."),
    )


_UNMET = {
    "mix": _mix_unmet,
    "on_time": _late,
    "returns": _returned,
    "inventory_reports": _unreported,
    "no_diversion_case": _diverted,
}
