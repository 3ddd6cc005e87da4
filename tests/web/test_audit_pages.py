"""The audit at headquarters: found by document, person, dealer and day; told in full; exported."""

from __future__ import annotations

import re

import pytest

from tests import cast
from tests.audit.acts import sealed
from tests.ledger.acts import paid, reversed_
from tests.played import played


@played
def two_payments(_given, database, _owner):
    """Of two dealers, one of them reversed; everything so far is sealed, then a third."""
    reversed_(database, paid(database, "15.00").document_no)
    paid(database, "40.00", dealer=cast.yuegang)
    sealed(database)
    paid(database, "70.00")


@pytest.fixture
def auditor(two_payments, sign_in):
    visitor = sign_in(cast.quality)
    visitor.post("/locale/en")
    return visitor


def page(visitor, path, status=200):
    answer = visitor.get(path)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def numbers_of(shown):
    return re.findall(r"PY\d{4}-[0-9A-Z]{9}", re.sub(r"<a [^>]*>", "", shown))


def test_acts_are_found_by_document_dealer_person_and_kind(auditor):
    everything = page(auditor, "/hq/audit?kind=payment")
    numbers = list(dict.fromkeys(numbers_of(everything)))
    assert len(numbers) == 3
    (of_yuegang,) = set(numbers_of(page(auditor, "/hq/audit?kind=payment&dealer=yuegang")))
    assert of_yuegang in numbers
    shown = page(auditor, f"/hq/audit?subject={of_yuegang}")
    assert set(numbers_of(shown)) == {of_yuegang} and "40.00" in shown
    assert (
        page(auditor, f"/hq/audit?actor=user:{cast.hq_finance.id}&kind=payment").count("Payment posted") == 3
    )
    assert "No act found" in page(auditor, "/hq/audit?actor=nobody")
    assert "No act found" in page(auditor, "/hq/audit?dealer=nobody")
    assert "No act found" in page(auditor, f"/hq/audit?subject={of_yuegang.lower()}")


def test_a_story_has_every_change_and_says_what_is_sealed(auditor):
    listed = page(auditor, "/hq/audit?kind=payment&column=at&column=is_sealed&column=subject")
    latest = numbers_of(listed)[0]
    shown = page(auditor, f"/hq/audit/story?subject={latest}")
    assert "Payment posted" in shown and "payment:posted" in shown and "70.00" in shown and "Not yet" in shown
    first = numbers_of(listed)[-1]
    shown = page(auditor, f"/hq/audit/story?subject={first}")
    assert "payment:posted" in shown and "Not yet" not in shown


def test_days_that_cannot_be_searched_are_told_and_kept(auditor):
    shown = page(auditor, "/hq/audit?from=2020-01-01&to=2026-11-01")
    assert "366 days at most" in shown and 'value="2020-01-01"' in shown
    assert "366 days" not in page(auditor, "/hq/audit?from=2020-01-01&to=2026-11-01&dealer=huadong")
    assert "before the first" in page(auditor, "/hq/audit?from=2026-11-02&to=2026-11-01")
    assert "Enter a valid date" in page(auditor, "/hq/audit?from=soon")


def test_a_list_becomes_a_file_and_the_audit_tells_of_it(auditor):
    answer = auditor.get("/hq/audit?kind=payment&export=csv")
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).count("Payment posted") == 3
    assert "List exported" in page(auditor, "/hq/audit?kind=list")
    coded = auditor.get("/hq/audit?kind=payment&column=action&export=csv").get_data(as_text=True)
    assert coded.count("payment:posted") == 3


def test_the_newest_root_stands_on_the_page(two_payments, database, auditor):
    (head,) = sealed(database)
    assert head.digest() in page(auditor, "/hq/audit")


def test_a_document_without_acts_has_no_story(auditor):
    page(auditor, "/hq/audit/story?subject=SO2601-NOTTHERE1", 404)
    page(auditor, "/hq/audit/story", 404)


@pytest.mark.parametrize("person", [cast.order_desk, cast.hq_finance, cast.east_manager, cast.huadong.buyer])
def test_it_is_for_those_who_supervise(two_payments, sign_in, person):
    visitor = sign_in(person)
    assert visitor.get("/hq/audit").status_code in (403, 404)
    assert visitor.get("/hq/audit/story?subject=x").status_code in (403, 404)
