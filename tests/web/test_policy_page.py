"""The page of a policy's draft: all rows saved at once, doubtful prices in the publish dialog, states as
they are.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from tests import cast
from tests.builders import amount_off, net, percent_off


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.national_manager)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def rules(owner) -> dict[str, int]:
    """Ids of the cast's draft rules by tier."""
    rows = owner.execute(
        text("SELECT tier, id FROM price_rule WHERE policy_id = :id"), {"id": cast.policy_draft}
    )
    return {row.tier: row.id for row in rows}


def grid(rules: dict[str, int], revision: int = 1, **prices: tuple[str, str]) -> dict[str, object]:
    """The form of all rows: unchanged but for ``S=("percent_off", "25")``."""
    form: dict[str, object] = {"revision": revision, "rule": list(rules.values())}
    for tier, key in rules.items():
        kind, value = prices.get(tier, ("percent_off", f"{cast.PERCENT_OFF[tier] + 1}.00"))
        form |= {f"kind-{key}": kind, f"min_quantity-{key}": ["1", ""], f"value-{key}": [value, ""]}
    return form


def stored(owner) -> dict[str, list[str]]:
    rows = owner.execute(
        text('SELECT tier, kind, "values"::text[] AS prices FROM price_rule WHERE policy_id = :id'),
        {"id": cast.policy_draft},
    )
    return {row.tier: [row.kind, *row.prices] for row in rows}


def save(manager, form):
    return manager.post(f"/hq/policies/{cast.policy_draft}/prices", form)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.get_data(as_text=True))


def test_all_rows_are_saved_at_once_and_only_what_changed_is_written(manager, owner, rules):
    assert save(manager, grid(rules, S=("percent_off", "25"), B=("amount_off", "0.05"))).status_code == 303
    assert stored(owner) == {
        "S": ["percent_off", "25.00"],
        "A": ["percent_off", "16.00"],
        "B": ["amount_off", "0.05"],
        "C": ["percent_off", "6.00"],
    }
    events = owner.execute(
        text("SELECT before, after FROM audit_event WHERE action = 'policy:edited' ORDER BY id")
    ).all()
    assert sorted((event.before["rule"], event.after["values"][0]) for event in events) == sorted(
        [(rules["S"], "25.00"), (rules["B"], "0.05")]
    )
    assert (
        owner.execute(
            text("SELECT revision FROM price_policy WHERE id = :id"), {"id": cast.policy_draft}
        ).scalar()
        == 2
    )


def test_one_wrong_row_saves_none_and_every_row_keeps_what_was_typed(manager, owner, rules):
    before = stored(owner)
    answer = save(manager, grid(rules, S=("percent_off", "25"), A=("percent_off", "100"), B=("net", "x1")))
    page = text_of(answer)
    assert answer.status_code == 422 and stored(owner) == before
    assert 'value="25"' in page and 'value="100"' in page and 'value="x1"' in page
    assert f'href="#rule-{rules["A"]}"' in page and f'href="#rule-{rules["B"]}"' in page
    assert page.count("data-typed") == 3  # S too: it is right and not saved


def test_the_same_form_sent_twice_does_no_harm(manager, owner, rules):
    form = grid(rules, S=("percent_off", "25"))
    assert [save(manager, form).status_code for _ in range(2)] == [303, 303]
    assert (
        owner.execute(text("SELECT count(*) FROM audit_event WHERE action = 'policy:edited'")).scalar() == 1
    )


def test_a_second_tab_overwrites_nothing_and_keeps_what_it_holds(manager, owner, rules):
    save(manager, grid(rules, S=("percent_off", "25")))
    answer = save(manager, grid(rules, A=("percent_off", "17")))
    assert answer.status_code == 409 and 'value="17"' in text_of(answer)
    assert stored(owner)["S"] == ["percent_off", "25.00"] and stored(owner)["A"] == ["percent_off", "16.00"]


