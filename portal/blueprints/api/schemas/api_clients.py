"""API clients as JSON."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from portal.identity.client_rules import NETWORKS_MAX, OVERLAP_MAX
from portal.identity.rules import NAME_MAX
from portal.kernel.errors import N_
from portal.kernel.out_addresses import URL_MAX
from portal.web.api.fields import Code, Moment, MomentText, PageQuery, Shape, Text, Whole


class ClientBody(
    Shape,
    about=N_(
        "A system and what it may do. With `jwks` or `jwks_uri` it signs (private_key_jwt), else it gets a "
        "secret."
    ),
):
    name: Text = Field("", max_length=NAME_MAX, examples=["ERP"])
    scopes: list[Code] = Field(default=[], max_length=200, examples=[["orders:read", "orders:write"]])
    networks: list[Text] = Field(
        default=[],
        max_length=NETWORKS_MAX,
        description=N_("From where it may ask; empty for everywhere."),
        examples=[["203.0.113.0/24"]],
    )
    jwks: dict[str, Any] | None = Field(
        None, description=N_("Its public key as JWK, or a set of them. Never a private one.")
    )
    jwks_uri: Text = Field(
        "",
        max_length=URL_MAX,
        description=N_("Where it publishes them instead."),
        examples=["https://erp.example.com/jwks.json"],
    )
    dealer: Code | None = Field(
        None, description=N_("Whose system it is, for headquarters; headquarters' own where it is left out.")
    )


class ClientPatch(Shape, about=N_("What changes; what is left out stays.")):
    name: Text | None = Field(None, max_length=NAME_MAX)
    scopes: list[Code] | None = Field(None, max_length=200)
    networks: list[Text] | None = Field(None, max_length=NETWORKS_MAX)
    jwks: dict[str, Any] | None = None
    jwks_uri: Text | None = Field(None, max_length=URL_MAX)
    revision: int | None = Field(None, description=N_("As it was read: refused if somebody changed it."))


class RotationBody(Shape, about=N_("How long both secrets are good.")):
    overlap_hours: Whole = Field(
        24,
        description=N_("Hours for which the secret before is good too; 0 ends it at once."),
        json_schema_extra={"minimum": 0, "maximum": OVERLAP_MAX.days * 24},
    )
    former_until: Moment | None = Field(
        None, description=N_("The moment at which the secret before ends, instead.")
    )


class ClientShape(Shape, about=N_("A client. `changing`: two secrets are good.")):
    id: str = Field(description=N_("The same as `client_id`."), examples=["ac-4c8p0xnq7r2m"])
    client_id: str = Field(examples=["ac-4c8p0xnq7r2m"])
    name: str
    dealer: str | None
    scopes: list[str]
    networks: list[str]
    method: Literal["secret", "private_key"]
    key_ids: list[str] = Field(description=N_("Names of the public keys that are kept here."))
    jwks_uri: str | None
    state: Literal["active", "changing", "revoked"]
    former_secret_until: MomentText | None
    last_used_at: MomentText | None = Field(description=N_("When it got its last token, to five minutes."))
    last_used_from: str | None
    created_at: MomentText
    created_by: str | None
    revoked_at: MomentText | None
    revision: int


class NewClientShape(ClientShape, about=N_("A client with its secret, which is told once.")):
    client_secret: str | None = Field(
        description=N_("Absent for one that signs."), examples=["q0Yf1ySxkXcH3nVQ8a5m2u7b4d9e6g1h"]
    )


class RevokedClient(Shape, about=N_("A client that was revoked.")):
    id: str


class ClientPage(Shape, about=N_("Clients by identifier.")):
    items: list[ClientShape]
    next_cursor: str | None


class ClientsQuery(PageQuery):
    """Whose clients."""

    dealer: Text | None = Field(
        None,
        max_length=64,
        description=N_("Code of a dealer, for headquarters; empty for headquarters' own."),
    )
