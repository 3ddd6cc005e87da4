"""A promotion's terms in plain words, in the visitor's language: on pages and in the API alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext, ngettext

from portal.kernel.formats import money, percent, quantity
from portal.promotions.rules import Kind
from portal.promotions.said import Said
from portal.web import language
from portal.web.presentation import in_language

NAMED_MAX = 3


def terms_in_words(said: Said) -> list[str]:
    """What it gives, then what it asks, a sentence each."""
    return [_gives(said), *_asks(said)]


def goods_in_words(said: Said) -> str:
    """The goods that count; of many the first few by name."""
    if said.goods:
        names = [in_language(one.name_zh, one.name_en) for one in said.goods[:NAMED_MAX]]
        told = listed(names)
        more = len(said.goods) - len(names)
        if not more:
            return told
        return ngettext("%(names)s and %(num)d more", "%(names)s and %(num)d more", more, names=told)
    if said.category_code is not None:
        return in_language(said.category_zh or "", said.category_en or "")
    return gettext("all products")


def listed(names: list[str]) -> str:
    """Names one after another, as the visitor's language separates them."""
    return ("、" if language.current() == "zh" else ", ").join(names)


def _gives(said: Said) -> str:
    goods = goods_in_words(said)
    off = _off(said)
    if said.kind == Kind.GIFT:
        return _gift(said, goods)
    if said.kind == Kind.BUNDLE:
        return gettext("%(off)s off each complete set of %(goods)s.", off=off, goods=goods)
    if said.kind == Kind.ORDER_AMOUNT_OFF:
        return gettext("%(off)s off an order of %(goods)s.", off=off, goods=goods)
    if said.kind == Kind.CUMULATIVE:
        total = money(said.period_amount)
        if said.reward_percent is not None:
            return gettext(
                "%(off)s off the order with which your purchases of %(goods)s reach %(total)s, and off those "
                "after it.",
                off=off,
                goods=goods,
                total=total,
            )
        return gettext(
            "%(off)s off the order with which your purchases of %(goods)s reach %(total)s, once.",
            off=off,
            goods=goods,
            total=total,
        )
    return gettext("%(off)s off each unit of %(goods)s.", off=off, goods=goods)


def _off(said: Said) -> str:
    return money(said.reward_amount) if said.reward_percent is None else percent(said.reward_percent / 100)


def _gift(said: Said, goods: str) -> str:
    gift = in_language(said.gift_zh or "", said.gift_en or "")
    if said.gift_for_each is None:
        return gettext(
            "%(count)s × %(gift)s free with an order of %(goods)s.",
            count=quantity(said.gift_quantity),
            gift=gift,
            goods=goods,
        )
    return gettext(
        "For every %(units)s units of %(goods)s, %(count)s × %(gift)s free.",
        units=quantity(said.gift_for_each),
        goods=goods,
        count=quantity(said.gift_quantity),
        gift=gift,
    )


def _asks(said: Said) -> Iterator[str]:
    if said.min_quantity is not None:
        yield gettext("From %(units)s units of these in one order.", units=quantity(said.min_quantity))
    if said.min_amount is not None:
        yield gettext("From %(amount)s of these in one order.", amount=money(said.min_amount))
    if said.first_order:
        yield gettext("For the first order only.")
    if said.lots:
        lots = listed([one.lot for one in said.lots])
        yield gettext("For units of lot %(lots)s, while they last.", lots=lots)
    if said.per_dealer_cap is not None:
        yield gettext("At most %(amount)s for each dealer.", amount=money(said.per_dealer_cap))
    if said.registration_required:
        yield gettext("Only for dealers that have joined.")
    if not said.combinable:
        yield gettext("Not together with another promotion on the same goods.")


def time_left(said: Said, at: datetime) -> str:
    """How long it still runs, or when it begins."""
    if said.valid_from > at:
        days = (said.valid_from - at).days
        return (
            ngettext("begins in %(num)d day", "begins in %(num)d days", days)
            if days
            else gettext("begins within a day")
        )
    days = (said.valid_to - at).days
    return ngettext("%(num)d day left", "%(num)d days left", days) if days else gettext("ends within a day")
