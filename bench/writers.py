"""Clients that place orders through the proxies, each sent again under its key until it is acknowledged."""

from __future__ import annotations

import base64
import http.client
import random
import ssl
import threading
import time
import urllib.parse
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import orjson

_LINES = 5
_PATIENCE_SECONDS = 45  # of a client: 30 may pass in the portal's line, and ten in the pooler's
_THINKING_SECONDS = 0.5  # from one order to the next, so that it is not the load that is measured
_AGAIN_SECONDS = 0.25  # sooner than Retry-After asks, so that a pause is measured to a quarter of a second
_LAST_SECONDS = 60  # for the order at hand when the run ends
# The certificates of the hosts are their own.
_TLS = ssl._create_unverified_context()


@dataclass
class Seen:
    """What the clients saw. acknowledged: moment and number of each order; wrong: answers that may not be."""

    acknowledged: list[tuple[float, str]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    slowest_seconds: float = 0.0


class Writers:
    """A client a dealer; all of them ask one proxy after the other."""

    def __init__(
        self, proxies: Sequence[str], clients: Sequence[dict], products: Sequence[list[tuple[str, int]]]
    ) -> None:
        """clients: as credentials.json lists them; products: what each may order, and in which multiples."""
        self.run = uuid.uuid4().hex[:8]
        self.seen = Seen()
        self._proxies = proxies
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(place, self._token(client), offered), daemon=True)
            for place, (client, offered) in enumerate(zip(clients, products, strict=True))
        ]

    def start(self) -> None:
        """Begin to order."""
        for thread in self._threads:
            thread.start()

    def end(self) -> bool:
        """Have each finish the order at hand; whether all of them could."""
        self._ending.set()
        deadline = time.monotonic() + _LAST_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def since(self, moment: float) -> int:
        """How many orders were acknowledged since."""
        with self._lock:
            return sum(1 for at, _ in self.seen.acknowledged if at >= moment)

    def pause(self, begun: float, ended: float) -> float:
        """The longest time without an acknowledgement that touches this span."""
        with self._lock:
            moments = sorted(at for at, _ in self.seen.acknowledged)
        before = max((at for at in moments if at < begun), default=begun)
        within = [at for at in moments if begun <= at <= ended]
        return max(later - earlier for earlier, later in pairwise([before, *within, ended]))

    def _token(self, client: dict) -> str:
        pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
        form = {"grant_type": "client_credentials", "scope": " ".join(client["scopes"])}
        status, _, body = self._ask(
            self._proxies[0],
            "/oauth/token",
            {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"},
            urllib.parse.urlencode(form).encode(),
        )
        if status != 200:
            raise SystemExit(f"no token for {client['dealer']}: {status} {body[:200]!r}")
        return orjson.loads(body)["access_token"]

    def _write(self, place: int, token: str, products: list[tuple[str, int]]) -> None:
        chance, turn, count = random.Random(place), place, 0
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while not self._ending.is_set():
            count += 1
            number = f"HA-{self.run}-{place}-{count}"
            lines = [{"sku": sku, "quantity": multiple} for sku, multiple in chance.sample(products, _LINES)]
            body = orjson.dumps({"purchase_order_no": number, "lines": lines})
            key = {"Idempotency-Key": uuid.uuid4().hex}
            while True:
                turn += 1
                if self._placed(self._proxies[turn % len(self._proxies)], headers | key, body, number):
                    break
                time.sleep(_AGAIN_SECONDS)
            self._ending.wait(_THINKING_SECONDS)

    def _placed(self, proxy: str, headers: dict[str, str], body: bytes, number: str) -> bool:
        """Whether this try was acknowledged; all but a 503 that says when to come again is wrong."""
        asked = time.monotonic()
        status, again, told = self._ask(proxy, "/api/v1/orders", headers, body)
        now = time.monotonic()
        with self._lock:
            self.seen.statuses[status] += 1
            self.seen.slowest_seconds = max(self.seen.slowest_seconds, now - asked)
            if status == 201:
                self.seen.acknowledged.append((now, number))
            elif status != 503 or not again:
                self.seen.wrong[f"{status} {told[:160].decode(errors='replace')}"] += 1
        return status == 201

    def _ask(
        self, proxy: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, str | None, bytes]:
        """Status, Retry-After and body of the answer; status 0 and the reason where there was none."""
        connection = http.client.HTTPSConnection(proxy, timeout=_PATIENCE_SECONDS, context=_TLS)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheader("Retry-After"), answer.read()
        except (OSError, http.client.HTTPException) as error:
            return 0, None, repr(error).encode()
        finally:
            connection.close()
