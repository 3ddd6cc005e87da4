"""The pages of a delivery: at the door by a link, the dealer's receipt, and the cases on both sides."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import text

from portal.kernel.db import Database
from tests import cast
from tests.builders import a_lot
from tests.catalogue.acts import put_package
from tests.deliveries.acts import STROKES, VALID, linked, revoked, signed
from tests.files.acts import a_picture, sample
from tests.played import played
from tests.shipping.acts import picked, received, shipped, status

FIELDS = {"signed_by": "王收货", "signature": STROKES, "note": "", "form_key": "key-1"}


@pytest.fixture
def database(app) -> Database:
    """The application's: tokens of links are sealed under its secret."""
    return app.database


@played
def under_way(given, database, owner):
    """The order and the number of a shipment of gauze, 10 units of a lot and 5 of another."""
    soon = [cast.TODAY + timedelta(days=days) for days in (5, 6)]
    lots = a_lot("L1", 10, expires_on=soon[0]), a_lot("L2", 50, expires_on=soon[1])
    given.stock_of(cast.gauze, cast.shanghai_warehouse, *lots)
    order = given.an_order({cast.gauze: 15})
    number = picked(database, order.number).shipment_number
    shipped(database, number)
    return order.number, number


def counted(*rows: tuple[str, str, str]) -> dict[str, list[str]]:
    """The columns of the form: lot, received, damaged."""
    lots, received, damaged = map(list, zip(*rows, strict=True))
    return {"sku": ["GAUZE"] * len(rows), "lot": lots, "received": received, "damaged": damaged}


AS_SHIPPED = counted(("L1", "10", "0"), ("L2", "5", "0"), ("", "", ""), ("", "", ""))
L1_SHORT = counted(("L1", "8", "1"), ("L2", "5", "0"), ("X9", "2", "0"), ("", "", ""))


def shown(answer, code: int = 200) -> str:
    assert answer.status_code == code, answer.get_data(as_text=True)
    return unescape(answer.get_data(as_text=True))


def kinds(owner) -> list[str]:
    return list(owner.execute(text("SELECT kind FROM delivery_case ORDER BY kind")).scalars())


# At the door


def test_the_page_at_the_door_shows_what_comes_and_no_more(under_way, database, visitor):
    link = linked(database, under_way[1])
    answer = visitor.get(f"/d/{link.token}")
    page = shown(answer)
    for said in (under_way[1], "L1", "L2", cast.huadong.name_zh, "脱脂纱布块"):
        assert said in page
    for hidden in ("¥", "12.50", cast.huadong.buyer.email, "sales_order", "SO26", 'href="/orders'):
        assert hidden not in page.partition("<main")[2], hidden
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_somebody_without_an_account_signs(under_way, database, visitor, owner):
    order, number = under_way
    link = linked(database, number)
    visitor.get(f"/d/{link.token}")
    answer = visitor.post(f"/d/{link.token}", FIELDS | L1_SHORT)
    assert (answer.status_code, answer.location) == (303, f"/d/{link.token}")
    page = shown(visitor.get(f"/d/{link.token}"))
    assert "王收货" in page and "M10 20 L60 80 L120 30" in page and "X9" in page
    assert kinds(owner) == ["damaged", "wrong_lot"]
    assert status(owner, order) == "received"


def test_a_second_tap_is_one_receipt_and_another_form_is_told_so(under_way, database, visitor, owner):
    link = linked(database, under_way[1])
    for _ in range(2):
        assert visitor.post(f"/d/{link.token}", FIELDS | L1_SHORT).status_code == 303
    late = visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED | {"form_key": "key-2", "signed_by": "李"})
    assert "本发货单已确认收货" in shown(late, 409)
    assert owner.execute(text("SELECT signed_name FROM delivery_proof")).scalar_one() == "王收货"
    assert len(kinds(owner)) == 2