@pytest.mark.parametrize("stranger", ["of another policy", "of nobody"])
def test_a_rule_of_another_policy_is_not_changed_by_naming_it(manager, owner, rules, given, stranger):
    other = given.a_policy(percent_off(10), published_at=None)
    key = (
        owner.execute(text("SELECT id FROM price_rule WHERE policy_id = :id"), {"id": other}).scalar()
        if "policy" in stranger
        else 10**12
    )
    form = {
        "revision": 1,
        "rule": [key],
        f"kind-{key}": "percent_off",
        f"min_quantity-{key}": "1",
        f"value-{key}": "20",
    }
    assert save(manager, form).status_code == 404
    assert (
        owner.execute(
            text('SELECT "values"[1] FROM price_rule WHERE policy_id = :id'), {"id": other}
        ).scalar()
        == 10
    )


# Publishing


def test_the_dialog_names_the_risky_prices_and_what_it_confirms_is_published(manager, given, owner):
    draft = given.a_policy(percent_off(50, tier="S", product=cast.gloves), published_at=None, approved=True)
    dialog = text_of(manager.fragment(f"/hq/policies/{draft}/publication"))
    assert (
        "Examination gloves" in dialog and "¥20.00" in dialog and "¥12.50" in dialog and "<html" not in dialog
    )
    seen = re.search(r'name="confirmed_risks" value="([0-9a-f]{64})"', dialog).group(1)
    unseen = manager.post(f"/hq/policies/{draft}/publication", {"revision": 1})
    assert unseen.status_code == 409 and "data-opened" in text_of(unseen) and seen in text_of(unseen)
    assert (
        manager.post(
            f"/hq/policies/{draft}/publication", {"revision": 1, "confirmed_risks": seen}
        ).status_code
        == 303
    )
    assert (
        owner.execute(text("SELECT state FROM price_policy WHERE id = :id"), {"id": draft}).scalar()
        == "published"
    )


def test_the_dialog_offers_no_confirmation_for_a_price_of_nothing(manager, given, owner):
    draft = given.a_policy(
        amount_off("3.20", tier="S", category="A"),
        net("9.00", tier="S", product=cast.gloves),
        published_at=None,
        approved=True,
    )
    dialog = text_of(manager.fragment(f"/hq/policies/{draft}/publication"))
    assert "SYRINGE" in dialog and "GLOVES" in dialog and "confirmed_risks" not in dialog
    refused = manager.post(f"/hq/policies/{draft}/publication", {"revision": 1, "confirmed_risks": "0" * 64})
    assert refused.status_code == 422 and "data-opened" in text_of(refused)
    assert (
        owner.execute(text("SELECT state FROM price_policy WHERE id = :id"), {"id": draft}).scalar()
        == "approved"
    )


def test_a_version_without_doubtful_prices_needs_no_confirmation(manager, given):
    given.is_approved(cast.policy_draft)
    assert "confirmed_risks" not in text_of(manager.fragment(f"/hq/policies/{cast.policy_draft}/publication"))
    assert manager.post(f"/hq/policies/{cast.policy_draft}/publication", {"revision": 1}).status_code == 303


# States


def test_a_version_replaced_by_one_that_was_published_ahead_is_superseded_when_that_begins(
    manager, given, owner
):
    ahead = cast.NOW + timedelta(days=3)
    owner.execute(
        text("UPDATE price_policy SET valid_from = :at WHERE id = :id"),
        {"at": ahead, "id": cast.policy_draft},
    )
    given.is_approved(cast.policy_draft)
    manager.post(f"/hq/policies/{cast.policy_draft}/publication", {"revision": 1})
    assert states(manager) == {cast.policy_in_force: "Published", cast.policy_draft: "Published"}
    begun = cast.NOW - timedelta(days=1)
    owner.execute(text("ALTER TABLE price_policy DISABLE TRIGGER USER"))
    owner.execute(
        text("UPDATE price_policy SET valid_to = :at WHERE id = :id"),
        {"at": begun, "id": cast.policy_in_force},
    )
    assert states(manager) == {cast.policy_in_force: "Superseded", cast.policy_draft: "Published"}
    assert list(states(manager, "?state=superseded")) == [cast.policy_in_force]
    assert cast.policy_in_force not in states(manager, "?state=published")
    assert "Superseded" in text_of(manager.get(f"/hq/policies/{cast.policy_in_force}"))


