"""The main job by the API, with nothing but Python: scan, price, stock, order, follow.

    python3 walkthrough.py http://127.0.0.1:8000 d0001 SECRET '(01)06901234510034(10)A1' RECI-MS10100 1

Base address, client id and secret, a scanned code, then SKU and quantity of an order.
"""

from __future__ import annotations

import base64
import json
import sys
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

ATTEMPTS = 5


class Refused(Exception):
    """What the portal did not accept. Programs go by `code`, people read the faults."""

    def __init__(self, problem: dict[str, Any]) -> None:
        faults = [f"{one['pointer']}: {one['message']} {one['fix']}" for one in problem["errors"]]
        super().__init__("\n".join([problem["detail"], *faults]))
        self.code: str = problem["code"]
        self.errors: list[dict[str, Any]] = problem["errors"]


class Portal:
    """The API for one program."""

    def __init__(self, base: str, client_id: str, secret: str) -> None:
        self._base = base.rstrip("/")
        self._credentials = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        self._token, self._good_until = "", 0.0

    def get(self, path: str, **query: Any) -> Any:
        """What stands there."""
        return self._ask("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def post(self, path: str, body: Any, key: str = "") -> Any:
        """Act. With a key, one act however often it is sent: keep it until there is an answer."""
        return self._ask("POST", path, body, {"Idempotency-Key": key} if key else {})

    def every(self, path: str, **query: Any) -> Iterator[Any]:
        """The entries of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        sent = None if body is None else json.dumps(body).encode()
        for attempt in range(1, ATTEMPTS + 1):
            request = Request(f"{self._base}/api/v1{path}", sent, method=method, headers=headers or {})
            request.add_header("Authorization", f"Bearer {self._current_token()}")
            request.add_header("Accept-Language", "en")
            if sent is not None:
                request.add_header("Content-Type", "application/json")
            try:
                with urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except HTTPError as refusal:
                problem = json.load(refusal)
                if refusal.code == 401 and attempt == 1:
                    self._good_until = 0.0
                elif refusal.code in (429, 503) and attempt < ATTEMPTS:
                    time.sleep(int(refusal.headers.get("Retry-After", "1")))
                else:
                    raise Refused(problem) from None
        raise AssertionError("not reached")

    def _current_token(self) -> str:
        if time.monotonic() >= self._good_until:
            request = Request(f"{self._base}/oauth/token", b"grant_type=client_credentials")
            request.add_header("Authorization", f"Basic {self._credentials}")
            with urlopen(request, timeout=30) as answer:
                granted = json.load(answer)
            self._token = granted["access_token"]
            self._good_until = time.monotonic() + granted["expires_in"] - 60
        return self._token


def scanned(portal: Portal, code: str, symbology: str | None = None) -> dict[str, Any]:
    """What a code says. Where its separators are lost, whoever holds the label is asked."""
    try:
        return portal.post("/scan", {"data": code, "symbology": symbology})
    except Refused as refusal:
        if refusal.code != "separators_lost":
            raise
        readings = [one["actual"] for one in refusal.errors]
        for place, reading in enumerate(readings, start=1):
            print(f"{place}) {reading}")
        return portal.post("/scan", {"data": readings[int(input("Which does the label say? ")) - 1]})


def ordered(portal: Portal, sku: str, quantity: int) -> dict[str, Any]:
    """An order at the price that was seen, or a refusal: never at another one."""
    lines = [{"sku": sku, "quantity": quantity}]
    quote = portal.post("/price-quotes", {"lines": lines})
    lines[0]["expected_unit_price"] = quote["lines"][0]["unit_price"]
    order = {"purchase_order_no": "WALK-1", "lines": lines}
    portal.post("/orders/validation", order)
    return portal.post("/orders", order, key=str(uuid.uuid4()))


def main(base: str, client_id: str, secret: str, code: str, sku: str, quantity: str) -> None:
    """Everything in a row."""
    portal = Portal(base, client_id, secret)
    print("I am", portal.get("/me")["actor"]["label"])
    said = scanned(portal, code)
    print("The code says", said["di"], said["lot"], said["serial"], said["expiry"], "of", said["sku"])
    for stock in portal.get("/stock", sku=sku)["items"]:
        for place in stock["warehouses"]:
            print("In stock", stock["sku"], place["available"], "at", place["warehouse"])
    order = ordered(portal, sku, int(quantity))
    print("Ordered", order["number"], order["status"], order["total"])
    print("Orders of ours:", sum(1 for _ in portal.every("/orders", limit=50)))
    for shipment in portal.get(f"/orders/{order['number']}/shipments")["items"]:
        print("On its way", shipment["number"])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refusal:
        sys.exit(str(refusal))
