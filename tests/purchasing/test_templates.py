"""Templates: of the dealer, for all its people, and nobody else's."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from portal.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from portal.purchasing import templates
from tests import cast
from tests.purchasing import acts

BUYER, BOSS, RIVAL = cast.huadong.buyer, cast.huadong.boss, cast.yuegang.buyer


def test_a_template_is_shared_and_replaced_as_a_whole(database):
    assert acts.keep(database, BUYER, " 月度 耗材 ", (cast.gloves, 5), (cast.syringe, 20))
    assert not acts.keep(database, BOSS, "月度 耗材", (cast.syringe, 10), (cast.stent, 1))
    found = acts.template(database, BUYER, "月度 耗材")
    assert [(line.sku, line.quantity) for line in found.lines] == [("SYRINGE", 10), ("STENT", 1)]
    assert (found.revision, found.updated_by_label) == (2, BOSS.display_name)


def test_a_rival_neither_sees_nor_removes_it(database):
    acts.keep(database, BUYER, "ours", (cast.gloves, 5))
    acts.keep(database, RIVAL, "ours", (cast.syringe, 10))
    assert acts.act(database, RIVAL, lambda s, a: len(templates.templates(s, actor=a))) == 1
    acts.act(database, RIVAL, lambda s, a: templates.remove_template(s, actor=a, name="ours"))
    with pytest.raises(NotFound):
        acts.act(database, RIVAL, lambda s, a: templates.remove_template(s, actor=a, name="ours"))
    assert acts.template(database, BUYER, "ours").lines


def test_every_line_that_is_wrong_is_named(database):
    with pytest.raises(Invalid) as refusal:
        acts.keep(database, BUYER, "list", ("NOBODY", 1), (cast.gloves, "1.5"), (cast.syringe, 0))
    assert {(fault.pointer, fault.code) for fault in refusal.value.faults} == {
        ("/lines/0/sku", "unknown_sku"),
        ("/lines/1/quantity", "quantity_not_whole"),
        ("/lines/2/quantity", "quantity_not_positive"),
    }
    with pytest.raises(NotFound):
        acts.template(database, BUYER, "list")


@pytest.mark.parametrize("seen", [0, 1])
def test_who_edits_an_older_revision_is_told(database, seen):
    acts.keep(database, BUYER, "list", (cast.gloves, 5))
    acts.keep(database, BOSS, "list", (cast.gloves, 6))
    with pytest.raises(Conflict, match="template_changed"):
        acts.keep(database, BUYER, "list", (cast.gloves, 7), revision=seen)
    assert acts.template(database, BUYER, "list").lines[0].quantity == 6
    acts.keep(database, BUYER, "list", (cast.gloves, 7), revision=2)


@pytest.mark.parametrize("role", ["finance", "service"])
def test_who_may_not_order_keeps_no_template(database, role):
    with pytest.raises(Forbidden):
        acts.keep(database, getattr(cast.huadong, role), "list", (cast.gloves, 5))


def test_a_dealer_has_only_so_many(database, owner, monkeypatch):
    monkeypatch.setattr(templates, "TEMPLATES_MAX", 1)
    acts.keep(database, BUYER, "one", (cast.gloves, 5))
    with pytest.raises(Invalid, match="invalid"):
        acts.keep(database, BUYER, "two", (cast.gloves, 5))
    acts.keep(database, BUYER, "one", (cast.gloves, 6))
    assert owner.execute(text("SELECT count(*) FROM order_template")).scalar() == 1