def test_what_is_wrong_comes_back_beside_its_field_with_all_that_was_typed(
    under_way, database, visitor, owner
):
    link = linked(database, under_way[1])
    wrong = counted(("L1", "1.5", "0"), ("L2", "2", "3"), ("", "4", ""), ("", "", ""))
    page = shown(visitor.post(f"/d/{link.token}", FIELDS | wrong | {"note": "外箱破损"}), 422)
    assert "1.5" in page and "外箱破损" in page and STROKES in page
    assert page.count("line-errors") == 1, "what cannot be read is told first"
    wrong = counted(("L1", "10", "0"), ("L2", "2", "3"), ("", "4", ""), ("", "", ""))
    page = shown(visitor.post(f"/d/{link.token}", FIELDS | wrong | {"signed_by": " "}), 422)
    assert page.count("line-errors") == 2 and 'aria-invalid="true"' in page
    assert not owner.execute(text("SELECT count(*) FROM delivery_proof")).scalar_one()


@pytest.mark.only_asks
@pytest.mark.parametrize(
    "token", ["x", "AAAA" * 12, "a" * 3000, "..%2Fhq", "é", "%00", "A" * 86], ids=lambda one: one[:12]
)
def test_a_guessed_token_is_nowhere(visitor, token):
    for answer in (visitor.get(f"/d/{token}"), visitor.post(f"/d/{token}", FIELDS | AS_SHIPPED)):
        assert answer.status_code == 404


def test_a_token_with_any_character_changed_is_nowhere(under_way, database, visitor):
    token = linked(database, under_way[1]).token
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        assert visitor.get(f"/d/{token[:place]}{other}{token[place + 1 :]}").status_code == 404


def test_a_link_that_was_withdrawn_or_has_expired_says_so(under_way, given, database, visitor, owner):
    link = linked(database, under_way[1])
    revoked(database, under_way[1])
    for answer in (visitor.get(f"/d/{link.token}"), visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED)):
        assert "作废" in shown(answer, 410)
    later = linked(database, under_way[1], at=cast.NOW - 2 * VALID)
    for answer in (visitor.get(f"/d/{later.token}"), visitor.post(f"/d/{later.token}", FIELDS | AS_SHIPPED)):
        page = shown(answer, 410)
        assert "过期" in page and "L1" not in re.sub(r"<[^>]+>", "", page)  # a token may hold any letters
    assert not owner.execute(text("SELECT count(*) FROM delivery_proof")).scalar_one()


def test_a_link_whose_shipment_the_dealer_confirmed_says_so(under_way, database, visitor):
    link = linked(database, under_way[1])
    received(database, under_way[1])
    assert "已确认收货" in shown(visitor.get(f"/d/{link.token}"))
    assert visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED).status_code == 409


def test_what_the_dealer_signed_in_the_portal_is_not_shown_at_the_door(under_way, database, visitor):
    link = linked(database, under_way[1])
    signed(database, under_way[1], (cast.gauze, "L1", 7, 2), signature=STROKES, note="外箱破损")
    for page in (
        shown(visitor.get(f"/d/{link.token}")),
        shown(visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED), 409),
    ):
        for hidden in (cast.huadong.buyer.display_name, "M10 20", "L1", "外箱破损"):
            assert hidden not in page, hidden


def test_a_used_link_shows_what_was_signed_until_it_expires_or_is_withdrawn(
    under_way, database, visitor, sign_in, owner
):
    number = under_way[1]
    link = linked(database, number)
    visitor.post(f"/d/{link.token}", FIELDS | L1_SHORT)
    assert "王收货" in shown(visitor.get(f"/d/{link.token}"))
    buyer = sign_in(cast.huadong.buyer)
    assert "delivery-link/revocation" in shown(buyer.get(f"/shipments/{number}/proof"))
    buyer.post(f"/shipments/{number}/delivery-link/revocation")
    page = shown(visitor.get(f"/d/{link.token}"), 410)
    assert "作废" in page and "王收货" not in page
    assert "delivery-link/revocation" not in shown(buyer.get(f"/shipments/{number}/proof"))
    owner.execute(text("UPDATE delivery_link SET revoked_at = NULL, expires_at = :at"), {"at": cast.NOW})
    page = shown(visitor.get(f"/d/{link.token}"), 410)
    assert "过期" in page and "王收货" not in page


def test_a_used_link_takes_no_other_count_under_the_key_of_its_form(under_way, database, visitor, owner):
    link = linked(database, under_way[1])
    visitor.post(f"/d/{link.token}", FIELDS | L1_SHORT)
    assert "其他数量" in shown(visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED), 409)
    assert kinds(owner) == ["damaged", "wrong_lot"]


