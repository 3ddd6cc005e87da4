"""The camera as a reader: a film of a label before a real Chromium, and pictures of labels by the decoder
that is shipped.
"""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Locator, Page, expect

from portal.kernel.errors import Invalid
from portal.scanning.read_code import read_code
from tests import cast
from tests.browser.acts import fill_cart
from tests.browser.conftest import in_every_language, in_one_language, launched
from tests.browser.looks import PHONE, assert_good_on_every_screen
from tests.films import put_film, symbol

pytestmark = in_every_language()

BUYER, DESK = cast.huadong.buyer, cast.order_desk
DI = cast.gloves.udi_di
LABEL = f"(01){DI}(17)280200(10)AB-7(21)SN5"
MA = "MA.156.M0.100761.21234561"
DATA = Path(__file__).parent.parent / "scanning" / "data"
CONTROLS = {"<GS>": "\x1d", "<RS>": "\x1e", "<EOT>": "\x04"}


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    """What the camera sees: written before the dialog is opened."""
    path = tmp_path_factory.mktemp("camera") / "label.y4m"
    put_film(path, symbol(LABEL))
    return path


@pytest.fixture(scope="module")
def browser(browser, film):
    """A browser with a camera that it may use."""
    with_camera = launched(
        browser.browser_type,
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    yield with_camera
    with_camera.close()


@pytest.fixture
def label(film) -> Path:
    """The camera sees the label of a package."""
    put_film(film, symbol(LABEL))
    return film


def said(page: Page) -> Locator:
    return page.locator("#scanner .scanner-said")


def status(page: Page) -> Locator:
    return page.locator("#scanner [data-scanner-status]")


FILMING = "() => Boolean(document.querySelector('#scanner video')?.srcObject)"


def is_filming(page: Page) -> bool:
    return page.evaluate(FILMING)


def scan_by_key(page: Page) -> None:
    page.locator("[data-scan]").first.focus()
    page.keyboard.press("Enter")


def test_the_page_says_what_the_camera_saw(open_page, words, label):
    page = open_page(BUYER, viewport=PHONE)
    fetched = []
    page.on("request", lambda request: fetched.append(request.url.partition("?")[0]))
    page.goto("/scan")
    assert not [address for address in fetched if "zxing" in address], "nobody has opened the camera"
    scan_by_key(page)
    for word in (DI, "AB-7", "SN5", "2028", "GLOVES"):
        expect(said(page)).to_contain_text(word)
    assert {address for address in fetched if "zxing" in address or "worker" in address}
    assert_good_on_every_screen(page)
    expect(page.get_by_role("button", name=words("Take this code"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_contain_text("SN5")
    expect(page.locator("#field-data")).to_have_value(LABEL)


@in_one_language
def test_lines_of_the_quick_order_are_scanned_one_after_the_other(open_page, words, label, film, database):
    fill_cart(database, BUYER, {})
    page = open_page(BUYER)
    page.goto("/quick-order")
    scan_by_key(page)
    page.get_by_label(words("Go on with the next code afterwards")).check()
    page.locator("[data-scan-take]").click()
    expect(page.locator("#rows a[href='/catalogue/GLOVES']")).to_be_visible()
    expect(status(page)).to_have_text(words("Taken. Hold the next code before the camera."))
    assert is_filming(page)
    page.get_by_label(words("Go on with the next code afterwards")).uncheck()
    page.keyboard.press("Escape")
    page.wait_for_function(f"!({FILMING})()")  # the camera goes off with the dialog
    put_film(film, symbol(f"(01){cast.gauze.udi_di}(10)G1"))
    scan_by_key(page)
    page.locator("[data-scan-take]").click()
    expect(page.locator("#rows a[href='/catalogue/GAUZE']")).to_be_visible()
    expect(page.locator("#scanner")).to_be_hidden()
    page.wait_for_function(f"!({FILMING})()")


@in_one_language
def test_a_page_that_is_sent_opens_the_camera_again_for_the_next(open_page, label):
    page = open_page(DESK)
    page.goto("/hq/goods-receipts/new")
    scan_by_key(page)
    page.locator("#scanner-on").check()
    page.locator("[data-scan-take]").click()
    expect(page.locator("#field-sku-0")).to_have_value("GLOVES")
    expect(page.locator("#field-lot-0")).to_have_value("AB-7")
    expect(page.locator("#scanner")).to_be_visible()
    expect(said(page)).to_contain_text("SN5")
    page.locator("#scanner-on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("#scanner")).to_have_count(0)


def test_lost_separators_are_asked_and_the_answer_is_taken(open_page, words, film):
    put_film(film, symbol(f"(01){DI}(10)A121S9"))  # as it is printed where the separator was forgotten
    page = open_page(DESK, viewport=PHONE)
    page.goto("/hq/scan")
    page.locator("[data-scan]").click()
    readings = page.locator("[data-scan-ask]")
    expect(readings).to_have_text([f"(01){DI}(10)A121S9", f"(01){DI}(10)A1(21)S9"])
    assert_good_on_every_screen(page)
    readings.last.click()
    expect(said(page)).to_contain_text("S9")
    page.locator("[data-scan-take]").click()
    expect(page.locator("#field-data")).to_have_value(f"(01){DI}(10)A1(21)S9")


@in_one_language
def test_of_several_codes_one_is_chosen_and_ma_and_ahm_are_said(open_page, film):
    put_film(film, *(symbol(code, "QRCode", gs1=False, scale=3) for code in (f"{MA}.L7", "MF0123456789*BN1")))
    page = open_page(DESK, viewport=PHONE)
    page.goto("/hq/scan")
    page.locator("[data-scan]").click()
    expect(said(page)).to_have_count(2)
    expect(page.locator("#scanner")).to_contain_text("AHM")
    expect(page.locator("#scanner")).to_contain_text(MA)
    page.locator("[data-scan-take]").click()
    expect(page.locator("#field-data")).to_have_value(f"{MA}.L7")


@in_one_language
def test_every_picture_is_read_right_by_the_decoder_that_is_shipped(open_page, label):
    page = open_page(BUYER)
    page.goto("/scan")
    page.locator("[data-scan]").click()
    with (DATA / "barcode_texts.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    for case in cases:
        with page.expect_response(lambda answer: answer.request.method == "POST") as asked:
            page.locator("#scanner-picture").set_input_files(DATA / "pictures" / case["file"])
        seen = parse_qsl(asked.value.request.post_data, keep_blank_values=True)
        text = case["text"]
        for shown, control in CONTROLS.items():
            text = text.replace(shown, control)
        codes = {value for name, value in seen if name == "data"}
        assert codes == set(text.split(" | ")), case["file"]
        assert {value for name, value in seen if name == "symbology"} == {case["identifier"]}, case["file"]
        assert taken_of(asked.value.text()) == sum(map(is_read, (case["identifier"] + one for one in codes)))


def taken_of(verdicts: str) -> int:
    return verdicts.count("data-scan-take=") - verdicts.count("data-scan-other")


def is_read(code: str) -> bool:
    try:
        read_code(code, today=cast.TODAY)
    except Invalid:
        return False
    return True


@in_one_language
def test_a_picture_without_a_code_and_a_file_that_is_none_are_told(open_page, words, label, tmp_path):
    page = open_page(BUYER)
    page.goto("/scan")
    page.locator("[data-scan]").click()
    symbol("x", gs1=False).resize((4, 4)).save(tmp_path / "nothing.png")
    page.locator("#scanner-picture").set_input_files(tmp_path / "nothing.png")
    expect(status(page)).to_have_text(
        words("No code was found in this picture. Take it nearer, sharper and without glare.")
    )
    (tmp_path / "none.png").write_bytes(b"none")
    page.locator("#scanner-photo").set_input_files(tmp_path / "none.png")
    expect(status(page)).to_have_text(words("This file is no picture that this browser can open."))
    page.locator("[data-scanner-again]").click()
    expect(said(page)).to_contain_text("AB-7")


@in_one_language
def test_no_page_may_compile_webassembly_itself(open_page, label, tolerated):
    page = open_page(BUYER)
    tolerated.update({"Refused to compile", "WebAssembly", "Compiling or instantiating"})
    page.goto("/scan")
    tried = page.evaluate(
        """() => WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))
           .then(() => "compiled", error => error.name)"""
    )
    assert tried == "CompileError"


@in_one_language
def test_without_script_there_is_the_field_and_no_button(open_page):
    open_page(BUYER)  # signs in
    page = open_page(BUYER, java_script_enabled=False)
    page.goto("/scan")
    expect(page.locator("[data-scan]")).to_be_hidden()
    page.locator("#field-data").fill(LABEL)
    page.locator("#look-up").click()
    expect(page.locator("#said")).to_contain_text("AB-7")
