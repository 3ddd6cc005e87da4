"""Sales areas on their page, and a province moved with what moves shown before."""

from __future__ import annotations

from datetime import timedelta

from tests import cast
from tests.regions.acts import lies

TOMORROW = cast.TODAY + timedelta(days=1)


def page(visitor, path):
    answer = visitor.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def typed(**said):
    usual = {
        "region": cast.jiangsu.code,
        "area": cast.south.code,
        "valid_from": TOMORROW.isoformat(),
        "reason": "苏州归华南",
        "form_key": "once",
    }
    return usual | said


def test_a_province_is_moved_on_its_pages(sign_in):
    manager, colleague = sign_in(cast.national_manager), sign_in(cast.national_colleague)
    assert "/hq/region-moves/new" in page(manager, "/hq/regions")
    before = page(manager, f"/hq/region-moves/new?region=32&area=south&valid_from={TOMORROW}")
    assert cast.south_manager.display_name in before
    wrong = manager.post("/hq/region-moves", typed(valid_from="昨天", form_key="x"))
    assert wrong.status_code == 422
    wrong = manager.post("/hq/region-moves", typed(area="east", form_key="y"))
    assert wrong.status_code == 422
    for _ in range(2):
        made = manager.post("/hq/region-moves", typed())
        assert made.status_code == 303
    path = made.headers["Location"]
    assert page(manager, "/hq/regions").count('href="/hq/region-moves/BJ') == 1
    assert f"{path}/approval" not in page(manager, path) and f"{path}/withdrawal" in page(manager, path)
    assert f"{path}/approval" in page(colleague, path)
    assert manager.post(f"{path}/approval", {}).status_code == 409
    assert colleague.post(f"{path}/rejection", {"reason": " "}).status_code == 422
    assert colleague.post(f"{path}/approval", {}).status_code == 303
    assert colleague.post(f"{path}/rejection", {"reason": "x"}).status_code == 409
    tree = page(manager, f"/hq/regions?day={TOMORROW}")
    assert tree.index('id="area-south"') < tree.index(cast.jiangsu.name_zh, tree.index('id="area-'))


def test_the_tree_of_another_day_is_shown_to_everybody_of_headquarters(sign_in, owner):
    lies(owner, cast.jiangsu, cast.south, since=cast.TODAY)
    desk = sign_in(cast.order_desk)

    def area_of(day):
        shown = page(desk, f"/hq/regions?day={day}")
        return shown.rindex('id="area-', 0, shown.rindex(cast.jiangsu.name_zh))

    assert area_of(cast.TODAY) != area_of(cast.TODAY - timedelta(days=1))
    assert "/hq/region-moves/new" not in page(desk, "/hq/regions?day=nonsense")
    assert desk.get("/hq/region-moves/new").status_code == 403
    assert sign_in(cast.huadong.boss).get("/hq/regions").status_code == 404
