"""How a robot's message leaves: by its service's form, to hosts that are allowed, within a limited time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from portal.kernel import http_out
from portal.kernel.http_out import AddressRefused, SendingFailed
from portal.kernel.opaque import Sealer
from portal.kernel.out_addresses import destination
from portal.notifications.channels import Answer, Channel, HttpChannel, Request, Target
from portal.notifications.channels.by_kind import SERVICES
from portal.notifications.robots import Robot
from portal.notifications.vocabulary import ROBOTS

TIMEOUT_SECONDS = 8.0
ANSWER_MAX = 16 * 1024  # bytes


@dataclass(frozen=True, slots=True)
class Way:
    """What every robot shares. hosts: that may be sent to; private: networks of ours that may."""

    sealer: Sealer
    hosts: Collection[str]
    private: Collection[str] = ()

    def seal(self, url: str, secret: str) -> str:
        """An address and its secret as they are kept."""
        return self.sealer.seal(ROBOTS.purpose, [url, secret])

    def opened(self, sealed: str) -> tuple[str, str]:
        """Address and secret; empty ones where the application secret is another than when it was sealed."""
        try:
            url, secret = self.sealer.open(ROBOTS.purpose, sealed)
        except ValueError:
            return "", ""
        return str(url), str(secret)

    def allows(self, url: str) -> bool:
        """Whether an address is on the list of hosts."""
        try:
            return destination(url).host in self.hosts
        except AddressRefused:
            return False


def sender(robot: Robot, way: Way, now: Callable[[], datetime]) -> Channel:
    """The channel of a robot."""
    url, secret = way.opened(robot.sealed)

    def post(request: Request) -> Answer:
        if not way.allows(request.url):
            raise ConnectionError("this host is not on the list of robot hosts")
        try:
            answer = http_out.post(
                request.url,
                request.body,
                request.headers,
                timeout=TIMEOUT_SECONDS,
                allow_private=way.private,
                max_answer=ANSWER_MAX,
            )
        except (AddressRefused, SendingFailed) as error:
            raise ConnectionError(str(error)) from error
        return Answer(answer.status, answer.body, answer.headers)

    return HttpChannel(SERVICES[robot.kind], Target(url, secret, robot.body), post, now)
