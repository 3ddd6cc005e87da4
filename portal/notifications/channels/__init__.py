"""Ways to tell people beside inbox and mail, all by one contract: robots of groups, and text messages.

A channel makes the request in its service's signed form and reads what that answers. How the request is sent
it is told (`Post`), so that nothing here opens a connection by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class Kind(StrEnum):
    """The services that there are channels for."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said. link: the portal's page that shows more. mobile: whom a text message is for."""

    subject: str
    sentence: str
    facts: tuple[tuple[str, str], ...] = ()
    link: str = ""
    link_label: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """Where it is said. body: of a gateway for text messages, the JSON it takes."""

    url: str
    secret: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The service took it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The service did not take it, or cannot be reached; trying again may help once the reason is gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """The service wants it later."""

    seconds: int


Outcome = Sent | Refused | Later


class Request(NamedTuple):
    """What goes to a service."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as much of it as a channel reads."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


Post = Callable[[Request], Answer]
"""Sends a request. Raises OSError where there is no answer."""


class Channel(Protocol):
    """One way to tell people."""

    def send(self, message: Message) -> Outcome:
        """Say it. Raises nothing that a service, or the way to it, can be to blame for."""
        ...


class Service(Protocol):
    """The form of one kind of service: pure functions."""

    def request(self, target: Target, message: Message, at: datetime) -> Request:
        """The signed request that says a message."""
        ...

    def outcome(self, answer: Answer) -> Outcome:
        """What an answer means."""
        ...


class HttpChannel:
    """A service that is told by HTTP."""

    def __init__(self, service: Service, target: Target, post: Post, now: Callable[[], datetime]) -> None:
        self._service, self._target, self._post, self._now = service, target, post, now

    def send(self, message: Message) -> Outcome:
        """Send the request and read the answer."""
        try:
            answer = self._post(self._service.request(self._target, message, self._now()))
        except OSError as error:
            return Refused(f"{type(error).__name__}: {error}"[:300])
        return self._service.outcome(answer)