@pytest.mark.parametrize("who", [cast.yuegang.buyer, cast.huadong.finance, cast.order_desk])
def test_who_is_signed_in_on_the_phone_does_not_matter(under_way, database, sign_in, owner, who):
    link = linked(database, under_way[1])
    there = sign_in(who)
    assert under_way[1] in shown(there.get(f"/d/{link.token}"))
    assert there.post(f"/d/{link.token}", FIELDS | AS_SHIPPED).status_code == 303
    kept = owner.execute(text("SELECT dealer_id, signed_by FROM delivery_proof")).one()
    assert tuple(kept) == (cast.huadong.id, f"link:{under_way[1]}")
    assert there.get("/account").status_code == 200


def test_a_link_opens_nothing_else(under_way, database, visitor):
    link = linked(database, under_way[1])
    visitor.get(f"/d/{link.token}")
    for path in ("/orders", f"/shipments/{under_way[1]}/proof", "/deliveries/cases", "/hq/delivery-cases"):
        assert visitor.get(path).status_code in (302, 404), path


def test_the_log_never_holds_the_token(under_way, database, visitor, capfd):
    token = linked(database, under_way[1]).token
    visitor.get(f"/d/{token}")
    visitor.get(f"/d/{token[:-2]}AA")
    said = capfd.readouterr().err
    assert "/d/<token>" in said and token[:20] not in said


def test_a_huge_or_torn_form_is_refused_plainly(under_way, database, visitor, owner):
    link = linked(database, under_way[1])
    torn = AS_SHIPPED | {"damaged": ["0"]}
    assert visitor.post(f"/d/{link.token}", FIELDS | torn).status_code == 400
    scribble = "[[" + ",".join(["1,2"] * 20_000) + "]]"
    assert visitor.post(f"/d/{link.token}", FIELDS | AS_SHIPPED | {"signature": scribble}).status_code == 422
    huge = FIELDS | AS_SHIPPED | {"note": "x" * 1_100_000}
    assert visitor.post(f"/d/{link.token}", huge).status_code == 413
    many = counted(*[("L1", "1", "0")] * 6_000)
    assert visitor.post(f"/d/{link.token}", FIELDS | many).status_code in (400, 413)
    assert not owner.execute(text("SELECT count(*) FROM delivery_proof")).scalar_one()


def test_whoever_tries_too_many_links_waits(under_way, database, app, visitor):
    link = linked(database, under_way[1])
    app.settings = app.settings.model_copy(update={"delivery_link_rate": "5 per minute"})
    answers = [visitor.get("/d/guess").status_code for _ in range(8)]
    assert answers[0] == 404 and answers[-1] == 429
    assert visitor.get(f"/d/{link.token}").status_code == 429


# The dealer


def test_the_dealer_counts_and_signs(under_way, sign_in, owner):
    order, number = under_way
    buyer = sign_in(cast.huadong.buyer)
    page = shown(buyer.get(f"/shipments/{number}/receipt"))
    assert 'value="10"' in page and cast.huadong.buyer.display_name in page
    answer = buyer.post(f"/shipments/{number}/receipt", FIELDS | L1_SHORT)
    assert (answer.status_code, answer.location) == (303, f"/orders/{order}")
    assert kinds(owner) == ["damaged", "wrong_lot"]
    page = shown(buyer.get(f"/shipments/{number}/proof"))
    assert "批号不符" in page and "M10 20" in page
    listed = shown(buyer.get("/deliveries/cases?kind=damaged"))
    (case,) = set(re.findall(r"/deliveries/cases/(DC[\w-]+)", listed))
    assert "货物破损" in shown(buyer.get(f"/deliveries/cases/{case}"))


def test_one_click_on_the_order_confirms_everything(under_way, sign_in, owner):
    order, number = under_way
    buyer = sign_in(cast.huadong.buyer)
    assert f"/shipments/{number}/receipt" in shown(buyer.get(f"/orders/{order}"))
    assert buyer.post(f"/shipments/{number}/receipt").status_code == 303
    assert kinds(owner) == [] and status(owner, order) == "received"


