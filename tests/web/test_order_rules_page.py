"""The page on which order rules are decided: what is refused opens its dialog again, as it was typed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast


@pytest.fixture
def quality(sign_in):
    return sign_in(cast.quality)


def dialog_opened(page: str) -> str:
    [opened] = [one for one in page.split("<dialog")[1:] if " data-opened" in one.partition(">")[0]]
    return opened.partition("</dialog>")[0]


def decided(owner) -> int:
    return owner.execute(
        text("SELECT (SELECT count(*) FROM fault_severity) + (SELECT count(*) FROM release_limit)")
    ).scalar_one()


SEVERITY = {"code": "quota", "severity": "warning", "seen": "0", "reason": "季末"}
LIMIT = {"role": "order_desk", "hold": "price", "up_to": "2,500.50", "seen": "0", "reason": "季末"}


@pytest.mark.parametrize(
    ("path", "form", "wrong", "kept"),
    [
        ("severities", SEVERITY | {"reason": " "}, "severity-reason-quota-error", 'value="warning" selected'),
        ("severities", SEVERITY | {"severity": "shrug"}, "severity-of-quota-error", ">季末</textarea>"),
        ("limits", LIMIT | {"reason": ""}, "limit-reason-order_desk-price-error", 'value="2,500.50"'),
        ("limits", LIMIT | {"up_to": "a lot"}, "limit-of-order_desk-price-error", 'value="a lot"'),
    ],
)
def test_what_is_wrong_stands_in_the_dialog_beside_its_field(quality, owner, path, form, wrong, kept):
    answer = quality.post(f"/hq/order-rules/{path}", form)
    assert answer.status_code == 422
    dialog = dialog_opened(answer.text)
    assert f'id="{wrong}"' in dialog and kept in dialog
    assert decided(owner) == 0


@pytest.mark.parametrize("seen", ["7", "99999999999999999999", "-1", ""])
def test_whoever_saw_another_version_keeps_what_was_typed_and_sees_the_one_in_force(quality, owner, seen):
    assert quality.post("/hq/order-rules/severities", SEVERITY).status_code == 303
    answer = quality.post("/hq/order-rules/severities", SEVERITY | {"seen": seen, "reason": "另一人"})
    assert answer.status_code == 409 and ">另一人</textarea>" in dialog_opened(answer.text)
    assert decided(owner) == 1


def test_a_second_tab_is_told_and_may_decide_again(quality, owner):
    assert quality.post("/hq/order-rules/limits", LIMIT).status_code == 303
    answer = quality.post("/hq/order-rules/limits", LIMIT | {"up_to": "9.00"})
    assert answer.status_code == 409
    dialog = dialog_opened(answer.text)
    assert 'value="9.00"' in dialog and 'name="seen" value="1"' in dialog and ">季末</textarea>" in dialog
    assert decided(owner) == 1


def test_decisions_are_told_in_words_not_in_codes(quality):
    quality.post("/hq/order-rules/severities", SEVERITY)
    quality.post("/hq/order-rules/limits", LIMIT)
    page = quality.get("/hq/order-rules").text
    told = page[page.index('id="versions"') :]
    assert "超出配额" in told and "仅提示" in told and "¥2,500.50" in told and "价格" in told
    assert "quota" not in told and "order_desk" not in told and "warning" not in told
