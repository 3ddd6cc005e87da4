"""A dealer's own ledger on its pages: uploaded, corrected, compared, answered and signed by both sides."""

from __future__ import annotations

import io
import re
from pathlib import Path

from tests import cast
from tests.own_ledgers.acts import (
    a_compared_ledger,
    a_file,
    compared,
    differences,
    looked_at,
    sheet,
    uploaded,
)

DATA = Path(__file__).parent.parent / "own_ledgers" / "data"
COLUMNS = {"column-day": "0", "column-document": "2", "column-debit": "3", "column-credit": "4"}


def page(visitor, path: str) -> str:
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def sent(visitor, content: bytes, name: str = "往来明细.csv", **more: str):
    return visitor.post("/own-ledger", {"file": (io.BytesIO(content), name)} | more)


def test_a_file_is_read_corrected_compared_answered_and_signed_by_both_sides(sign_in, database):
    finance, desk = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    answer = sent(finance, a_file([(cast.TODAY, "FK-000077", "1,234.50")]))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    number = address.rpartition("/")[2]
    shown = page(finance, address)
    assert "FK-000077" in shown and "E 贷方金额" in shown and "尚未对账" in shown
    form = COLUMNS | {"books": "", "head_at": "1", "revision": "1"}
    wrong = finance.post(
        f"{address}/match", form | {"column-credit": "", "column-debit": "0", "head_at": "x"}
    )
    assert wrong.status_code == 422 and 'value="x"' in wrong.get_data(as_text=True)
    wrong = finance.post(
        f"{address}/match", form | {"column-credit": "", "column-debit": "", "last_day": "2026-01-01"}
    )
    said = wrong.get_data(as_text=True)
    assert wrong.status_code == 422 and 'value="2026-01-01"' in said
    assert finance.post(f"{address}/match", form).status_code == 303
    assert "正在对账" in page(finance, address)
    compared(database, number)
    shown = page(finance, address)
    assert "FK-000077" in shown and "我方账上没有" in shown and "1,234.50" in shown
    assert "FK-000077" in page(finance, f"{address}?kind=missing_here")
    [one] = differences(database, number)
    answers = {"seen": f"{one.no}-{one.revision}", "answer": "disputed", "said": ""}
    refused = finance.post(f"{address}/answers", answers)
    assert refused.status_code == 422
    assert finance.post(f"{address}/answers", answers | {"said": "单据<b>"}).status_code == 303
    assert finance.post(f"{address}/answers", answers | {"said": "again"}).status_code == 409
    theirs = f"/hq/own-ledgers/{number}"
    shown = page(desk, theirs)
    assert "单据&lt;b&gt;" in shown and number in page(desk, "/hq/own-ledgers")
    answers |= {"seen": f"{one.no}-{one.revision + 1}", "answer": "accepted"}
    assert desk.post(f"{theirs}/answers", answers).status_code == 303
    for visitor, path in ((finance, address), (desk, theirs)):
        [sha256] = re.findall(r'name="sha256" value="([0-9a-f]{64})"', page(visitor, path))
        assert visitor.post(f"{path}/signature", {"name": "", "sha256": sha256}).status_code == 422
        assert visitor.post(f"{path}/signature", {"name": "李四", "sha256": "0" * 64}).status_code == 409
        assert visitor.post(f"{path}/signature", {"name": "李四", "sha256": sha256}).status_code == 303
        assert sha256 in page(visitor, path)
    assert len(sheet(database, number).signatures) == 2
    for form, begins in (("pdf", b"%PDF"), ("xlsx", b"PK")):
        assert finance.get(f"{address}.{form}").data.startswith(begins)
        assert desk.get(f"{theirs}.{form}").data.startswith(begins)
    assert finance.get(f"{address}/file").data == desk.get(f"{theirs}/file").data != b""


def test_a_double_click_uploads_once(sign_in, database):
    finance = sign_in(cast.huadong.finance)
    sent_twice = [sent(finance, a_file([]), form_key="k1").headers["Location"] for _ in range(2)]
    assert len(set(sent_twice)) == 1
    assert page(finance, "/own-ledger").count(sent_twice[0]) == 1


