"""The provider of the demonstration, as the process that `bin/demo` starts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from launch import provider_stand_in
from launch.bootstrap import ROOT
from launch.process import wait_until
from tests import cast
from tests.providers.acts import BUYERS, a_provider, account_of, code_of, come_in
from tests.providers.other_issuer import DISCOVERY, OtherIssuer, free_port
from tests.web_clients import Visitor

GROUP = BUYERS.__class__("groups", "is", "sales", ("dealer_buyer",), makes=True)


@pytest.fixture
def company() -> Iterator[OtherIssuer]:
    port = free_port()
    address = f"http://{provider_stand_in.HOST}:{port}"
    with subprocess.Popen(provider_stand_in.command(port), cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            assert wait_until(lambda: process.poll() is not None or _answers(address), 30, pause=0.05)
            yield OtherIssuer(address, address)
        finally:
            process.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}{DISCOVERY}").status_code == 200
    except httpx.HTTPError:
        return False


def test_lets_its_people_in_and_out(app, company, issuer, owner):
    handle = a_provider(
        issuer,
        "http://127.0.0.1",
        rules=(GROUP,),
        by=cast.administrator.actor(),
        domains=["d0003.example"],
        client_id=provider_stand_in.CLIENT_ID,
        client_secret="",
    )
    url = owner.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    provider_stand_in.move(url, int(company.address.rpartition(":")[2]))
    visitor = Visitor(app)
    assert come_in(visitor, company, handle, "liu").status_code == 302
    assert account_of(owner, "liu@d0003.example").display_name == "刘倩"
    assert f"{company.address}/leave" in visitor.post("/logout").get_data(as_text=True)
    assert code_of(come_in(Visitor(app), company, handle, "temp")) == "no_rule_fits"
    assert owner.scalar(text("SELECT count(*) FROM provider_account")) == 1
