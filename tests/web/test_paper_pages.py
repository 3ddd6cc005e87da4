"""The pages of papers: filed with a scan, reviewed beside it, renewed where an order is refused."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import text

from portal.files.store import store_at
from portal.orders.cart import put_in_cart
from tests import cast
from tests.files.acts import a_pdf, a_picture
from tests.papers import acts
from tests.papers.acts import TODAY, day


@pytest.fixture
def boss(sign_in):
    visitor = sign_in(cast.huadong.boss)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def quality(sign_in):
    visitor = sign_in(cast.quality)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def manager(sign_in):
    visitor = sign_in(cast.east_manager)
    visitor.post("/locale/en")
    return visitor


def form(**said):
    usual = {
        "kind": "licence",
        "replaces": "",
        "paper_no": "沪浦药监械经营许20260001号",
        "issuer": "浦东新区市场监督管理局",
        "category_codes": "p07， A02",
        "valid_from": str(TODAY),
        "valid_to": str(day(1000)),
        "note": "",
    }
    return usual | said


def scan(name="许可证.pdf", content=None):
    return {"files": (io.BytesIO(content or a_pdf()), name)}


def page_of(response, status=200):
    shown = response.get_data(as_text=True)
    assert response.status_code == status, re.findall(
        r"notice tone.{0,300}|form-error.{0,300}", shown, re.DOTALL
    )
    return shown


def filed(boss, **said):
    answer = boss.post("/papers", form(**said) | scan())
    page_of(answer, 303)
    return answer.headers["Location"].rpartition("/")[2]


def test_a_paper_goes_from_the_form_to_the_order(given, database, boss, quality):
    number = filed(boss)
    assert "Quality looks at it next" in page_of(boss.get(f"/papers/{number}"))
    shown = page_of(quality.get(f"/hq/papers/{number}"))
    assert "许可证.pdf" in shown and "P07 Vascular" in shown
    said = {"decision": "accept", "reason": "", "revision": "1"}
    assert quality.post(f"/hq/papers/{number}/decision", said).status_code == 303
    assert acts.paper(database, number).category_codes == ["P07", "A02"]
    assert "Paper accepted" in page_of(boss.get("/papers"))


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(given, boss):
    shown = page_of(boss.post("/papers", form(paper_no="", valid_from="soon", note="看看") | scan()), 422)
    assert 'id="field-paper_no-error"' in shown and 'id="field-valid_from-error"' in shown and "看看" in shown


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("scan.pdf", b"%PDF-1.4\n" + b"x" * (40 * 2**20), "MB"),
        ("scan.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', ""),
        ("scan.pdf", b"MZ" + b"0" * 100, ""),
    ],
    ids=["40 MB", "SVG with script", "program"],
)
def test_no_other_file_is_a_scan(given, boss, owner, name, content, said):
    answer = boss.post("/papers", form() | scan(name, content))
    assert answer.status_code in (413, 422)
    if answer.status_code == 422:
        assert 'id="field-files-error"' in page_of(answer, 422) and said in page_of(answer, 422)
    assert owner.scalar(text("SELECT count(*) FROM dealer_paper")) == 0


def test_a_name_in_chinese_is_kept_and_one_in_the_wrong_bytes_told(given, boss, database):
    name = "经营许可证（副本）扫描件.jpg"
    answer = boss.post("/papers", form() | scan(name, a_picture()))
    number = answer.headers["Location"].rpartition("/")[2]
    assert [file.name for file in acts.paper(database, number).files] == [name]
    misread = name.encode("gbk").decode("latin-1")
    assert "printable" in page_of(boss.post("/papers", form() | scan(misread, a_picture())), 422)


def test_a_double_click_files_once(given, boss, owner):
    sent = {"form_key": "same-key-0123456789"}
    answers = [boss.post("/papers", form() | scan() | sent) for _ in range(2)]
    assert {one.status_code for one in answers} <= {303, 409}
    assert owner.scalar(text("SELECT count(*) FROM dealer_paper")) == 1


def test_a_refusal_needs_a_reason_that_the_dealer_reads(given, boss, quality):
    number = filed(boss)
    address, said = f"/hq/papers/{number}/decision", {"decision": "refuse", "revision": "1"}
    assert 'id="field-reason-error"' in page_of(quality.post(address, said | {"reason": ""}), 422)
    assert quality.post(address, said | {"reason": "印章不清"}).status_code == 303
    assert "Refused by quality: 印章不清" in page_of(boss.get(f"/papers/{number}"))
    assert quality.post(address, said | {"reason": "again"}).status_code == 409


def test_an_order_that_a_licence_blocks_names_it_and_leads_to_its_renewal(given, database, owner, boss):
    number = acts.counting(database)
    owner.execute(text("DELETE FROM dealer_licence WHERE dealer_id = 101 AND paper_id IS NULL"))
    acts.aged(owner, number, valid_to=day(-1))
    acts.by(
        database,
        cast.huadong.boss,
        lambda s, a: put_in_cart(s, actor=a, sku="STENT", quantity=1, quantity_max=1_000_000),
    )
    shown = page_of(boss.get("/cart"))
    assert f"沪浦药监械经营许20260001号 for class III ended on {day(-1)}" in shown
    [address] = re.findall(r'href="(/papers/new[^"]+)"', shown)
    renewal = page_of(boss.get(address.replace("&amp;", "&")))
    assert f'value="{number}" selected' in renewal and "沪浦药监械经营许20260001号" in renewal


def test_who_looks_on_files_nothing(given, database, sign_in):
    finance = sign_in(cast.huadong.finance)
    assert finance.get("/papers").status_code == 200
    assert finance.get("/papers/new").status_code == 403
    assert sign_in(cast.huadong.service).get("/papers").status_code == 403
    assert sign_in(cast.hq_finance).get("/hq/papers").status_code == 403


def test_what_expires_is_listed_and_taken_away(given, database, owner, boss, quality):
    number = acts.counting(database)
    acts.aged(owner, number, valid_to=day(20))
    for visitor, address in ((boss, "/papers/expiring"), (quality, "/hq/papers/expiring")):
        assert "沪浦药监械经营许20260001号" in page_of(visitor.get(address))
        assert "沪浦药监械经营许20260001号" not in page_of(visitor.get(f"{address}?days=7"))
        export = visitor.get(f"{address}?export=csv")
        assert export.mimetype == "text/csv" and number in export.get_data(as_text=True)


def test_all_scans_are_one_archive(given, database, settings, boss, quality, sign_in):
    store = store_at(settings.files_url)
    acts.counting(database, files=[acts.uploaded(database, store=store)])
    for visitor, address in ((boss, "/papers/pack"), (quality, "/hq/papers/dealers/huadong/pack")):
        answer = visitor.get(address)
        assert answer.mimetype == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            assert packed.namelist() == ["01 沪浦药监械经营许20260001号 许可证.pdf"]
    assert sign_in(cast.south_manager).get("/hq/papers/dealers/huadong/pack").status_code == 404


def test_an_authorisation_is_proposed_approved_and_ended(given, database, manager, sign_in):
    said = {
        "dealer": "huadong",
        "region": "31",
        "category_codes": "P07",
        "hospitals": "H1 H2",
        "is_exclusive": "1",
        "valid_from": str(TODAY),
        "valid_to": "",
        "note": "",
    }
    refused = page_of(manager.post("/hq/authorisations", said | {"dealer": "x"}), 422)
    assert 'id="field-dealer-error"' in refused
    address = manager.post("/hq/authorisations", said).headers["Location"]
    assert "You decide" not in page_of(manager.get(address))
    other = sign_in(cast.national_manager)
    assert other.post(f"{address}/decision", {"decision": "accept", "revision": "1"}).status_code == 303
    shown = page_of(sign_in(cast.huadong.boss).get("/authorisations"))
    assert "P07" in shown and "H1, H2" in shown
    ended = {"ended_on": str(day(3)), "reason": "合同解除", "revision": "2"}
    assert manager.post(f"{address}/ending", ended).status_code == 303
    assert acts.authorisation(database, address.rpartition("/")[2]).ended_on == day(3)


def test_no_page_asks_more_than_a_dozen(given, database, boss, quality, manager, count_statements):
    number = acts.counting(database)
    waiting = acts.filed(database, replaces=number, valid_from=day(10), valid_to=day(2000))
    authorisation = acts.proposed(database)
    for visitor, addresses in (
        (boss, ("/papers", "/papers/expiring", "/papers/new", f"/papers/{waiting}", "/authorisations")),
        (quality, ("/hq/papers", "/hq/papers/expiring", f"/hq/papers/{waiting}", "/hq/papers/certificates")),
        (manager, ("/hq/authorisations", "/hq/authorisations/new", f"/hq/authorisations/{authorisation}")),
    ):
        for address in addresses:
            visitor.get(address)
            with count_statements() as asked:
                visitor.get(address)
            assert len(asked) <= 12, (address, asked)
