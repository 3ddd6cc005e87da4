"""What PostgreSQL says when its disk is full or broken, or something else has run out: nothing was saved,
it may be later.
"""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tests import cast

ORDER = {
    "purchase_order_no": "PO-1",
    "lines": [{"sku": cast.gloves.sku, "quantity": cast.gloves.pack_multiple}],
}


@pytest.mark.parametrize("state", ["53100", "53000", "53200", "53400", "58030"])
def test_a_write_is_answered_with_503_and_leaves_nothing(api, owner, state: str):
    caller = api(cast.huadong.system)
    owner.execute(
        text(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '{state}'; END $$"
        )
    )
    owner.execute(
        text("CREATE TRIGGER no_room BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION no_room()")
    )
    answer = caller.post("/orders", ORDER, key="full")
    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (
        503,
        "unavailable",
        "5",
    )
    assert owner.execute(text("SELECT count(*) FROM sales_order")).scalar_one() == 0
    owner.execute(text("DROP TRIGGER no_room ON outbox"))
    assert caller.post("/orders", ORDER, key="full").status_code == 201