def test_what_cannot_be_read_is_said_beside_its_field_and_in_its_rows(sign_in, database):
    finance = sign_in(cast.huadong.finance)
    refused = sent(finance, b"<html><table></table></html>", "对账单.xls", period="2026-13")
    assert refused.status_code == 422 and "2026-13" in refused.get_data(as_text=True)
    refused = sent(finance, b"<html><table></table></html>", "对账单.xls")
    assert refused.status_code == 422 and "HTML" in refused.get_data(as_text=True)
    assert finance.post("/own-ledger", {}).status_code == 422
    bad = a_file([]) + "2026-02-30,X,Y,,1\n".encode("gbk")
    address = sent(finance, bad).headers["Location"]
    form = COLUMNS | {"books": "", "head_at": "1", "revision": "1"}
    assert finance.post(f"{address}/match", form).status_code == 303
    compared(database, address.rpartition("/")[2])
    shown = page(finance, address)
    assert "第 2 行" in shown and 'name="skip_unread"' in shown


def test_headings_that_stand_in_two_merged_rows_are_shown_as_they_were_read(sign_in, database):
    finance = sign_in(cast.huadong.finance)
    content = (DATA / "yonyou_tplus_statement.xlsx").read_bytes()
    shown = page(finance, sent(finance, content, "T+.xlsx").headers["Location"])
    assert "L 借方/发生" in shown and "XSFP26011251" in shown


def test_a_rival_finds_nothing_and_a_buyer_uploads_nothing(sign_in, database):
    number = a_compared_ledger(database, cast.huadong)
    rival, nobody = sign_in(cast.yuegang.finance), "OL2611-00000000A"
    for path in ("/own-ledger/{}", "/own-ledger/{}.pdf", "/own-ledger/{}.xlsx", "/own-ledger/{}/file"):
        assert rival.get(path.format(number)).status_code == rival.get(path.format(nobody)).status_code == 404
    for path in ("/own-ledger/{}/answers", "/own-ledger/{}/signature"):
        assert rival.post(path.format(number), {"seen": "1-1", "answer": "accepted"}).status_code in (
            404,
            422,
        )
    assert number not in page(rival, "/own-ledger")
    assert sign_in(cast.huadong.buyer).get(f"/own-ledger/{number}").status_code == 403
    assert looked_at(database, number).difference_count == 1


def test_a_document_of_ours_stands_beside_that_of_the_dealer(sign_in, given, database):
    payment = given.a_payment_by(cast.huadong, "120.00")
    number = uploaded(database, a_file([(cast.TODAY, payment, "-210.00")]))
    compared(database, number)
    for visitor, path in (
        (sign_in(cast.huadong.finance), "/own-ledger"),
        (sign_in(cast.hq_finance), "/hq/own-ledgers"),
    ):
        shown = page(visitor, f"{path}/{number}")
        assert shown.count(payment) >= 2 and "数字颠倒" in shown and "120.00" in shown and "210.00" in shown


def test_a_ledger_is_discarded_on_its_page_and_one_that_was_replaced_leads_to_the_newer(sign_in, database):
    finance, desk = sign_in(cast.huadong.finance), sign_in(cast.hq_finance)
    first, second = (a_compared_ledger(database, cast.huadong) for _ in range(2))
    shown = page(finance, f"/own-ledger/{first}")
    assert f'href="/own-ledger/{second}"' in shown and "已被新的取代" in shown
    assert 'name="seen"' not in shown and 'name="skip_unread"' not in shown
    assert f'href="/hq/own-ledgers/{second}"' in page(desk, f"/hq/own-ledgers/{first}")
    address, revision = f"/own-ledger/{second}", looked_at(database, second).revision
    rival = sign_in(cast.yuegang.finance)
    assert rival.post(f"{address}/discard", {"revision": str(revision)}).status_code == 404
    assert finance.post(f"{address}/discard", {"revision": "1"}).status_code == 409
    assert finance.post(f"{address}/discard", {"revision": str(revision)}).status_code == 303
    for visitor, path in ((finance, address), (desk, f"/hq/own-ledgers/{second}")):
        shown = page(visitor, path)
        assert "文件已删除" in shown and f"{path}/file" not in shown and f"{path}.pdf" not in shown
        assert visitor.get(f"{path}/file").status_code == 409
