"""Headquarters names what may be offered instead of a product, in an order."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from portal.catalogue.name_substitutes import add_substitute, name_substitutes, remove_substitute
from portal.kernel.db import transaction
from portal.kernel.errors import Forbidden, Invalid, NotFound
from tests import cast
from tests.races import together


def done(database, verb, *, by=cast.national_manager, **how):
    with transaction(database.session_for(by.actor())) as session:
        return verb(session, actor=by.actor(), **how)


def named(owner, sku="GAUZE") -> list[str]:
    of_one = text(
        "SELECT s.sku FROM product_substitute x JOIN product p ON p.id = x.product_id"
        " JOIN product s ON s.id = x.substitute_id WHERE p.sku = :sku ORDER BY x.rank"
    )
    return list(owner.execute(of_one, {"sku": sku}).scalars())


def audited(owner) -> list[tuple]:
    events = text("SELECT subject, before, after FROM audit_event WHERE action = 'product:substitutes_named'")
    return [
        (row.subject, row.before["substitutes"], row.after["substitutes"]) for row in owner.execute(events)
    ]


def test_the_order_in_which_they_are_named_stays_and_naming_again_takes_the_place(database, owner):
    done(database, name_substitutes, sku="GAUZE", wanted=["last", "GLOVES"], by=cast.order_desk)
    assert named(owner) == ["LAST", "GLOVES"]
    done(database, name_substitutes, sku="GAUZE", wanted=["GLOVES", "STENT", "LAST"])
    assert named(owner) == ["GLOVES", "STENT", "LAST"]
    done(database, name_substitutes, sku="GAUZE", wanted=[])
    assert named(owner) == []
    assert audited(owner) == [
        ("GAUZE", [], ["LAST", "GLOVES"]),
        ("GAUZE", ["LAST", "GLOVES"], ["GLOVES", "STENT", "LAST"]),
        ("GAUZE", ["GLOVES", "STENT", "LAST"], []),
    ]


def test_naming_what_is_named_says_nothing_new(database, owner):
    for _ in range(2):
        done(database, name_substitutes, sku="GAUZE", wanted=["LAST"])
    done(database, remove_substitute, sku="GAUZE", substitute="GLOVES")
    assert len(audited(owner)) == 1


def test_one_more_comes_last_and_one_less_leaves_the_others_in_their_order(database, owner):
    for substitute in ("STENT", "LAST", " gloves "):
        done(database, add_substitute, sku="GAUZE", substitute=substitute)
    done(database, remove_substitute, sku="GAUZE", substitute="LAST")
    assert named(owner) == ["STENT", "GLOVES"]


def test_of_two_who_add_at_once_neither_forgets_the_others(database, owner):
    added = ["GLOVES", "LAST", "STENT", "SYRINGE"]

    def add(place: int) -> None:
        done(database, add_substitute, sku="GAUZE", substitute=added[place])

    assert together(len(added), add) == [None] * len(added)
    assert sorted(named(owner)) == added


@pytest.mark.parametrize("wanted", [["GAUZE"], ["NO-SUCH"], ["LAST", "LAST"]])
def test_what_cannot_be_one_is_refused_and_the_others_stay(database, owner, wanted):
    done(database, name_substitutes, sku="GAUZE", wanted=["STENT"])
    with pytest.raises(Invalid):
        done(database, name_substitutes, sku="GAUZE", wanted=wanted)
    assert named(owner) == ["STENT"]


def test_of_a_product_that_there_is_not_none_are_named(database):
    with pytest.raises(NotFound):
        done(database, name_substitutes, sku="NO-SUCH", wanted=["LAST"])


@pytest.mark.parametrize("person", [cast.huadong.boss, cast.hq_finance, cast.quality])
def test_nobody_else_names_any(database, owner, person):
    with pytest.raises(Forbidden):
        done(database, name_substitutes, sku="GAUZE", wanted=["LAST"], by=person)


def test_the_database_itself_lets_no_dealer_name_any(database, owner):
    insert = text("INSERT INTO product_substitute (product_id, substitute_id, rank) VALUES (306, 307, 1)")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction(database.session_for(cast.huadong.boss.actor())) as session,
    ):
        session.execute(insert)
    assert named(owner) == []
