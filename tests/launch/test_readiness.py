"""When the demo says that it is ready."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from launch.stage import answers_ready, free_port
from tests import servers


def test_a_portal_with_everything_is_ready(live_server):
    assert answers_ready(urlsplit(live_server).port)


def test_a_portal_without_valkey_goes_on_but_the_demo_waits_for_it(settings):
    with servers.web(
        settings.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    ) as address:
        assert not answers_ready(urlsplit(address).port)


def test_where_nobody_listens_nothing_is_ready():
    assert not answers_ready(free_port(0))
