"""Holds answers against what the table of operations promises."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from portal.capabilities import CAPABILITIES
from portal.statements.workbook import XLSX
from portal.web.api.operations import PDF, PREFIX, Operation, operations_of
from portal.web.api.problem import Problem

OPERATIONS = operations_of(CAPABILITIES)


def operation_of(method: str, path: str) -> Operation:
    """The call that a request made, the most literal where two fit."""
    fitting = [
        entry
        for entry in OPERATIONS
        if entry.method == method and re.fullmatch(_pattern(entry), path.removeprefix(PREFIX))
    ]
    return min(fitting, key=lambda entry: (len(entry.parameters), -len(entry.path)))


def _pattern(entry: Operation) -> str:
    return re.sub(r"<(?:[a-z]+:)?[a-z_]+>", "[^/]+", entry.path)


def kept(response: TestResponse) -> Any:
    """The JSON of an answer with the promised status and, member by member, the promised form."""
    entry = operation_of(response.request.method, response.request.path)
    assert response.status_code == entry.status, response.get_data(as_text=True)
    if entry.media == PDF:
        assert response.mimetype == PDF and response.data.startswith(b"%PDF-")
        return None
    if entry.media == XLSX:
        assert response.mimetype == XLSX and response.data.startswith(b"PK")
        return None
    assert response.content_type == "application/json"
    entry.answers.model_validate(response.json)
    return response.json


def refused(response: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem of a refusal, in its form."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    problem = response.json
    Problem.model_validate(problem)
    assert problem["status"] == status and problem["title"] and problem["detail"]
    assert code is None or problem["code"] == code, problem
    assert all(fault["message"] for fault in problem["errors"])
    return problem


def faults(response: TestResponse, status: int = 422) -> dict[str, str]:
    """Code by pointer of every fault of a refusal; each says what to do."""
    problem = refused(response, status)
    assert all(fault["fix"] for fault in problem["errors"]), problem
    found = {fault["pointer"]: fault["code"] for fault in problem["errors"]}
    assert len(found) == len(problem["errors"]), "two faults at one place"
    return found