def test_other_quantities_afterwards_are_a_conflict(under_way, sign_in, database):
    signed(database, under_way[1])
    answer = sign_in(cast.huadong.buyer).post(f"/shipments/{under_way[1]}/receipt", FIELDS | L1_SHORT)
    assert "其他数量" in shown(answer, 409)


def scanned(lot: str | None, gtin: str = cast.gauze.udi_di) -> str:
    return f"(01){gtin}" + (f"(10){lot}" if lot else "")


@pytest.mark.parametrize(
    ("code", "times", "received"),
    [
        (scanned("L1"), "", ("1", "0")),
        (scanned("L2"), "", ("0", "1")),
        (scanned("L2"), "4", ("0", "4")),
    ],
)
def test_a_scanned_package_counts_its_lot_up(under_way, sign_in, code, times, received):
    zero = counted(("L1", "0", "0"), ("L2", "0", "0"), ("", "", ""), ("", "", ""))
    answer = sign_in(cast.huadong.buyer).post(
        f"/shipments/{under_way[1]}/receipt/scan", FIELDS | zero | {"code": code, "times": times}
    )
    values = re.findall(r'name="received" value="(\d+)"', shown(answer))
    assert tuple(values) == received


@pytest.mark.parametrize(("times", "received"), [("", "6"), ("4", "4")])
def test_a_scanned_case_counts_what_is_in_it(under_way, sign_in, owner, times, received):
    put_package(owner, cast.gauze, "case", "16901234510062", 6)
    zero = counted(("L1", "0", "0"), ("L2", "0", "0"), ("", "", ""), ("", "", ""))
    said = FIELDS | zero | {"code": scanned("L1", "16901234510062"), "times": times}
    answer = sign_in(cast.huadong.buyer).post(f"/shipments/{under_way[1]}/receipt/scan", said)
    assert re.findall(r'name="received" value="(\d+)"', shown(answer)) == [received, "0"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (scanned("X9"), "批号不符"),
        (scanned(None), "不含批号"),
        (scanned("L1", cast.gloves.udi_di), "没有这种产品"),
        ("nonsense", "条码"),
        ("", ""),
    ],
)
def test_a_package_of_something_else_is_told_at_once_and_counts_nothing(
    under_way, sign_in, owner, code, said
):
    some = counted(("L1", "3", "1"), ("L2", "0", "0"), ("Y7", "2", "0"), ("", "", ""))
    answer = sign_in(cast.huadong.buyer).post(
        f"/shipments/{under_way[1]}/receipt/scan", FIELDS | some | {"code": code}
    )
    page = shown(answer, 422)
    assert said in page and 'aria-invalid="true"' in page
    assert re.findall(r'name="received" value="(\d+)"', page) == ["3", "0", "2"]
    assert not owner.execute(text("SELECT count(*) FROM delivery_proof")).scalar_one()


@pytest.mark.parametrize("times", ["abc", "1.5", "0", "-2", "9" * 41])
def test_a_number_of_packages_that_is_none_is_told_beside_its_field(under_way, sign_in, times):
    some = counted(("L1", "3", "1"), ("L2", "0", "0"), ("", "", ""), ("", "", ""))
    code = scanned("L1")
    answer = sign_in(cast.huadong.buyer).post(
        f"/shipments/{under_way[1]}/receipt/scan", FIELDS | some | {"code": code, "times": times}
    )
    page = shown(answer, 422)
    [entered] = re.findall(r'<input[^>]*name="times"[^>]*>', page)
    assert 'aria-invalid="true"' in entered and f'value="{times}"' in entered
    [entered] = re.findall(r'<input[^>]*name="code"[^>]*>', page)
    assert "aria-invalid" not in entered and f'value="{code}"' in entered
    assert re.findall(r'name="received" value="(\d+)"', page) == ["3", "0"]


def test_a_link_is_made_shown_and_withdrawn_by_either_side(under_way, sign_in, visitor):
    number = under_way[1]
    pages = {f"/shipments/{number}": cast.huadong.buyer, f"/hq/shipments/{number}": cast.order_desk}
    addresses = set()
    for base, who in pages.items():
        there = sign_in(who)
        assert there.post(f"{base}/delivery-link").status_code == 303
        addresses.add(
            *re.findall(r"value=\"https?://[^\s\"<]+(/d/[\w-]+)", shown(there.get(f"{base}/proof")))[:1]
        )
    (address,) = addresses
    assert visitor.get(address).status_code == 200
    assert there.post(f"{base}/delivery-link/revocation").status_code == 303
    assert visitor.get(address).status_code == 410
    assert "作废" in shown(there.get(f"{base}/proof"))


