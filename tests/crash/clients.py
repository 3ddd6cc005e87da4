"""Programs that never give up: every call is repeated with the same key until it is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from threading import Event, Thread
from typing import Any

import httpx

from tests import cast
from tests.roles import System

# Key, path below /api/v1, body.
Call = tuple[str, str, dict[str, Any]]

_PAUSE_SECONDS = 0.05  # of a client that was refused
_CALL_SECONDS = 15
_PATIENCE_SECONDS = 60  # of a client with one call; longer means that something does not come back
_COME_AGAIN = frozenset({409, 503})  # the stock was taken in that instant; briefly unavailable


class Client(Thread):
    """Makes one call after the other and tells `heard` of each answer.

    `answers` holds what came of each key, `refusals` how often it was sent away and why.
    """

    def __init__(self, address: str, system: System, calls: Iterable[Call]) -> None:
        super().__init__(daemon=True)
        self._http = httpx.Client(base_url=address, timeout=_CALL_SECONDS)
        self._system = system
        self._calls = calls
        self.heard: Callable[[dict[str, Any]], None] = lambda _answer: None
        self._tired = Event()
        self.answers: dict[str, dict[str, Any]] = {}
        self.refusals: Counter[str] = Counter()
        self.failure: str | None = None

    def run(self) -> None:
        """Until every call is answered, or one is answered with something that repeating does not mend."""
        try:
            self._http.headers["Authorization"] = f"Bearer {self._token()}"
            for key, path, body in self._calls:
                answer = self._until_answered(
                    lambda path=path, body=body, key=key: self._call(path, body, key)
                )
                self.answers[key] = answer.json()
                self.heard(self.answers[key])
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"
        finally:
            self._http.close()

    def _token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._system.client_id,
            "client_secret": cast.SECRET,
        }
        return self._until_answered(lambda: self._http.post("/oauth/token", data=form)).json()["access_token"]

    def _call(self, path: str, body: dict[str, Any], key: str) -> httpx.Response:
        return self._http.post(f"/api/v1{path}", json=body, headers={"Idempotency-Key": key})

    def _until_answered(self, call: Callable[[], httpx.Response]) -> httpx.Response:
        """The first answer that stands.

        Raises for a refusal that is not passing, also for an error of the server.
        """
        for _attempt in range(round(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
            try:
                answer = call()
            except httpx.TransportError as error:
                self.refusals[type(error).__name__] += 1
            else:
                if answer.status_code not in _COME_AGAIN:
                    assert answer.is_success, f"{answer.status_code} {answer.text}"
                    return answer
                self.refusals[str(answer.status_code)] += 1
            self._tired.wait(_PAUSE_SECONDS)
        raise AssertionError(f"no answer; {self.refusals}")
