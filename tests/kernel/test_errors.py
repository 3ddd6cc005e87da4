"""A refusal carries its code, its words and every fault, and stays fit for translation."""

from __future__ import annotations

import pytest

from portal.kernel.errors import Conflict, DomainError, Fault, Forbidden, Invalid, NotFound, Unavailable

KINDS = (Invalid, NotFound, Forbidden, Conflict, Unavailable)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_code_and_words_of_its_own(kind):
    error = kind()
    assert isinstance(error, DomainError)
    assert error.code == kind.code != DomainError.code
    assert error.message and error.message != DomainError.message


def test_a_refusal_may_say_more_than_its_kind():
    error = Conflict("stock_short", "Only %(left)s left.", fix="Order less.", left=3)
    assert (error.code, error.fix, error.params) == ("stock_short", "Order less.", {"left": 3})
    assert str(error) == "stock_short: Only 3 left."


def test_the_words_stay_a_template_for_the_translator():
    assert Conflict("stock_short", "Only %(left)s left.", left=3).message == "Only %(left)s left."


def test_a_per_cent_sign_without_parameters_is_just_a_sign():
    assert "100 %" in str(Invalid("too_much", "At most 100 % off."))


def test_all_faults_are_kept_in_order():
    faults = [Fault(f"/lines/{place}", "unknown_sku", "Unknown.") for place in range(3)]
    assert Invalid(faults=iter(faults)).faults == tuple(faults)


def test_two_refusals_share_nothing():
    Invalid("changed")
    assert Invalid().code == "invalid"
