"""The document is valid, complete, and shows nothing that is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from portal.kernel.registry import registry
from portal.web.api.operations import PREFIX
from tests.api.contract import OPERATIONS

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(app):
    answer = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.json


def walk(part: Any) -> Iterator[dict]:
    """Every object in a document."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from walk(inner)


def calls(document) -> dict[tuple[str, str], dict]:
    return {
        (method, path): told
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }


@pytest.mark.only_asks
def test_it_is_openapi_3_1(document):
    assert document["openapi"].startswith("3.1.")
    assert set(document) == {"openapi", "info", "servers", "tags", "paths", "components"}
    assert document["info"]["title"] and re.fullmatch(r"\d+\.\d+\.\d+", document["info"]["version"])


@pytest.mark.only_asks
def test_it_covers_exactly_the_routes_there_are(app, document):
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.endpoint.startswith("api.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == set(calls(document))


@pytest.mark.only_asks
def test_every_reference_leads_somewhere(document):
    for part in walk(document):
        if isinstance(reference := part.get("$ref"), str):
            found = document
            for step in reference.removeprefix("#/").split("/"):
                assert step in found, reference
                found = found[step]


@pytest.mark.only_asks
def test_every_component_is_used(document):
    text = json.dumps(document)
    names = [
        f"#/components/{section}/{name}"
        for section in ("schemas", "responses")
        for name in document["components"][section]
    ]
    assert not [name for name in names if f'"{name}"' not in text]


@pytest.mark.only_asks
def test_every_call_has_its_own_name_words_answers_and_security(document):
    told = list(calls(document).values())
    assert len({call["operationId"] for call in told}) == len(told)
    for call in told:
        assert (
            call["summary"]
            and call["description"]
            and call["tags"][0] in {tag["name"] for tag in document["tags"]}
        )
        assert {"401", "403", "429", "503"} <= set(call["responses"]) and any(
            status.startswith("2") for status in call["responses"]
        )
        assert all(
            response.get("description") or "$ref" in response for response in call["responses"].values()
        )
        assert {scope for need in call["security"] for scope in need["oauth"]} <= registry().every_right


@pytest.mark.only_asks
def test_every_parameter_of_a_path_is_declared(document):
    for (_, path), call in calls(document).items():
        declared = {parameter["name"] for parameter in call["parameters"] if parameter["in"] == "path"}
        assert declared == set(re.findall(r"{(\w+)}", path))
        assert all(parameter["required"] for parameter in call["parameters"] if parameter["in"] == "path")


@pytest.mark.only_asks
def test_every_parameter_is_said_once_with_a_schema(document):
    for call in calls(document).values():
        names = [(parameter["in"], parameter["name"]) for parameter in call["parameters"]]
        assert len(names) == len(set(names))
        assert all(parameter["schema"].get("type") for parameter in call["parameters"])


@pytest.mark.only_asks
@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in OPERATIONS if entry.body])
def test_examples_are_what_they_are_examples_of(entry):
    for example in entry.body.model_json_schema().get("examples", ()):
        entry.body.model_validate(example)


@pytest.mark.only_asks
def test_money_is_text_and_quantities_are_integers(document):
    schemas = document["components"]["schemas"]
    money = {
        "unit_price",
        "list_price",
        "discount",
        "amount",
        "tax",
        "total",
        "gross",
        "net",
        "opening",
        "closing",
        "debit",
        "credit",
        "balance",
    }
    units = {
        "quantity",
        "reserved",
        "backordered",
        "available",
        "in_transit",
        "min_quantity",
        "pack_multiple",
        "shipped",
    }
    for schema in schemas.values():
        for name, member in schema.get("properties", {}).items():
            kinds = {one["type"] for one in member.get("anyOf", [member]) if "type" in one} - {"null"}
            counts_work = name == "total" and "done" in schema["properties"]
            is_figures = "$ref" in member  # amounts of their own, which this looks at too
            assert name not in money or counts_work or is_figures or kinds == {"string"}, name
            of_budget = name == "reserved" and "spent" in schema["properties"]
            assert name not in units or kinds == {"string" if of_budget else "integer"}, name


@pytest.mark.only_asks
def test_nobody_needs_a_token_to_read_it(app):
    for path in ("/api/v1/openapi.json", "/api/v1/docs"):
        assert app.test_client().get(path).status_code == 200


@pytest.mark.only_asks
def test_it_is_chinese_to_those_who_read_chinese(app):
    whole = app.test_client().get("/api/v1/openapi.json", headers={"Accept-Language": "zh-CN"}).json
    words = [
        part[name]
        for part in walk(whole)
        for name in ("summary", "description")
        if isinstance(part.get(name), str) and part[name]
    ]
    assert len(words) > 200 and not [text for text in words if not re.search("[一-鿿]", text)]


@pytest.mark.only_asks
def test_it_is_not_sent_twice(app):
    client = app.test_client()
    tag = client.get("/api/v1/openapi.json").headers["ETag"]
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": tag}).status_code == 304


@pytest.fixture
def pages(app, document):
    """The pages of the description in English, the first one and those of its chapters, by address."""
    addresses = ["/api/v1/docs", *(f"/api/v1/docs/{tag['name']}" for tag in document["tags"])]
    client = app.test_client()
    found = {address: client.get(address, headers={"Accept-Language": "en"}) for address in addresses}
    assert {answer.status_code for answer in found.values()} == {200}
    return found


@pytest.mark.only_asks
def test_the_pages_show_every_call_under_the_strict_policy(document, pages):
    text_of = {address: answer.get_data(as_text=True) for address, answer in pages.items()}
    for call in calls(document).values():
        page = text_of[f"/api/v1/docs/{call['tags'][0]}"]
        assert f'id="{call["operationId"]}"' in page and call["summary"] in page
    for address, page in text_of.items():
        assert "script-src 'self'" in pages[address].headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=", page)
        identifiers = re.findall(r'\bid="([^"]+)"', page)
        assert len(identifiers) == len(set(identifiers))
        assert set(re.findall(r'href="#([^"]+)"', page)) <= set(identifiers)


@pytest.mark.only_asks
def test_the_first_page_leads_to_every_chapter_and_every_call(document, pages):
    led_to = set(re.findall(r'href="(/api/v1/docs/[^"]+)"', pages["/api/v1/docs"].get_data(as_text=True)))
    assert set(pages) - {"/api/v1/docs"} <= led_to
    assert {address for address in led_to if "#" in address} == {
        f"/api/v1/docs/{call['tags'][0]}#{call['operationId']}" for call in calls(document).values()
    }


@pytest.mark.only_asks
def test_there_is_no_page_of_a_chapter_that_is_none(app):
    assert app.test_client().get("/api/v1/docs/nothing").status_code == 404


@pytest.mark.only_asks
def test_the_token_address_is_the_issuers(app, document):
    told = app.test_client().get("/.well-known/openid-configuration").json
    assert (
        document["components"]["securitySchemes"]["oauth"]["flows"]["clientCredentials"]["tokenUrl"]
        == told["token_endpoint"]
    )
