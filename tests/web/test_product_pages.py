"""Quality keeps the catalogue: proposes on a form, another approves, the history tells."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from portal.catalogue.product_fields import FIELDS, FLAGS
from portal.kernel.spreadsheet import read_table
from tests import cast
from tests.catalogue import acts
from tests.catalogue.acts import PUMP
from tests.files.acts import a_pdf


def page(response) -> str:
    return re.sub(r"\s+", " ", response.get_data(as_text=True))


def typed(fields=PUMP, **other) -> dict[str, str]:
    """The fields as the form sends them."""
    values = {name: getattr(fields, name) for name in FIELDS}
    return {
        name: "1" if value is True else str(value)
        for name, value in values.items()
        if value not in (None, False, "") and not (name in FLAGS and not value)
    } | other


@pytest.fixture
def author(sign_in):
    visitor = sign_in(cast.quality)
    visitor.post("/locale/en")
    return visitor


@pytest.fixture
def approver(sign_in):
    visitor = sign_in(cast.quality_colleague)
    visitor.post("/locale/en")
    return visitor


def number_on(shown: str) -> str:
    return re.findall(r'name="change" value="(PC[^"]+)"', shown)[0]


def test_a_new_product_from_the_form_to_the_catalogue(author, approver, sign_in, database):
    answer = author.post("/hq/products", typed(sku="pump", submit="1"))
    assert answer.status_code == 303 and answer.location.endswith("/hq/products/PUMP")
    shown = page(author.get("/hq/products/PUMP"))
    assert "Not in force yet" in shown and "you had a hand in it" in shown
    assert 'action="/hq/products/PUMP/approval"' not in shown
    number = number_on(page(approver.get("/hq/products/PUMP")))
    dealer = sign_in(cast.huadong.buyer)
    assert dealer.get("/catalogue/PUMP").status_code == 404
    approver.post("/hq/products/PUMP/approval", {"change": number})
    acts.entered(database, number)
    assert PUMP.name_zh in page(dealer.get("/catalogue/PUMP"))
    assert "In force" in page(author.get("/hq/products/PUMP"))


def test_every_fault_comes_back_beside_its_field_with_what_was_typed(author, database):
    wrong = typed(sku="PUMP", submit="1", udi_di="6901234520003", registration_to="2026-02-30", unit="")
    answer = author.post("/hq/products", wrong)
    assert answer.status_code == 422
    assert "Enter a valid date." in page(answer) and 'value="2026-02-30"' in page(answer)
    answer = author.post("/hq/products", wrong | {"registration_to": "2099-04-30"})
    assert answer.status_code == 422 and "with these digits it would end in 2" in page(answer)
    assert "Unit of sale: Nothing has been entered." in page(answer)
    assert author.get("/hq/products/PUMP").status_code == 404


def test_a_draft_is_kept_and_shown_with_what_is_still_missing(author):
    assert author.post("/hq/products", typed(sku="PUMP", registration_no="")).status_code == 303
    shown = page(author.get("/hq/products/PUMP"))
    assert "Registration certificate: Nothing has been entered." in shown
    answer = author.post("/hq/products/PUMP/submission", {"change": number_on(shown)})
    assert answer.status_code == 303
    assert "Registration certificate: Nothing has been entered." in page(author.get("/hq/products/PUMP"))
    assert 'value="MK-20"' in page(author.get("/hq/products/PUMP/edit"))


def test_what_is_rejected_says_why_and_is_proposed_again_from_there(author, approver):
    author.post("/hq/products", typed(sku="PUMP", submit="1"))
    number = number_on(page(approver.get("/hq/products/PUMP")))
    approver.post("/hq/products/PUMP/rejection", {"change": number, "reason": "The paper says MK-22."})
    assert "The paper says MK-22." in page(author.get("/hq/products/PUMP"))
    assert 'value="MK-20"' in page(author.get("/hq/products/PUMP/edit"))


def test_old_and_new_stand_side_by_side(author, database):
    acts.changed(database)
    author.post("/hq/products/PUMP", typed(replace(PUMP, specification="MK-20 Pro"), submit="1"))
    shown = page(author.get("/hq/products/PUMP"))
    assert re.search(r'data-label="In force">MK-20</td> <td data-label="Proposed">MK-20 Pro</td>', shown)


def test_the_list_is_narrowed_to_what_is_asked(author, database):
    acts.submitted(database, "GAUZE", acts.gauze(database, specification="10 cm"))

    def listed(**query):
        return set(
            re.findall(r'href="/hq/products/([A-Z-]+)"', page(author.get("/hq/products", query_string=query)))
        )

    assert listed(standing="changing") == {"GAUZE"}
    assert listed(standing="ended") == {"LAPSED"}
    assert listed(standing="withdrawn") == {"WITHDRAWN"}
    assert listed(q="gauze") == {"GAUZE"} and "STENT" in listed()


def test_many_are_chosen_and_approved_at_once(author, approver, database):
    first = acts.submitted(database)
    second = acts.submitted(database, "OTHER", replace(PUMP, udi_di="06901234520019"))
    assert "choose-" not in page(author.get("/hq/product-changes"))
    assert f"choose-{first}" in page(approver.get("/hq/product-changes"))
    approver.post("/hq/product-changes/approval", {"number": [first, second]})
    assert "2 changes approved." in page(approver.get("/hq/product-changes"))


def test_the_list_says_what_changes(approver, database):
    acts.submitted(database, "GAUZE", acts.gauze(database, specification="10 cm", maker="某厂"))
    acts.submitted(database)
    listed = " ".join(page(approver.get("/hq/product-changes")).split())
    assert "Specification, Maker" in listed and "Everything: it is new" in listed
    file = approver.get("/hq/product-changes?export=csv").data.decode("utf-8-sig")
    assert "Specification, Maker" in file


def test_drafts_are_submitted_many_at_once_and_those_with_faults_are_named(author, database):
    acts.proposed(database)
    bad = acts.proposed(database, "OTHER", replace(PUMP, udi_di="06901234520019", maker=""))
    numbers = re.findall(r'id="choose-(PC[^"]+)"', page(author.get("/hq/product-changes?state=draft")))
    author.post("/hq/product-changes/submission", {"number": numbers})
    told = page(author.get("/hq/product-changes?state=draft"))
    assert "1 change submitted." in told and f"{bad} was left out: Maker: Nothing has been entered." in told


def test_accessories_and_spare_parts_are_named_and_faults_told(author, owner):
    author.post("/hq/products/GAUZE/related", {"kind": "accessory", "related": "gloves\nLAST"})
    author.post("/hq/products/GAUZE/related", {"kind": "spare_part", "related": "STENT"})
    shown = page(author.get("/hq/products/GAUZE"))
    assert (
        shown.index("/hq/products/GLOVES")
        < shown.index("/hq/products/LAST")
        < shown.index("/hq/products/STENT")
    )
    author.post("/hq/products/GAUZE/related", {"kind": "accessory", "related": "NO-SUCH"})
    assert "There is no product NO-SUCH." in page(author.get("/hq/products/GAUZE"))
    author.post("/hq/products/GAUZE/related", {"kind": "accessory", "related": ""})
    assert "/hq/products/GLOVES" not in page(author.get("/hq/products/GAUZE"))
    assert author.post("/hq/products/GAUZE/related", {"kind": "", "related": "GLOVES"}).status_code == 422


@pytest.mark.only_asks
@pytest.mark.parametrize("person", [cast.order_desk, cast.hq_finance])
def test_others_of_headquarters_look_and_change_nothing(sign_in, person):
    visitor = sign_in(person)
    assert visitor.get("/hq/products/GAUZE").status_code == 200
    assert visitor.get("/hq/products").status_code == 200
    assert visitor.get("/hq/products/GAUZE/edit").status_code == 403
    assert visitor.post("/hq/products", typed(sku="PUMP")).status_code == 403
    assert visitor.post("/hq/product-changes/approval", {"number": "PC"}).status_code == 403


@pytest.mark.only_asks
def test_no_dealer_comes_here(sign_in):
    visitor = sign_in(cast.huadong.boss)
    for path in ("/hq/products", "/hq/products/GAUZE", "/hq/product-changes"):
        assert visitor.get(path).status_code in (403, 404)


def test_a_file_is_reported_row_by_row_and_the_template_is_one(author):
    book = author.get("/hq/product-import/template")
    [(_, heads)] = read_table(book.data).rows
    assert heads[0] == "SKU" and len(heads) == len(FIELDS) + 1
    line = {**dict.fromkeys(heads, ""), "SKU": "PUMP", "UDI-DI (GTIN)": PUMP.udi_di, "Maker": "Mingkang"}
    bad = line | {"SKU": "OTHER", "UDI-DI (GTIN)": "06901234520003"}
    content = "\n".join(
        ",".join(row[head] for head in heads) for row in ({one: one for one in heads}, line, bad)
    )
    shown = page(author.post("/hq/product-import", {"file": (io.BytesIO(content.encode()), "products.csv")}))
    assert "Taken as a draft 1" in shown and "Row refused 1" in shown and "Unchanged 0" in shown
    assert "UDI-DI (GTIN): The check digit of GTIN 06901234520003 is wrong." in shown
    assert "before it can be submitted" in shown
    assert 'value="Mingkang"' in page(author.get("/hq/products/PUMP/edit"))


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2", b"PK\x03\x04", b"\x00\x01"])
def test_what_is_no_file_of_products_says_so(author, content):
    answer = author.post("/hq/product-import", {"file": (io.BytesIO(content), "x.csv")})
    assert answer.status_code == 422 and 'class="notice' in page(answer)


def test_the_overview_tells_the_other_one_what_waits(author, approver, database):
    acts.submitted(database)
    assert "Changes of products to approve" in page(approver.get("/hq/"))
    assert "Changes of products to approve" not in page(author.get("/hq/"))


def seen_on(answer) -> str:
    """The version that a form began from."""
    return re.search(r'name="seen" value="([^"]*)"', page(answer))[1]


def test_of_two_who_edit_a_draft_the_second_sees_what_the_first_wrote(author, approver, owner):
    author.post("/hq/products", typed(PUMP) | {"sku": "PUMP", "seen": ""})
    mine, theirs = (seen_on(who.get("/hq/products/PUMP/edit")) for who in (author, approver))
    first = approver.post("/hq/products/PUMP", typed(replace(PUMP, specification="MK-99")) | {"seen": theirs})
    assert first.status_code == 303
    own = typed(replace(PUMP, maker="Another maker")) | {"seen": mine}
    refused = author.post("/hq/products/PUMP", own)
    shown = page(refused)
    assert refused.status_code == 422
    assert cast.quality_colleague.display_name in shown and "MK-99" in shown, "what the other wrote"
    assert 'value="MK-20"' in shown and 'value="Another maker"' in shown, "what was typed stays"
    assert 'value="MK-99"' in page(author.get("/hq/products/PUMP/edit")), "and nothing was saved"
    assert author.post("/hq/products/PUMP", own | {"seen": seen_on(refused)}).status_code == 303
    assert 'value="Another maker"' in page(author.get("/hq/products/PUMP/edit"))


def test_a_form_that_was_open_while_the_product_was_first_drafted_or_came_into_force_is_refused(
    author, approver, owner
):
    author.post("/hq/products", typed(PUMP) | {"sku": "PUMP", "seen": ""})
    again = approver.post("/hq/products", typed(replace(PUMP, maker="Else")) | {"sku": "PUMP", "seen": ""})
    assert again.status_code == 422
    seen = seen_on(author.get("/hq/products/PUMP/edit"))
    assert author.post("/hq/products/PUMP", typed(PUMP) | {"seen": seen}).status_code == 303
    assert author.post("/hq/products/PUMP", typed(PUMP) | {"seen": seen}).status_code == 422, "sent again"


def test_whoever_approves_opens_the_documents_that_are_proposed(author, approver, sign_in):
    upload = {"manual_files": (io.BytesIO(a_pdf()), "manual.pdf")}
    author.post("/hq/products", typed(sku="PUMP", submit="1") | upload)
    card = page(approver.get("/hq/products/PUMP")).partition('id="change"')[2].partition("form-actions")[0]
    link = re.search(r'href="(/files/[^"]+)"[^>]*>(?:(?!</a>).)*manual\.pdf', card)
    assert link, card
    assert approver.get(link.group(1)).status_code == 200
    assert sign_in(cast.huadong.buyer).get(link.group(1)).status_code == 404