def test_who_only_reads_sees_no_link(under_way, sign_in, database):
    token = linked(database, under_way[1]).token
    for who, path in (
        (cast.huadong.finance, f"/shipments/{under_way[1]}/proof"),
        (cast.huadong.finance, f"/shipments/{under_way[1]}/receipt"),
    ):
        page = sign_in(who).get(path).get_data(as_text=True)
        assert token not in page


# Headquarters


@pytest.fixture
def case(under_way, database) -> str:
    return signed(database, under_way[1], (cast.gauze, "L1", 8, 0), signature=STROKES).cases[0]


def test_headquarters_takes_a_case_up_and_settles_it(case, sign_in, owner):
    desk = sign_in(cast.order_desk)
    assert case in shown(desk.get("/hq/delivery-cases?status=open"))
    assert desk.post(f"/hq/delivery-cases/{case}/review").status_code == 303
    assert "补发" in shown(desk.get(f"/hq/delivery-cases/{case}"))
    form = {"outcome": "resend", "reason": "少发 2 件"}
    assert desk.post(f"/hq/delivery-cases/{case}/decision", form).status_code == 303
    told = shown(sign_in(cast.huadong.buyer).get(f"/deliveries/cases/{case}"))
    assert "补发" in told and "少发 2 件" in told
    late = shown(desk.post(f"/hq/delivery-cases/{case}/rejection", form), 409)
    assert "已有人处理过" in late


@pytest.mark.parametrize(
    "form",
    [
        {"outcome": "", "reason": "x"},
        {"outcome": "gift", "reason": "x"},
        {"outcome": "credit", "reason": " "},
        {"outcome": "credit", "reason": "x" * 501},
    ],
)
def test_a_decision_without_outcome_or_reason_is_none(case, sign_in, owner, form):
    page = shown(sign_in(cast.order_desk).post(f"/hq/delivery-cases/{case}/decision", form), 422)
    assert 'aria-invalid="true"' in page
    assert owner.execute(text("SELECT state FROM delivery_case")).scalar_one() == "open"


def test_a_rejected_case_says_why(case, sign_in):
    desk = sign_in(cast.order_desk)
    answer = desk.post(f"/hq/delivery-cases/{case}/rejection", {"reason": "照片显示 10 件"})
    assert answer.status_code == 303
    assert "照片显示 10 件" in shown(sign_in(cast.huadong.buyer).get(f"/deliveries/cases/{case}"))


@pytest.mark.parametrize("who", [cast.hq_finance, cast.national_manager, cast.huadong.buyer])
def test_nobody_else_decides(case, sign_in, who):
    answer = sign_in(who).post(f"/hq/delivery-cases/{case}/review")
    assert answer.status_code in (403, 404)


def test_a_region_does_not_see_the_cases_of_another(case, sign_in):
    desk = sign_in(cast.south_desk)
    assert case not in shown(desk.get("/hq/delivery-cases"))
    assert desk.get(f"/hq/delivery-cases/{case}").status_code == 404


def test_the_order_desk_leads_to_the_proof_and_its_paper(case, under_way, sign_in):
    order, number = under_way
    desk = sign_in(cast.order_desk)
    assert f"/hq/shipments/{number}/proof" in shown(desk.get(f"/hq/orders/{order}"))
    assert "M10 20" in shown(desk.get(f"/hq/shipments/{number}/proof"))
    for there, base in ((desk, "/hq/shipments"), (sign_in(cast.huadong.buyer), "/shipments")):
        paper = there.get(f"{base}/{number}/proof.pdf")
        assert paper.status_code == 200 and paper.data.startswith(b"%PDF")
    assert desk.get("/hq/shipments/SH2611-00000000A/proof.pdf").status_code == 404


def test_the_overview_counts_what_nobody_has_taken_up(case, sign_in):
    desk = sign_in(cast.order_desk)
    assert "待处理的到货差异" in shown(desk.get("/hq/"))
    desk.post(f"/hq/delivery-cases/{case}/review")
    assert "待处理的到货差异" not in shown(desk.get("/hq/")).partition("<main")[2]


