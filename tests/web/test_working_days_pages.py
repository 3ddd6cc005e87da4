"""The calendar as headquarters sees it, and a year that comes from a file."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from sqlalchemy import text

from portal.kernel.spreadsheet import read_table
from portal.workdays.queries import calendar
from portal.workdays.rules import Span
from portal.workdays.sheet_rules import read_days
from tests import cast

FILE = "日期,上班,名称,英文名称\n2031-01-01,0,元旦,New Year\n2031-01-04,1,元旦调休上班,\n"


@pytest.fixture
def desk(sign_in):
    return sign_in(cast.order_desk)


def cell(page: str, day: str) -> str:
    [found] = re.findall(rf'<td class="([a-z-]+)">\s*<a href="[^"]*day={day}#day"[^>]*>(.*?)</a>', page)
    return " ".join(found)


def known(database):
    with database.session_for(cast.order_desk.actor()) as session:
        return calendar(session)


def sent(desk, content: str | bytes, name: str = "days.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return desk.post("/hq/working-days/import", {"file": (io.BytesIO(raw), name)})


def fields_of(page: str) -> dict[str, list[str]]:
    form = page.partition('action="/hq/working-days/import/entry"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    found.pop("csrf_token", None)
    return found


@pytest.mark.only_asks
def test_a_year_shows_what_is_off_and_what_is_worked_by_words(desk):
    page = desk.get("/hq/working-days?year=2026").text
    assert cell(page, "2026-01-04") == "day-extra 4<small>班</small>"
    assert cell(page, "2026-10-01") == "day-off 1<small>休</small>"
    assert cell(page, "2026-10-04") == "day-off 4<small>休</small>"
    assert cell(page, "2026-11-28") == "day-rest 28" and cell(page, "2026-11-27") == "day-work 27"
    assert "248 个工作日" in page and "国办发明电〔2025〕7号" in page and "2026年10月" in page


@pytest.mark.only_asks
@pytest.mark.parametrize("year", ["", "0", "99999999999999999999", "２０２７x", "1999"])
def test_an_odd_year_is_this_one(desk, year):
    assert str(cast.TODAY.year) in desk.get("/hq/working-days", query_string={"year": year}).text


@pytest.mark.only_asks
def test_who_only_reads_has_no_form(sign_in):
    page = sign_in(cast.east_manager).get("/hq/working-days?year=2026").text
    assert "09:00 – 12:00, 13:30 – 18:00" in page and "<small>休</small>" in page
    assert 'name="on"' not in page and "/import" not in page


def test_a_year_without_its_holidays_is_warned_of(desk, owner):
    owner.execute(text("DELETE FROM work_year"))
    assert f"{cast.TODAY.year}年的放假安排尚未录入" in desk.get("/hq/working-days").text
    assert f"待录入的{cast.TODAY.year}年工作日安排" in desk.get("/hq/").text


def test_a_day_is_saved_and_a_second_tab_told(desk, database):
    form = {"revision": "1", "on": "2031-03-08", "working": "work", "name_zh": "盘点", "name_en": ""}
    answer = desk.post("/hq/working-days/days", form)
    assert (answer.status_code, answer.location) == (303, "/hq/working-days?year=2031")
    answer = desk.post("/hq/working-days/days", form | {"name_zh": "另一个"})
    assert answer.status_code == 409 and 'value="另一个"' in answer.text
    assert known(database).is_working(date(2031, 3, 8))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"on": "2031-02-30"}, "on"), ({"on": "1999-01-01"}, "on"), ({"name_zh": "长" * 61}, "name_zh")],
)
def test_what_is_wrong_with_a_day_stands_beside_it(desk, wrong, field):
    form = {"revision": "1", "on": "2031-03-08", "working": "off", "name_zh": "盘点", "name_en": "x"}
    answer = desk.post("/hq/working-days/days", form | wrong)
    assert answer.status_code == 422 and f'id="field-{field}-error"' in answer.text
    assert f'value="{next(iter(wrong.values()))}"' in answer.text


def test_hours_are_read_as_they_are_typed(desk, database):
    form = {"revision": "1", "opens": ["８：３０", "14:00", ""], "closes": ["12:00", "24:00", " "]}
    assert desk.post("/hq/working-days/hours", form).status_code == 303
    assert known(database).hours == (Span(510, 720), Span(840, 1440))
    form = {"revision": "2", "opens": ["9:00", "noon"], "closes": ["25:00", "18:00"]}
    answer = desk.post("/hq/working-days/hours", form)
    assert answer.status_code == 422 and 'value="noon"' in answer.text
    assert 'id="closes-0-error"' in answer.text and 'id="opens-1-error"' in answer.text


def test_a_file_is_shown_before_it_is_entered_and_entered_as_shown(desk, database):
    shown = sent(desk, FILE)
    assert shown.status_code == 200 and "新增 2" in shown.text
    assert "2031年在此文件中几乎没有工作日放假" in shown.text
    assert 2031 not in known(database).years
    form = fields_of(shown.text) | {"source": ""}
    refused = desk.post("/hq/working-days/import/entry", form)
    assert refused.status_code == 422 and 'id="field-source-error"' in refused.text
    assert fields_of(refused.text) == {name: value for name, value in form.items() if name != "source"}
    answer = desk.post("/hq/working-days/import/entry", form | {"source": "国办发明电〔2030〕1号"})
    assert (answer.status_code, answer.location) == (303, "/hq/working-days?year=2031")
    assert 2031 in known(database).years and known(database).is_working(date(2031, 1, 4))
    again = desk.post("/hq/working-days/import/entry", form | {"source": "x"})
    assert again.status_code == 409 and "无变化 2" in again.text


def test_every_row_that_is_wrong_is_told_and_nothing_entered(desk, database):
    answer = sent(desk, FILE + "2031-02-30,?,x,\n<b>,0,,\n")
    assert answer.status_code == 422 and "2 行有误" in answer.text
    assert "&lt;b&gt;" in answer.text and "<b>" not in answer.text
    assert fields_of(answer.text) == {} and 2031 not in known(database).years
    for content in ("", "x", "\x00\x00", b"PK\x03\x04broken"):
        assert sent(desk, content).status_code == 422


@pytest.mark.only_asks
def test_the_template_holds_what_is_known_and_is_read_back(desk):
    table = read_table(desk.get("/hq/working-days/import/template").data)
    assert table.rows[0][1] == ["日期", "上班", "名称", "英文名称"]
    if len(table.rows) > 1:
        assert all(one.day and not one.faults for one in read_days(table))


@pytest.mark.only_asks
def test_a_year_is_read_by_the_api(api):
    answer = api(cast.erp).get("/hq/working-days/2026").json
    assert (answer["complete"], answer["hours"][0]) == (True, {"opens": "09:00", "closes": "12:00"})
    assert {"day": "2026-02-14", "working": True}.items() <= next(
        one for one in answer["days"] if one["day"] == "2026-02-14"
    ).items()
    for none in ("1999", "02026", "x", "2026.0"):
        assert api(cast.erp).get(f"/hq/working-days/{none}").status_code == 404


def test_a_year_is_entered_by_the_api_and_previewed_before(api):
    erp, day = api(cast.erp), {"day": "2031-01-01", "working": False, "name_zh": "元旦"}
    body = {"source": "国办发明电〔2030〕1号", "days": [day]}
    items = [{"day": "2031-01-01", "working": False, "change": "added"}]
    path = "/hq/working-days/2031"
    assert erp.request("PUT", path, json=body | {"preview": True}).json["items"] == items
    assert not erp.get(path).json["complete"]
    assert erp.request("PUT", path, json=body).json == {"year": 2031, "items": items}
    assert erp.get(path).json["complete"]
    wrong = erp.request("PUT", path, json=body | {"days": [day, day, {**day, "day": "2032-01-01"}]})
    assert {one["pointer"]: one["code"] for one in wrong.json["errors"]} == {
        "/days/1/day": "twice",
        "/days/2/day": "other_year",
    }
    assert erp.request("PUT", path, json=body | {"revision": 1}).status_code == 409
