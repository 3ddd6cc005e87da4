"""The sheet of a policy's rules by keyboard: typed, pasted from a spreadsheet, taken back, saved."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import text

from tests import cast
from tests.browser.looks import assert_good_on_every_screen
from tests.builders import percent_off

PASTE = """(sheet, block) => {
  const data = new DataTransfer();
  data.setData("text/plain", block);
  sheet.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_a_sheet_is_typed_into_pasted_into_taken_back_and_saved(open_page, words, given, owner):
    draft = given.a_policy(percent_off(10, tier="S"), published_at=None)
    manager = open_page(cast.national_manager)
    manager.goto(f"/hq/policies/{draft}/sheet")
    sheet = manager.get_by_role("grid")
    sheet.locator("#sheet-C2").click()
    manager.keyboard.type("A")
    manager.keyboard.press("Enter")  # the row below it, which is made
    expect(sheet.locator("#sheet-C2")).to_have_text("A")
    sheet.locator("#sheet-C3").click()
    sheet.evaluate(PASTE, "B\tGLOVES\t\tnet\r\nC\tSYRINGE\t\tnet\r\n")
    expect(sheet.locator("#sheet-D4")).to_have_text("SYRINGE")
    manager.keyboard.press("Control+z")
    expect(sheet.locator("#sheet-D4")).to_have_count(0)
    assert_good_on_every_screen(manager)
    sheet.locator("#sheet-C3").click()
    manager.keyboard.press("Delete")
    manager.get_by_role("button", name=words("Save all rules")).click()
    manager.wait_for_url(f"**/hq/policies/{draft}")
    query = text("SELECT array_agg(tier) FROM price_rule WHERE policy_id = :id")
    assert owner.execute(query, {"id": draft}).scalar_one() == ["A"]