def test_a_version_that_has_ended_without_a_successor_is_not_superseded(manager, given):
    ended = given.a_policy(percent_off(10), valid_to=cast.NOW - timedelta(days=1))
    assert states(manager)[ended] == "Published"


def states(manager, query: str = "") -> dict[int, str]:
    page = text_of(manager.get(f"/hq/policies{query}"))
    rows = re.findall(r'<th scope="row">\s*<a href="/hq/policies/(\d+)">(.*?)</tr>', page, re.DOTALL)
    return {
        int(key): re.search(r"Draft|Published|Superseded", row.split("cell-corner")[1]).group()
        for key, row in rows
    }


# The terms of a rule that is added


def adds(manager, draft: int, **terms: str):
    form = {"revision": 1, "kind": "net", "sku": "GLOVES", "min_quantity": ["1", "50"], "value": ["20", "18"]}
    return manager.post(f"/hq/policies/{draft}/rules", form | terms)


@pytest.mark.parametrize(
    ("terms", "expected", "said"),
    [
        ({}, ("all_units", None, True), ()),
        ({"breaks_are": "incremental"}, ("incremental", None, True), ("Each band",)),
        ({"max_quantity": "1,200"}, ("all_units", 1200, True), ("At most 1,200",)),
        ({"tax_included": "0"}, ("all_units", None, False), ("Without tax",)),
    ],
)
def test_a_rule_is_added_with_its_terms_and_the_grid_says_them(manager, given, owner, terms, expected, said):
    draft = given.a_policy(percent_off(10, tier="S"), published_at=None)
    assert adds(manager, draft, **terms).status_code == 303
    query = text(
        "SELECT breaks_are, max_quantity, tax_included FROM price_rule"
        " WHERE policy_id = :id AND product_id IS NOT NULL"
    )
    assert tuple(owner.execute(query, {"id": draft}).one()) == expected
    page = text_of(manager.get(f"/hq/policies/{draft}"))
    grid_shown = page[page.index('id="prices"') : page.index('id="add"')]
    assert all(word in grid_shown for word in said)


@pytest.mark.parametrize(
    ("field", "terms"),
    [
        ("max_quantity", {"max_quantity": "0"}),
        ("max_quantity", {"max_quantity": "many"}),
        ("tax_included", {"kind": "percent_off", "tax_included": "0"}),
    ],
)
def test_a_term_that_is_refused_stands_beside_its_field_with_what_was_typed(manager, given, field, terms):
    draft = given.a_policy(percent_off(10, tier="S"), published_at=None)
    answer = adds(manager, draft, breaks_are="incremental", **terms)
    page = text_of(answer)
    assert answer.status_code == 422 and f'href="#field-{field}"' in page
    beside = page[page.index(f'id="field-{field}"') :][:900]
    assert "is-invalid" in page[page.index(f'id="field-{field}"') - 120 :][:130] and "field-error" in beside
    assert '<option value="incremental" selected' in page


def test_whoever_approves_reads_the_whole_heading(manager, sign_in, database, owner):
    said = {"id": cast.policy_draft, "text": "Only for hospitals of the third class."}
    owner.execute(
        text("UPDATE price_policy SET text = :text, title_zh = '冬季价', title_en = 'Winter' WHERE id = :id"),
        said,
    )
    manager.post(f"/hq/policies/{cast.policy_draft}/submission", {"revision": 1})
    approver = sign_in(cast.national_colleague)
    approver.post("/locale/en")
    page = text_of(approver.get(f"/hq/policies/{cast.policy_draft}"))
    head = page.partition('id="head"')[2].partition('id="history"')[0]
    assert "Submitted" in page and "<form" not in head.partition("</dl>")[0]
    assert not [one for one in (said["text"], "冬季价", "Winter") if one not in head], head
    assert "Prices below the floor" in head and "Valid from" in head