# Photos


def send_photo(visitor, address: str, content: bytes, name: str = "IMG_1.HEIC"):
    return visitor.post(address, {"files": (io.BytesIO(content), name)})


def a_photo(name: str) -> dict:
    """The field of a form without script."""
    return {"files": (io.BytesIO(a_picture()), name)}


def photo_id(answer) -> str:
    return re.search(r'name="file_id" value="([^"]+)"', shown(answer, 201))[1]


def test_somebody_at_the_door_sends_photos_and_sees_them_again(
    under_way, database, visitor, app, sign_in, owner
):
    token, number = linked(database, under_way[1]).token, under_way[1]
    assert f'data-file-field="/d/{token}/files"' in shown(visitor.get(f"/d/{token}"))
    answer = send_photo(visitor, f"/d/{token}/files", sample("photo_gps.heic"))
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    file = photo_id(answer)
    assert f"/d/{token}/files/{file}/removal" in answer.get_data(as_text=True)
    large = send_photo(visitor, f"/d/{token}/files", a_picture("PNG", (900, 700)) + bytes(2**20), "a.png")
    extra = photo_id(large), "more than a stranger's form may hold"
    assert visitor.post(f"/d/{token}/files/{extra[0]}/removal").status_code == 200
    said = FIELDS | AS_SHIPPED | {"file_id": [file]}
    page = shown(visitor.post(f"/d/{token}", said | {"signed_by": ""}), 422)
    assert f'value="{file}" checked' in page, "what was sent ahead is not lost"
    assert visitor.post(f"/d/{token}", said).status_code == 303
    app.file_store.put(f"{file}.preview", a_picture())
    assert f"/d/{token}/files/{file}/preview" in shown(visitor.get(f"/d/{token}"))
    assert visitor.get(f"/d/{token}/files/{file}/preview").mimetype == "image/jpeg"
    for person, address in ((cast.huadong.buyer, "/shipments"), (cast.order_desk, "/hq/shipments")):
        reader = sign_in(person)
        assert f"/files/{file}/preview" in shown(reader.get(f"{address}/{number}/proof"))
        paper = reader.get(f"{address}/{number}/proof.pdf")
        assert paper.data.startswith(b"%PDF") and b"/Subtype /Image" in paper.data
        assert reader.get(f"/files/{file}").mimetype == "image/jpeg"
    rival = sign_in(cast.yuegang.buyer)
    for address in (f"/files/{file}", f"/files/{file}/preview"):
        assert rival.get(address).status_code == 404
    assert send_photo(visitor, f"/d/{token}/files", a_picture(), "late.jpg").status_code == 409
    revoked(database, number)
    assert visitor.get(f"/d/{token}/files/{file}/preview").status_code == 404


@pytest.mark.parametrize("token", ["x", "A" * 86])
def test_nobody_sends_photos_by_a_guessed_link(visitor, owner, token):
    assert send_photo(visitor, f"/d/{token}/files", a_picture(), "a.jpg").status_code == 404
    assert visitor.post(f"/d/{token}/files/FI2611-00000000A/removal").status_code == 404
    assert visitor.get(f"/d/{token}/files/FI2611-00000000A/preview").status_code == 404
    assert not owner.scalar(text("SELECT count(*) FROM stored_file"))


def test_the_file_of_a_shipment_is_not_shown_by_the_link_of_another(under_way, given, database, visitor, app):
    other = picked(database, given.an_order({cast.gauze: 2}).number).shipment_number
    shipped(database, other)
    tokens = [linked(database, number).token for number in (under_way[1], other)]
    file = photo_id(send_photo(visitor, f"/d/{tokens[0]}/files", a_picture(), "a.jpg"))
    app.file_store.put(f"{file}.preview", a_picture())
    assert visitor.get(f"/d/{tokens[0]}/files/{file}/preview").status_code == 200
    assert visitor.get(f"/d/{tokens[1]}/files/{file}/preview").status_code == 404
    assert visitor.post(f"/d/{tokens[1]}/files/{file}/removal").status_code == 404


