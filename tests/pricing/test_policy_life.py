"""The life of a policy: written by one, approved by another, published, withdrawn; two people at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as on
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.kernel import proposal_life as life
from portal.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from portal.kernel.proposal_life import LIFE, ProposalAct
from portal.pricing.decide_policy import reject_policy
from portal.pricing.draft_version import draft_version
from portal.pricing.life import PolicyState
from portal.pricing.policies import policy as read_policy
from portal.pricing.submit_policy import recall_policy
from tests import cast
from tests.builders import net, percent_off
from tests.pricing.acts import approve, as_staff, publish, submit, withdraw
from tests.pricing.test_policies import a_quarter_off, shown_to, tier_rule
from tests.races import failures, together

DRAFT = cast.policy_draft


def version(database, policy_id: int = DRAFT):
    return as_staff(
        database,
        cast.national_manager,
        lambda session, actor: read_policy(session, actor=actor, policy_id=policy_id, at=cast.NOW),
    )


def recall(
    database, person=cast.national_manager, *, revision: int, policy: int = DRAFT, reason: str = ""
) -> int:
    about = {"policy_id": policy, "revision": revision, "reason": reason}
    return as_staff(database, person, lambda session, actor: recall_policy(session, actor=actor, **about))


def reject(
    database, person=cast.national_colleague, *, revision: int, policy: int = DRAFT, reason: str = "太低"
) -> int:
    about = {"policy_id": policy, "revision": revision, "reason": reason}
    return as_staff(database, person, lambda session, actor: reject_policy(session, actor=actor, **about))


# The diagram


def test_every_act_of_every_state_is_one_of_the_diagram():
    for state in PolicyState:
        for act in ProposalAct:
            if (state, act) in LIFE:
                assert life.after(state, act) is LIFE[state, act]
                assert act in life.acts(state)
            else:
                with pytest.raises(Conflict):
                    life.after(state, act)


ACTS = {
    ProposalAct.EDIT: lambda database, revision: a_quarter_off(
        database, revision=revision, value=str(revision)
    ),
    ProposalAct.SUBMIT: lambda database, revision: submit(database, revision=revision),
    ProposalAct.RECALL: lambda database, revision: recall(database, revision=revision),
    ProposalAct.APPROVE: lambda database, revision: approve(database, revision=revision),
    ProposalAct.REJECT: lambda database, revision: reject(database, revision=revision),
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@on(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=7))
def test_whatever_is_tried_in_whatever_order_the_state_is_that_of_the_diagram(database, acts):
    before = version(database)
    state = PolicyState(before.state)
    for act in acts:
        expected = LIFE.get((state, act))
        try:
            ACTS[act](database, version(database).revision)
        except Conflict:
            assert expected is None
        else:
            assert expected is not None
            state = expected
        assert version(database).state == state


@pytest.mark.parametrize(
    "change",
    [
        "state = 'approved', approved_by = 'user:1', approved_by_label = 'x', approved_at = now()",
        "state = 'published', published_at = clock_timestamp()",
        "state = 'withdrawn', withdrawn_at = now(), published_at = clock_timestamp()",
    ],
)
def test_the_serving_role_cannot_skip_a_state(database, change):
    with pytest.raises((DBAPIError, DomainError)):
        as_staff(
            database,
            cast.national_manager,
            lambda session, _: session.execute(
                text(f"UPDATE price_policy SET {change} WHERE id = :id"), {"id": DRAFT}
            ),
        )


def test_what_is_submitted_is_frozen_even_to_sql(database, owner):
    submit(database)
    for statement in (
        "UPDATE price_rule SET \"values\" = '{50}' WHERE policy_id = :id",
        "UPDATE price_policy SET title_en = 'x' WHERE id = :id",
        "DELETE FROM price_policy WHERE id = :id",
    ):
        with pytest.raises(DBAPIError), owner.begin_nested():
            owner.execute(text(statement), {"id": DRAFT})
    with pytest.raises(Conflict) as refusal:
        a_quarter_off(database, revision=2)
    assert refusal.value.code == "edited_meanwhile"


# Another person


@pytest.mark.parametrize("act", [approve, reject])
def test_who_wrote_edited_or_submitted_it_does_not_decide(database, act):
    revision = a_quarter_off(database, person=cast.national_colleague)  # edited by the colleague
    revision = submit(database, revision=revision)  # submitted by the manager
    for person in (cast.national_manager, cast.national_colleague):
        with pytest.raises(Forbidden) as refusal:
            act(database, person, revision=revision)
        assert refusal.value.code == "same_person"
    assert version(database).state == "submitted"


def test_taking_it_back_does_not_wash_the_author_off(database):
    revision = submit(database, cast.national_colleague)
    revision = recall(database, cast.national_colleague, revision=revision)
    revision = submit(database, cast.national_manager, revision)
    with pytest.raises(Forbidden):
        approve(database, cast.national_colleague, revision=revision)


def test_a_regional_manager_decides_within_the_own_regions_only(database, given):
    eastern = given.a_policy(percent_off(10, region=cast.shanghai), region=cast.east, published_at=None)
    revision = submit(database, policy=eastern)
    for stranger in (cast.south_manager, cast.order_desk):
        with pytest.raises((NotFound, Forbidden)):
            approve(database, stranger, revision=revision, policy=eastern)
    with pytest.raises(NotFound):
        approve(database, cast.east_manager, revision=submit(database))  # the nation's
    approve(database, cast.east_manager, revision=revision, policy=eastern)
    assert version(database, eastern).state == "approved"


def test_the_author_publishes_what_another_approved_and_so_does_the_approver(database, given):
    publish(database)
    second = given.a_policy(percent_off(12, tier="C"), published_at=None, approved=True)
    publish(database, cast.national_colleague, policy=second)
    assert version(database, second).published_by == cast.national_colleague.display_name


def test_a_rejection_needs_a_reason_and_tells_it(database):
    revision = submit(database)
    with pytest.raises(Invalid) as refusal:
        reject(database, revision=revision, reason="  ")
    assert [fault.pointer for fault in refusal.value.faults] == ["/reason"]
    reject(database, revision=revision, reason="低于底价")
    told = version(database)
    assert (told.state, told.returned_reason, told.submitted_at) == ("draft", "低于底价", None)


# Now or at a minute


def test_published_for_a_minute_it_is_in_force_from_that_minute(database):
    starts = cast.NOW.replace(year=2101, second=0, microsecond=0) - timedelta(days=800)
    publish(database, starts=starts)
    before, after = (
        shown_to(database, cast.huadong.buyer, cast.gloves, at=starts + timedelta(microseconds=one))
        for one in (-1, 0)
    )
    assert (before, after) == (Decimal("20.00"), Decimal("19.75"))
    assert version(database, cast.policy_in_force).valid_to == starts


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=1), timedelta(days=400)])
def test_no_version_starts_in_the_past(database, ago):
    with pytest.raises(Invalid) as refusal:
        publish(database, starts=cast.NOW - ago)
    assert [(fault.pointer, fault.code) for fault in refusal.value.faults] == [("/at", "past")]


def test_no_version_starts_after_its_own_end(database, given):
    end = datetime(2090, 1, 1, tzinfo=cast.NOW.tzinfo)
    policy = given.a_policy(percent_off(12, tier="S"), valid_to=end, published_at=None)
    with pytest.raises(Invalid) as refusal:
        publish(database, policy=policy, starts=end)
    assert [fault.code for fault in refusal.value.faults] == ["ends_before_it_begins"]


# Withdrawal


def in_force(database, owner, number: str = cast.policy_number) -> list[tuple[int, str]]:
    rows = owner.execute(
        text(
            "SELECT version, state FROM price_policy WHERE number = :n AND published_at IS NOT NULL"
            " AND valid_from <= clock_timestamp() AND (valid_to IS NULL OR valid_to > clock_timestamp())"
        ),
        {"n": number},
    )
    return [tuple(row) for row in rows]


def later() -> datetime:
    return datetime.now(tz=cast.NOW.tzinfo) + timedelta(seconds=1)


def test_what_is_withdrawn_gives_way_to_what_was_before_in_the_same_commit(database, owner):
    publish(database, revision=a_quarter_off(database))
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("18.75")
    gone = withdraw(database, policy=DRAFT)
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("20.00")
    assert in_force(database, owner) == [(3, "published")]
    told = version(database, gone.restored)
    assert (told.restores, told.approved_by) == (1, cast.national_colleague.display_name)
    assert version(database).withdrawn_reason == "误发"


def test_the_past_of_a_withdrawn_version_stays(database):
    since = publish(database, revision=a_quarter_off(database))
    gone = withdraw(database, policy=DRAFT)
    between = since + (gone.at - since) / 2
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=between) == Decimal("18.75")
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=gone.at) == Decimal("20.00")


def test_a_restored_version_loses_again_to_whom_it_lost_before(database, given):
    first = given.a_policy(net("15.00", tier="S", product=cast.gloves))
    publish(database, policy=given.a_policy(net("16.00", tier="S", product=cast.gloves), published_at=None))
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("16.00")
    successor = as_staff(database, cast.national_manager, lambda s, a: next_version(s, a, first))
    publish(database, policy=successor)
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("15.00")
    restored = withdraw(database, policy=successor).restored
    assert restored is not None
    ranks = as_staff(
        database,
        cast.national_manager,
        lambda s, _: s.execute(
            text(
                "SELECT n.ranked_at = p.published_at FROM price_policy n, price_policy p"
                " WHERE n.id = :restored AND p.id = :first"
            ),
            {"restored": restored, "first": first},
        ).scalar_one(),
    )
    assert ranks is True


def next_version(session, actor, policy_id: int) -> int:
    return draft_version(session, actor=actor, policy_id=policy_id, at=cast.NOW).id


def test_withdrawing_what_was_restored_goes_one_version_further_back(database, owner):
    publish(database, revision=a_quarter_off(database))  # 2
    third = as_staff(database, cast.national_manager, lambda s, a: next_version(s, a, DRAFT))
    publish(database, policy=third)
    second_again = withdraw(database, policy=third).restored  # 4, as 2 was
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("18.75")
    withdraw(database, policy=second_again)  # 5, as 1 was
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("20.00")
    assert in_force(database, owner) == [(5, "published")]


def test_a_predecessor_whose_own_term_is_over_does_not_come_back(database, given, owner):
    first = given.a_policy(net("15.00", tier="S", product=cast.gloves))
    owner.execute(text("ALTER TABLE price_policy DISABLE TRIGGER USER"))
    owner.execute(
        text("UPDATE price_policy SET valid_to = :end, planned_to = :end WHERE id = :id"),
        {"id": first, "end": datetime.now(tz=cast.NOW.tzinfo) + timedelta(seconds=1)},
    )
    owner.execute(text("ALTER TABLE price_policy ENABLE TRIGGER USER"))
    owner.commit()
    successor = as_staff(database, cast.national_manager, lambda s, a: next_version(s, a, first))
    publish(database, policy=successor)
    owner.execute(text("ALTER TABLE price_policy DISABLE TRIGGER USER"))
    owner.execute(text("UPDATE price_policy SET planned_to = valid_to WHERE id = :id"), {"id": first})
    owner.execute(text("ALTER TABLE price_policy ENABLE TRIGGER USER"))
    owner.commit()
    assert withdraw(database, policy=successor).restored is None
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=later()) == Decimal("20.00")


def test_what_has_not_begun_leaves_no_trace_and_its_predecessor_goes_on(database, owner):
    starts = datetime.now(tz=cast.NOW.tzinfo) + timedelta(days=30)
    publish(database, starts=starts)
    assert withdraw(database, policy=DRAFT).restored == cast.policy_in_force
    told = version(database, cast.policy_in_force)
    assert (told.state, told.valid_to) == ("published", None)
    assert shown_to(database, cast.huadong.buyer, cast.gloves, at=starts + timedelta(days=1)) == Decimal(
        "20.00"
    )


def test_what_is_over_is_not_withdrawn(database):
    publish(database)
    with pytest.raises(Conflict) as refusal:
        withdraw(database, policy=cast.policy_in_force)
    assert refusal.value.code == "not_in_force"


# Two people at once


def test_two_managers_on_one_draft_one_is_told(database):
    people = (cast.national_manager, cast.national_colleague)
    outcomes = together(2, lambda i: a_quarter_off(database, person=people[i], value=str(25 + i)))
    assert [type(failure) for failure in failures(outcomes)] == [Conflict]


def test_an_approval_is_of_what_was_read_or_it_is_none(database):
    revision = submit(database)

    def taken_back_and_edited() -> None:
        a_quarter_off(database, revision=recall(database, revision=revision), value="33")

    def act(i: int):
        return taken_back_and_edited() if i else approve(database, revision=revision)

    outcomes = together(2, act)
    told = version(database)
    kept = as_staff(
        database,
        cast.national_manager,
        lambda s, _: s.execute(
            text('SELECT "values"[1] FROM price_rule WHERE id = :id'), {"id": tier_rule(database, "S")}
        ).scalar_one(),
    )
    if told.state == "approved":
        assert kept == 21 and [type(one) for one in failures(outcomes)] == [Conflict]
    else:
        assert told.state == "draft"


def test_publication_and_withdrawal_at_once_leave_one_version_in_force(database, owner):
    publish(database, revision=a_quarter_off(database))
    third = as_staff(database, cast.national_manager, lambda s, a: next_version(s, a, DRAFT))
    approve(database, revision=submit(database, policy=third), policy=third)
    together(2, lambda i: publish(database, policy=third) if i else withdraw(database, policy=DRAFT))
    assert len(in_force(database, owner)) == 1


def test_two_withdrawals_restore_once(database, owner):
    publish(database)
    outcomes = together(2, lambda _: withdraw(database, policy=DRAFT))
    assert [type(one) for one in failures(outcomes)] == [Conflict]
    assert in_force(database, owner) == [(3, "published")]
