"""W8: a quick order of 500 pasted lines, read, priced, checked and shown: as JSON and as the page.

Clean, and as people paste it: doubled, unknown, nearly right, broken and unreadable lines among the others.
"""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable

import httpx
from sqlalchemy import event

from bench.signed_in import session_cookie
from bench.stage import HOST, Stage
from config import Settings
from portal.app import create_app
from portal.web.request import Portal

GOALS = {"p95_ms": 300, "statements": 12, "rows": "every line is answered"}
LINES = 500
_REPEATED = 20
_SCOPES = ("BEGIN", "SELECT set_config('app.")
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_SKUS = """
SELECT p.sku, p.pack_multiple FROM product p
 WHERE p.state = 'active' AND EXISTS (SELECT FROM list_price l WHERE l.product_id = p.id)
 ORDER BY p.id LIMIT 500
"""
# Of a good line: SKU, quantity, and what number it has.
_AS_PASTED = (
    "{sku}\t{quantity}",
    "{sku} ， {quantity}盒",
    "{sku}\t{quantity}",
    "{sku}9;{quantity}",
    "NO-SUCH-{n}\t5",
    "{sku}\tabc",
    "=A{n}\t3",
    "{sku}\t1,000",
)


def run(stage: Stage) -> dict:
    """Milliseconds of both sheets, as JSON and as a page; statements of a call."""
    client = stage.dealer_clients()[0]
    user = next(user for user in stage.credentials["users"] if user["dealer"] == client["dealer"])
    base = f"http://{HOST}:{stage.port}"
    bearer = {"Authorization": f"Bearer {stage.token(client)}"}
    cookie = {"Cookie": session_cookie(base, user["email"], user["password"])}
    sheets = _sheets(stage)
    measured: dict[str, object] = {}
    with httpx.Client(base_url=base, timeout=60) as http:
        token = _TOKEN.search(http.get("/quick-order", headers=cookie).text)
        assert token is not None  # every form has one
        form = {"csrf_token": token[1]}
        for name, text in sheets.items():
            measured[f"{name}_json"] = _timed(
                lambda text=text: http.post("/api/v1/order-sheets", json={"text": text}, headers=bearer)
            )
            measured[f"{name}_page"] = _timed(
                lambda text=text: http.post("/quick-order", data=form | {"pasted": text}, headers=cookie)
            )
            answer = http.post("/api/v1/order-sheets", json={"text": text}, headers=bearer).json()
            measured[f"{name}_rows"] = {
                "answered": len(answer["rows"]),
                "accepted": answer["accepted"],
                "refused": answer["refused"],
            }
    app = create_app(Settings())
    return {
        "lines": LINES,
        **measured,
        "statements": {name: _statements(app, stage, bearer, text) for name, text in sheets.items()},
        "goals": GOALS,
    }


def _sheets(stage: Stage) -> dict[str, str]:
    with stage.connect() as connection:
        goods = connection.execute(_SKUS).fetchall()
    lines = [(n, *goods[n % len(goods)]) for n in range(LINES)]
    return {
        "clean": "\n".join(f"{sku}\t{pack}" for _, sku, pack in lines),
        "as_pasted": "\n".join(
            _AS_PASTED[n % len(_AS_PASTED)].format(sku=sku, quantity=pack, n=n) for n, sku, pack in lines
        ),
    }


def _timed(ask: Callable[[], httpx.Response]) -> dict[str, object]:
    took = []
    for _ in range(_REPEATED):
        began = time.perf_counter()
        answer = ask()
        took.append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            raise SystemExit(f"{answer.request.url}: {answer.status_code} {answer.text[:300]}")
    return {
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(sorted(took)[int(len(took) * 0.95) - 1], 1),
        "bytes": len(answer.content),
        "bytes_sent": answer.num_bytes_downloaded,
    }


def _statements(app: Portal, stage: Stage, bearer: dict[str, str], text: str) -> int:
    """What a call asks of the database, once its caller is known."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.lstrip().startswith(_SCOPES):
            asked.append(statement)

    def call() -> int:
        return (
            app.test_client(use_cookies=False)
            .post(
                "/api/v1/order-sheets",
                base_url=f"http://{HOST}:{stage.port}",
                json={"text": text},
                headers=bearer,
            )
            .status_code
        )

    call()
    event.listen(app.database.engine, "before_cursor_execute", note)
    try:
        if (status := call()) != 200:
            raise SystemExit(f"an order sheet was answered with {status}")
    finally:
        event.remove(app.database.engine, "before_cursor_execute", note)
    return len(asked)