def test_one_link_sends_so_many_photos_in_an_hour(under_way, database, visitor, app):
    app.settings = app.settings.model_copy(update={"delivery_photo_rate": "2 per hour"})
    token = linked(database, under_way[1]).token
    codes = [send_photo(visitor, f"/d/{token}/files", b"MZ", "a.jpg").status_code for _ in range(3)]
    assert codes == [422, 422, 429]


def test_the_dealer_signs_with_photos_and_adds_some_to_the_case(under_way, database, sign_in, owner):
    buyer, number = sign_in(cast.huadong.buyer), under_way[1]
    said = FIELDS | L1_SHORT | a_photo("外箱.jpg")
    assert buyer.post(f"/shipments/{number}/receipt", said).status_code == 303
    assert "外箱.jpg" in shown(buyer.get(f"/shipments/{number}/proof"))
    case = owner.scalar(text("SELECT number FROM delivery_case WHERE kind = 'damaged'"))
    assert "外箱.jpg" in shown(buyer.get(f"/deliveries/cases/{case}"))
    assert "没有选择文件" in shown(buyer.post(f"/deliveries/cases/{case}/photos"), 422)
    address = f"/deliveries/cases/{case}/photos"
    assert buyer.post(address, a_photo("破损.jpg")).status_code == 303
    desk = sign_in(cast.order_desk)
    page = shown(desk.get(f"/hq/delivery-cases/{case}"))
    assert "外箱.jpg" in page and "破损.jpg" in page
    assert desk.post(f"/hq/delivery-cases/{case}/photos", a_photo("仓库.jpg")).status_code == 303
    assert "仓库.jpg" in shown(buyer.get(f"/deliveries/cases/{case}"))
    assert sign_in(cast.yuegang.buyer).post(address, a_photo("x.jpg")).status_code == 404


def test_a_delivery_note_bears_the_link_only_while_it_is_open_and_for_who_may_have_it(
    under_way, database, sign_in, owner
):
    number = under_way[1]

    def told(person, address) -> bool:
        assert sign_in(person).get(f"{address}/{number}/delivery-note.pdf").status_code == 200
        latest = "SELECT after FROM audit_event WHERE action = 'shipment:printed' ORDER BY id DESC LIMIT 1"
        return owner.scalar(text(latest))["link"]

    mine = (cast.huadong.buyer, "/shipments")
    assert not told(*mine), "nobody has made one"
    linked(database, number)
    assert told(*mine) and told(cast.order_desk, "/hq/parcels")
    assert not told(cast.huadong.finance, "/shipments"), "who may not make one gets none on paper"
    revoked(database, number)
    assert not told(*mine)


def test_a_photo_at_the_door_comes_in_pieces_while_the_link_is_open(under_way, given, database, visitor):
    other = picked(database, given.an_order({cast.gauze: 2}).number).shipment_number
    shipped(database, other)
    here, there = (f"/d/{linked(database, number).token}/files" for number in (under_way[1], other))
    content = a_picture(size=(300, 200))
    begun = visitor.post(f"{here}/uploads", {"name": "a.jpg", "size": str(len(content))}).json["id"]

    def send(base: str, offset: int, until: int | None = None):
        piece = {"files": (io.BytesIO(content[offset:until]), "piece"), "offset": str(offset)}
        return visitor.post(f"{base}/uploads/{begun}", piece)

    assert send(here, 0, 100).json["offset"] == 100
    assert send(there, 100).status_code == visitor.get(f"{there}/uploads/{begun}").status_code == 404
    assert visitor.get(f"{here}/uploads/{begun}").json["offset"] == 100
    assert photo_id(send(here, 100))
    revoked(database, under_way[1])
    for answer in (send(here, 100), visitor.get(f"{here}/uploads/{begun}")):
        assert answer.status_code == 409
    assert visitor.post(f"{here}/uploads", {"name": "a.jpg", "size": "9"}).status_code == 409


def test_breadcrumbs_lead_only_where_the_visitor_may_go(case, under_way, sign_in):
    order, number = under_way
    for person, leads in ((cast.order_desk, True), (cast.quality, False)):
        page = shown(sign_in(person).get(f"/hq/shipments/{number}/proof"))
        crumbs = page.partition('class="crumbs')[2].partition("</nav>")[0]
        assert order in crumbs and (f'href="/hq/orders/{order}"' in crumbs) is leads
