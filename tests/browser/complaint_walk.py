"""A complaint as a dealer and quality walk through it, one act of somebody each."""

from __future__ import annotations

from datetime import datetime, timedelta

from playwright.sync_api import Page, expect

from portal.kernel import clock
from tests import cast
from tests.browser.acts import expect_status
from tests.browser.walking import at_a_stop, go, press, take_a_photo
from tests.complaints.acts import REPORT

LOT = "SY-EARLY"
AMONG_OURSELVES = ("SECRET-CAUSE", "SECRET-FOLLOW")


def complain(page: Page, words, settings) -> str:
    """About a lot."""
    page.goto("/service-requests/new?kind=complaint")
    page.locator("#field-product").fill(cast.syringe.sku)
    page.locator("#field-lot").fill(LOT)
    page.locator("#field-subject").fill("注射器针座断裂")
    page.locator("#field-text").fill("三支在使用中断裂，一名患者手臂受伤。")
    take_a_photo(page, settings)
    at_a_stop(page)
    press(page, words("Send the request"))
    expect_status(page, words, "new", "service request")
    expect(page.locator("#complaint")).to_contain_text(words("Our quality department looks into it."))
    at_a_stop(page)
    return page.url.rpartition("/")[2]


def triage(quality: Page, words, number: str) -> None:
    """It may be an adverse event: the regulator's clock starts."""
    quality.goto("/hq/complaints?status=triage")
    go(quality, number)
    expect(quality.locator("#told")).to_contain_text("pump.jpg")
    at_a_stop(quality)
    for said in ("quality", "critical", "yes"):
        quality.locator(f"#triage .choice:has([value={said}])").click()
    quality.locator("#field-event_reason").fill("有人受伤。")
    quality.locator("#field-harm").select_option("serious")
    quality.locator("#field-stop_use").fill("请停用该批号。")
    press(quality, words("Save the triage"))
    expect_status(quality, words, "triaged", "complaint")
    at_a_stop(quality)
    go(quality, words("Adverse event"))
    expect_status(quality, words, "open", "adverse event")
    due = cast.TODAY + timedelta(days=20)
    told = quality.locator("#clock time").nth(1).get_attribute("datetime")
    assert datetime.fromisoformat(told).astimezone(cast.ZONE).date() == due
    at_a_stop(quality)


def answer(quality: Page, words) -> None:
    """Cause, measure and answer, and that they close it."""
    said = {"cause": AMONG_OURSELVES[0], "measure": "该批号已封存。", "answer": "为您更换全部三支。"}
    for name, value in {**said, "follow_up": AMONG_OURSELVES[1], "told_how": "传真"}.items():
        quality.locator(f"#field-{name}").fill(value)
    now = clock.now().astimezone(cast.ZONE)
    quality.locator("#field-told_at").fill(f"{now:%Y-%m-%dT%H:%M}")
    press(quality, words("Save and close the complaint"))


def may_not_close_yet(quality: Page, words, number: str) -> None:
    """Whoever closes too early is told what is missing, and has lost nothing."""
    go(quality, words("Look at the complaint"))
    answer(quality, words)
    told = words("Its adverse event is neither reported nor dismissed.")
    expect(quality.locator(".notice").filter(has_text=told)).to_be_visible()
    expect(quality.locator("#field-answer")).to_have_value("为您更换全部三支。")
    at_a_stop(quality)


def write_the_report(quality: Page, words, number: str) -> None:
    """The form knows what the complaint says; the rest is typed. Who wrote it does not submit it."""
    quality.goto(f"/hq/adverse-events/{number}")
    go(quality, words("Write the report"))
    expect(quality.locator("[name=lot]")).to_have_value(LOT)
    expect(quality.locator("[name=origin]")).to_have_value("国产")
    at_a_stop(quality)
    for name, value in REPORT.items():
        field = quality.locator(f"form [name={name}]")
        if name == "harm":
            field.select_option(value)
        elif name != "lot":
            field.fill(value)
    press(quality, words("Keep this version"))
    told = words("Another person of quality than who wrote the report submits it.")
    expect(quality.locator("#submission")).to_contain_text(told)
    at_a_stop(quality)


def submit_it(colleague: Page, words, number: str) -> None:
    """Another person hands it in, and has it on paper."""
    colleague.goto("/hq/adverse-events")
    go(colleague, number)
    colleague.locator("#field-reference").fill("3101-2026-000815")
    at_a_stop(colleague)
    press(colleague, words("It is submitted"))
    expect_status(colleague, words, "submitted", "adverse event")
    expect(colleague.locator("#versions")).to_contain_text("3101-2026-000815")
    name = "PDF 中文" if words.language == "zh" else "PDF English"
    address = colleague.get_by_role("link", name=name).get_attribute("href")
    paper = colleague.request.get(address)
    assert paper.status == 200 and paper.body().startswith(b"%PDF")
    at_a_stop(colleague)


def only_quality_closes_it(desk: Page, words, number: str) -> None:
    """The desk reads the complaint, and neither it nor its request can be ended there."""
    desk.goto(f"/hq/service-requests/{number}")
    expect(desk.locator("#complaint")).to_contain_text(
        words("Only quality closes it; that resolves this request.")
    )
    assert desk.locator("#write [name=how] option[value=resolution]").count() == 0
    go(desk, words("Look at the complaint"))
    expect_status(desk, words, "triaged", "complaint")
    assert desk.locator("#handling").count() == 0


def close(quality: Page, words, number: str) -> None:
    """Now it can be closed."""
    quality.goto(f"/hq/complaints/{number}")
    answer(quality, words)
    expect_status(quality, words, "closed", "complaint")
    at_a_stop(quality)


def read_the_answer(dealer: Page, words, number: str) -> None:
    """What is done and answered, and not a word of what is among ourselves."""
    dealer.goto(f"/service-requests/{number}")
    expect_status(dealer, words, "resolved", "service request")
    for word in ("为您更换全部三支。", "该批号已封存。", "请停用该批号。"):
        expect(dealer.locator("main")).to_contain_text(word)
    page = dealer.content()
    inside = (*AMONG_OURSELVES, REPORT["patient_initials"], REPORT["first_cause"], words("Adverse event"))
    assert [word for word in inside if word in page] == []
    at_a_stop(dealer)
