"""Booking a payment on the page of its dealer: the form speaks the clerk's language, the books speak one."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from tests import cast

PAGE = "/hq/dealers/huadong"


@pytest.fixture
def clerk(sign_in):
    return sign_in(cast.hq_finance)


def in_language(clerk, locale):
    clerk.post(f"/locale/{locale}")
    return clerk


def choice_on(answer) -> str:
    return re.search(
        r'<select[^>]* name="method".*?</select>', answer.get_data(as_text=True), re.DOTALL
    ).group()


def methods_on(answer) -> dict[str, str]:
    """Words of the offered methods by what the form sends for them."""
    return dict(re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', choice_on(answer)))


def chosen_on(answer) -> str:
    """What a browser sends: the option that is selected, else the first."""
    choice = choice_on(answer)
    return (re.search(r'value="([^"]+)" selected', choice) or re.search(r'value="([^"]+)"', choice)).group(1)


def pay(clerk, **typed):
    usual = {
        "amount": "1.00",
        "received_on": str(cast.TODAY),
        "reference": "R-1",
        "idempotency_key": "one form",
    }
    return clerk.post(f"{PAGE}/payments", usual | typed)


@pytest.mark.parametrize(("locale", "word"), [("zh", "银行转账"), ("en", "Bank transfer")])
def test_the_usual_method_is_shown_in_the_clerks_language_and_booked_in_one(clerk, owner, locale, word):
    form = in_language(clerk, locale).get(PAGE)
    usual = chosen_on(form)
    assert methods_on(form)[usual] == word
    assert pay(clerk, method=usual).status_code == 303
    assert owner.scalars(text("SELECT method FROM payment WHERE reference = 'R-1'")).all() == [
        "bank transfer"
    ]


def test_every_method_has_its_word_in_both_languages(clerk):
    chinese, english = (methods_on(in_language(clerk, locale).get(PAGE)) for locale in ("zh", "en"))
    assert chinese.keys() == english.keys()
    assert all(not word.isascii() for word in chinese.values()) and all(
        word.isascii() for word in english.values()
    )


def test_the_chosen_method_stays_when_something_else_is_refused(clerk):
    other = list(methods_on(clerk.get(PAGE)))[-1]
    answer = pay(clerk, amount="a lot", method=other)
    assert answer.status_code == 422
    assert chosen_on(answer) == other
