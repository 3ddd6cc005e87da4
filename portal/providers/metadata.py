"""What a provider publishes about itself (OpenID Connect Discovery): read with suspicion. Pure.

Whoever says who the issuer is says where people type their passwords and by which keys they are believed. So
the issuer must be the one that was entered, to the letter, and every address one that may be asked at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from portal.kernel.out_addresses import URL_MAX, AddressRefused, destination
from portal.providers.refusals import NotLetIn, Why

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
WELL_KNOWN = "/.well-known/openid-configuration"
BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parts that signing in needs. names_itself: whether answers carry ``iss`` (RFC 9207)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    end_session_endpoint: str
    methods: tuple[str, ...]
    names_itself: bool


def issuer_of(address: str) -> str:
    """The issuer that somebody entered, as such or as the address of its metadata."""
    text = address.strip().removesuffix(WELL_KNOWN)
    return text if urlsplit(text).path.strip("/") else text.rstrip("/")


def may_be_asked(url: str, *, plain: bool) -> bool:
    """Whether an address may be one of a provider: https, or http on this machine where that is allowed."""
    try:
        to = destination(url)
    except AddressRefused:
        return False
    return to.scheme == "https" or (plain and to.host in LOOPBACK)


def read_metadata(body: bytes, *, issuer: str, plain: bool) -> Metadata:
    """The metadata of an issuer. plain: whether http on this machine is allowed.

    Raises NotLetIn for what is malformed, of another issuer, or lacks what signing in needs.
    """
    told = _object(body)
    if told.get("issuer") != issuer and told.get("issuer") != f"{issuer}/":
        raise NotLetIn(Why.METADATA, f"issuer is {str(told.get('issuer'))[:100]!r}, not {issuer!r}")
    for name, needed, usual in (
        ("response_types_supported", "code", ["code"]),
        ("code_challenge_methods_supported", "S256", ["S256"]),
        ("response_modes_supported", "query", ["query"]),
    ):
        if needed not in _texts(told, name, usual):
            raise NotLetIn(Why.METADATA, f"{name} lacks {needed}")
    addresses = {name: _address(told, name, needed, plain) for name, needed in _ADDRESSES.items()}
    return Metadata(
        issuer=str(told["issuer"]),
        methods=_texts(told, "token_endpoint_auth_methods_supported", [BASIC]),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        **addresses,
    )


_ADDRESSES = {
    "authorization_endpoint": True,
    "token_endpoint": True,
    "jwks_uri": True,
    "userinfo_endpoint": False,
    "end_session_endpoint": False,
}


def object_of(body: bytes) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _object(body: bytes) -> dict[str, Any]:
    read = object_of(body)
    if read is None:
        raise NotLetIn(Why.METADATA, "no JSON object")
    return read


def _texts(told: Mapping[str, Any], name: str, usual: list[str]) -> tuple[str, ...]:
    listed = told.get(name, usual)
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise NotLetIn(Why.METADATA, f"{name} is no list of texts")
    return tuple(listed)


def _address(told: Mapping[str, Any], name: str, needed: bool, plain: bool) -> str:
    url = told.get(name)
    if url is None and not needed:
        return ""
    if not isinstance(url, str) or len(url) > URL_MAX or not may_be_asked(url, plain=plain):
        raise NotLetIn(Why.METADATA, f"{name} is {str(url)[:100]!r}")
    if "#" in url:
        raise NotLetIn(Why.METADATA, f"{name} has a fragment")
    return url
