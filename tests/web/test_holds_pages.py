"""The queue of held orders and the dialog that holds one: what is refused comes back as it was typed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast
from tests.credit.acts import stopped

REASON = "客户已补交合同"


@pytest.fixture
def desk(sign_in):
    return sign_in(cast.order_desk)


@pytest.fixture
def held(given):
    """``held()``: the number of an order above its dealer's credit."""
    given.credit_limit_of(cast.huadong, "0.00")
    return lambda: given.an_order({cast.gloves: 1}).number


def status(owner, number: str) -> str:
    return owner.execute(text("SELECT status FROM sales_order WHERE number = :n"), {"n": number}).scalar_one()


def is_chosen(page: str, number: str) -> bool:
    box = page[page.index(f'id="release-{number}"') :]
    return " checked" in box[: box.index(">")]


def test_a_release_without_a_reason_comes_back_with_what_was_chosen(desk, held, owner):
    first, second = held(), held()
    answer = desk.post("/hq/holds?kind=credit", {"number": [first], "reason": " "})
    assert answer.status_code == 422
    assert 'id="field-reason-error"' in answer.text and 'aria-invalid="true"' in answer.text
    assert is_chosen(answer.text, first) and not is_chosen(answer.text, second)
    assert "/hq/holds?kind=credit" in answer.text
    assert status(owner, first) == "on_hold"


def test_whoever_opens_an_order_reads_the_word_that_waits_for_a_second(desk, held, sign_in, database):
    number = held()
    stopped(database)
    desk.post(f"/hq/orders/{number}/release", {"reason": REASON})
    for one, may in ((desk, False), (sign_in(cast.finance_colleague), True)):
        page = one.get(f"/hq/orders/{number}").text
        assert REASON in page and ('data-dialog="release"' in page) is may


def test_a_release_of_nothing_keeps_the_reason(desk, held):
    held()
    answer = desk.post("/hq/holds", {"reason": REASON})
    assert answer.status_code == 422 and f">{REASON}</textarea>" in answer.text


def test_what_is_left_out_stays_chosen_with_its_reason_beside_it(desk, held, given, owner):
    whole, short = held(), held()
    owner.execute(
        text("UPDATE sales_order SET placed_by = :who WHERE number = :n"),
        {
            "who": f"user:{cast.order_desk.id}",
            "n": short,
        },
    )
    answer = desk.post("/hq/holds", {"number": [whole, short], "reason": REASON})
    assert answer.status_code == 409
    assert status(owner, whole) == "confirmed" and status(owner, short) == "on_hold"
    assert f">{REASON}</textarea>" in answer.text and whole in answer.text
    assert f'href="#release-{short}"' in answer.text


def test_everything_released_leads_back_to_the_list_one_came_from(desk, held, owner):
    number = held()
    answer = desk.post("/hq/holds?kind=credit&_scheme=x", {"number": [number], "reason": REASON})
    assert (answer.status_code, answer.location) == (303, "/hq/holds?kind=credit")
    assert status(owner, number) == "confirmed"


@pytest.mark.parametrize(
    ("form", "wrong", "kept"),
    [
        ({"kind": "price", "reason": " "}, "hold-reason-error", 'value="price" selected'),
        ({"kind": "nonsense", "reason": REASON}, "hold-kind-error", f">{REASON}</textarea>"),
    ],
)
def test_a_refused_hold_opens_its_dialog_again(desk, given, owner, form, wrong, kept):
    number = given.an_order({cast.gloves: 1}).number
    answer = desk.post(f"/hq/holds/{number}", form)
    assert answer.status_code == 422
    dialog = answer.text[answer.text.index('id="hold"') :]
    dialog = dialog[: dialog.index("</dialog>")]
    assert "data-opened" in dialog and f'id="{wrong}"' in dialog and kept in dialog
    assert answer.text.count(" data-opened") == 1 and answer.text.count(REASON) <= 1
    assert status(owner, number) == "confirmed"


def test_an_order_that_cannot_be_held_is_told_on_its_page(desk, given, owner):
    number = given.an_order({cast.gloves: 1}).number
    given.a_parcel_of(number)
    answer = desk.post(f"/hq/holds/{number}", {"kind": "manual", "reason": REASON})
    assert answer.status_code == 409 and 'role="alert"' in answer.text
    assert status(owner, number) == "picking"


@pytest.mark.parametrize("act", ["cancellation", "release"])
def test_a_dialog_without_its_reason_opens_again(desk, held, act):
    answer = desk.post(f"/hq/orders/{held()}/{act}", {"reason": ""})
    assert answer.status_code == 422 and answer.text.count(" data-opened") == 1
    assert answer.text.count('aria-invalid="true"') == 1
