"""The state machine: as drawn, as coded, and as an order lives through it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.kernel.errors import Conflict
from portal.orders.lifecycle import (
    INITIAL,
    TRANSITIONS,
    Act,
    Progress,
    Status,
    Step,
    after,
    may_cancel,
    require,
    resting,
    timeline,
)

DIAGRAM = Path(__file__).parents[2] / "docs" / "orders.md"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def drawn() -> set[tuple[str, str, str]]:
    [chart] = re.findall(r"```mermaid\n(.*?)```", DIAGRAM.read_text(encoding="utf-8"), re.DOTALL)
    return {(start, act, end) for start, end, act in re.findall(r"(\S+) --> (\w+): (\w+)", chart)}


def test_the_diagram_shows_exactly_the_transitions_of_the_code():
    coded = {(str(start), str(act), str(end)) for start, act, end in TRANSITIONS}
    assert drawn() == coded | {("[*]", "place", str(status)) for status in INITIAL}


def test_every_state_is_reached_and_only_received_and_cancelled_are_final():
    assert INITIAL | {end for *_, end in TRANSITIONS} == set(Status)
    assert set(Status) - {start for start, *_ in TRANSITIONS} == {Status.RECEIVED, Status.CANCELLED}


@given(st.sampled_from(list(Status)), st.sampled_from(list(Act)))
def test_what_a_state_does_not_allow_is_refused_with_a_reason_and_a_fix(status, act):
    if any((status, act) == (start, known) for start, known, _ in TRANSITIONS):
        require(status, act)
        return
    with pytest.raises(Conflict) as refusal:
        require(status, act)
    assert refusal.value.code and refusal.value.fix


def test_progress_that_contradicts_the_act_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="cancel cannot take an order from confirmed to shipped"):
        after(Status.CONFIRMED, Act.CANCEL, Progress(shipped=1, outstanding=0, in_transit=1))


@pytest.mark.parametrize(
    ("progress", "status"),
    [
        (Progress(0, 5), Status.CONFIRMED),
        (Progress(0, 5, holds=("credit",)), Status.ON_HOLD),
        (Progress(2, 3, 1), Status.PARTIALLY_SHIPPED),
        (Progress(2, 3, 0), Status.PARTIALLY_SHIPPED),
        (Progress(5, 0, 1), Status.SHIPPED),
        (Progress(5, 0, 0), Status.RECEIVED),
        (Progress(0, 0), Status.CANCELLED),
    ],
)
def test_a_state_follows_from_what_is_shipped_outstanding_and_on_its_way(progress, status):
    assert resting(progress) is status


@dataclass(frozen=True)
class ALine:
    shipped: int


@dataclass(frozen=True)
class LinesOfAnOrder:
    status: Status
    lines: tuple[ALine, ...]


@pytest.mark.parametrize(
    ("status", "shipped", "may"),
    [
        (Status.CONFIRMED, 0, True),
        (Status.ON_HOLD, 0, True),
        (Status.ON_HOLD, 1, False),
        (Status.PICKING, 0, False),
        (Status.PARTIALLY_SHIPPED, 1, False),
        (Status.SHIPPED, 1, False),
        (Status.CANCELLED, 0, False),
    ],
)
def test_a_dealer_cancels_only_what_has_not_begun_to_leave(status, shipped, may):
    assert may_cancel(LinesOfAnOrder(status, (ALine(0), ALine(shipped)))) is may


class Life(RuleBasedStateMachine):
    """An order of some units lives at random; its state always tells the truth about it."""

    @initialize(units=st.integers(1, 4), held=st.booleans())
    def place(self, units: int, held: bool) -> None:
        self.open, self.picked, self.shipped, self.transit = units, 0, 0, 0
        self.holds = ("credit",) if held else ()
        self.status = resting(self._progress())

    def _progress(self) -> Progress:
        return Progress(self.shipped, self.open, self.transit, self.holds)

    def _act(self, act: Act) -> None:
        self.status = after(self.status, act, self._progress())

    @precondition(lambda self: self.status in {Status.CONFIRMED, Status.ON_HOLD, Status.PARTIALLY_SHIPPED})
    @rule()
    def hold(self) -> None:
        self.holds = ("stock",)
        self._act(Act.HOLD)

    @precondition(lambda self: self.status is Status.ON_HOLD)
    @rule()
    def release(self) -> None:
        self.holds = ()
        self._act(Act.RELEASE)

    @precondition(lambda self: self.status in {Status.CONFIRMED, Status.PARTIALLY_SHIPPED})
    @rule(data=st.data())
    def pick(self, data) -> None:
        self.picked = data.draw(st.integers(1, self.open))
        self._act(Act.PICK)

    @precondition(lambda self: self.status is Status.PICKING)
    @rule()
    def unpick(self) -> None:
        self.picked = 0
        self._act(Act.UNPICK)

    @precondition(lambda self: self.status is Status.PICKING)
    @rule()
    def ship(self) -> None:
        self.open, self.shipped, self.transit, self.picked = (
            self.open - self.picked,
            self.shipped + self.picked,
            self.transit + 1,
            0,
        )
        self._act(Act.SHIP)

    @precondition(lambda self: self.transit)
    @rule()
    def receive(self) -> None:
        self.transit -= 1
        self._act(Act.RECEIVE)

    @precondition(lambda self: self.status in {Status.CONFIRMED, Status.ON_HOLD, Status.PARTIALLY_SHIPPED})
    @rule()
    def cancel(self) -> None:
        self.open, self.holds = 0, ()
        self._act(Act.CANCEL)

    @precondition(lambda self: self.status in {Status.RECEIVED, Status.CANCELLED})
    @rule(act=st.sampled_from(list(Act)))
    def nothing_more_happens(self, act: Act) -> None:
        with pytest.raises(Conflict):
            after(self.status, act, self._progress())

    @invariant()
    def the_state_tells_the_truth(self) -> None:
        assert self.status is (Status.PICKING if self.picked else resting(self._progress()))


test_an_order_is_always_in_the_state_its_units_say = Life.TestCase


# The timeline


@dataclass(frozen=True)
class AnOrder:
    status: str = "confirmed"
    placed_at: datetime = NOON
    released_at: datetime | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None


@dataclass(frozen=True)
class AParcel:
    number: str = "SH1"
    status: str = "shipped"
    carrier: str = "顺丰"
    tracking_no: str = "SF1"
    picked_at: datetime = NOON + timedelta(hours=1)
    shipped_at: datetime | None = NOON + timedelta(hours=2)
    received_at: datetime | None = None


def told(order: AnOrder, *parcels: AParcel) -> list[tuple[str, str]]:
    return [(event.kind, str(event.step)) for event in timeline(order, parcels)]


def test_a_confirmed_order_waits_to_be_picked():
    assert told(AnOrder()) == [
        ("placed", "done"),
        ("picked", "current"),
        ("shipped", "future"),
        ("received", "future"),
    ]


def test_an_order_on_hold_says_so_before_what_comes_next():
    assert told(AnOrder("on_hold")) == [
        ("placed", "done"),
        ("held", "current"),
        ("picked", "future"),
        ("shipped", "future"),
        ("received", "future"),
    ]


def test_a_release_stays_in_the_story():
    released = AnOrder(released_at=NOON + timedelta(minutes=5))
    assert told(released)[:2] == [("placed", "done"), ("released", "done")]


def test_a_parcel_that_is_being_picked_is_not_told_as_picked():
    picking = AParcel(status="picking", shipped_at=None, carrier="", tracking_no="")
    assert told(AnOrder("picking"), picking) == told(AnOrder("confirmed"))


def test_a_shipped_order_is_on_its_way_with_carrier_and_number():
    events = timeline(AnOrder("shipped"), [AParcel()])
    assert [(event.kind, str(event.step)) for event in events] == [
        ("placed", "done"),
        ("picked", "done"),
        ("shipped", "done"),
        ("received", "current"),
    ]
    assert events[2].text % events[2].params == "Shipped with 顺丰, number SF1"


def test_a_received_order_has_nothing_ahead():
    received = AParcel(status="received", received_at=NOON + timedelta(days=1))
    assert {step for _, step in told(AnOrder("received"), received)} == {"done"}


def test_a_partly_shipped_order_tells_both_what_travels_and_what_waits():
    assert told(AnOrder("partially_shipped"), AParcel())[-4:] == [
        ("received", "current"),
        ("picked", "current"),
        ("shipped", "future"),
        ("received", "future"),
    ]


def test_a_cancelled_order_ends_with_its_reason():
    events = timeline(
        AnOrder("cancelled", cancelled_at=NOON + timedelta(hours=1), cancel_reason="wrong size"), []
    )
    assert (events[-1].kind, events[-1].text, events[-1].params["reason"]) == (
        "cancelled",
        "Order cancelled",
        "wrong size",
    )


def test_cancelling_the_rest_is_told_as_such():
    order = AnOrder("shipped", cancelled_at=NOON + timedelta(hours=3))
    assert [event.text for event in timeline(order, [AParcel()]) if event.kind == "cancelled"] == [
        "The rest was cancelled"
    ]


@given(st.permutations(range(3)))
def test_what_happened_is_told_by_time_whatever_the_order_of_the_parcels(places):
    parcels = [
        replace(
            AParcel(),
            number=f"SH{place}",
            status="received",
            picked_at=NOON + timedelta(hours=place),
            shipped_at=NOON + timedelta(hours=place, minutes=30),
            received_at=NOON + timedelta(hours=9 - place),
        )
        for place in places
    ]
    moments = [event.at for event in timeline(AnOrder("received"), parcels) if event.step is Step.DONE]
    assert moments == sorted(moments)


def in_words(events) -> list[tuple[str, str, datetime | None]]:
    return [(event.text % event.params, str(event.step), event.at) for event in events]


def test_every_event_says_what_and_when():
    received = AParcel(status="received", received_at=NOON + timedelta(days=1))
    order = AnOrder("received", cancelled_at=NOON + timedelta(days=2), cancel_reason="sold out")
    assert in_words(timeline(order, [received])) == [
        ("Order placed", "done", NOON),
        ("Shipment SH1 picked", "done", received.picked_at),
        ("Shipped with 顺丰, number SF1", "done", received.shipped_at),
        ("Shipment SH1 received", "done", received.received_at),
        ("The rest was cancelled", "done", order.cancelled_at),
    ]
    assert timeline(replace(order, cancel_reason=None), [])[-1].params == {"reason": ""}


def test_what_is_going_on_and_what_comes_next_is_in_words():
    assert in_words(timeline(AnOrder("shipped"), [AParcel()]))[-1] == (
        "Shipment SH1 is in transit",
        "current",
        None,
    )
    assert all(event.text and event.at is None for event in timeline(AnOrder("on_hold"), [])[1:])


@pytest.mark.parametrize(
    ("shipped", "outstanding", "in_transit", "holds", "state"),
    [
        (0, 5, 0, (), Status.CONFIRMED),
        (0, 5, 0, ("credit",), Status.ON_HOLD),
        (3, 2, 1, ("stock",), Status.ON_HOLD),
        (3, 2, 1, (), Status.PARTIALLY_SHIPPED),
        (0, 0, 0, (), Status.CANCELLED),
        (5, 0, 1, (), Status.SHIPPED),
        (5, 0, 0, (), Status.RECEIVED),
    ],
)
def test_where_an_order_rests(shipped, outstanding, in_transit, holds, state):
    assert resting(Progress(shipped, outstanding, in_transit, holds)) is state


def test_who_is_picked_stays_so_when_an_earlier_parcel_arrives():
    assert after("picking", Act.RECEIVE, Progress(3, 2)) is Status.PICKING
    assert after("partially_shipped", Act.RECEIVE, Progress(3, 2)) is Status.PARTIALLY_SHIPPED
    assert after("confirmed", Act.PICK, Progress(0, 5)) is Status.PICKING
    assert after("shipped", Act.RECEIVE, Progress(5, 0)) is Status.RECEIVED


def test_what_the_units_contradict_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match=r"^ship cannot take an order from picking to confirmed$"):
        after("picking", Act.SHIP, Progress(0, 5))


@pytest.mark.parametrize(
    ("status", "act", "code", "told"),
    [
        ("confirmed", Act.SHIP, "not_started", "The order waits to be picked. Pick it first."),
        ("on_hold", Act.PICK, "on_hold", "The order is on hold. Release it first."),
        (
            "picking",
            Act.PICK,
            "already_picking",
            "This order is already being picked. Ship it or return its units to stock first.",
        ),
        (
            "partially_shipped",
            Act.SHIP,
            "partially_shipped",
            "Part of the order has been shipped. Pick the rest, or cancel it.",
        ),
        (
            "shipped",
            Act.CANCEL,
            "already_shipped",
            "The order has been shipped. Ask for a return if goods are to come back.",
        ),
        (
            "received",
            Act.CANCEL,
            "already_received",
            "The order has been received. Ask for a return if goods are to come back.",
        ),
        ("cancelled", Act.PICK, "already_cancelled", "The order has been cancelled. Place a new order."),
    ],
)
def test_an_act_that_comes_too_early_or_too_late_is_told_why(status, act, code, told):
    with pytest.raises(Conflict) as refusal:
        require(status, act)
    assert refusal.value.code == code
    assert f"{refusal.value.message} {refusal.value.fix}" == told
