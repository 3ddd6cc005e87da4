"""Every setting of the portal, read once from the environment into one frozen object.

Names in the environment are the field names in upper case with the prefix ``TONGLU_``;
``DATABASE_URL`` and ``REDIS_URL`` keep the names every platform gives them.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.kernel.printable import named_character, unprintable


class Settings(BaseSettings):
    """Configuration of one process. Built by ``Settings()``, passed to ``create_app`` and the workers."""

    model_config = SettingsConfigDict(env_prefix="TONGLU_", frozen=True, extra="ignore")

    # Storage, as the role that serves. The owner's address is no setting: only `bin/portal migrate` knows it.
    database_url: SecretStr = Field(validation_alias=AliasChoices("database_url", "DATABASE_URL"))
    # Another role of it, which signs people in; only web processes know it.
    issuer_database_url: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("issuer_database_url", "ISSUER_DATABASE_URL")
    )
    redis_url: SecretStr = Field(validation_alias=AliasChoices("redis_url", "REDIS_URL"))
    database_pool_size: int = 6
    database_prepares: bool = True  # poolers of transactions before PgBouncer 1.21 lose what is prepared

    # Secrets. `secret_key` signs sessions and CSRF tokens and encrypts the issuer's private keys at rest.
    secret_key: SecretStr = Field(min_length=32)
    secret_key_also: tuple[Annotated[SecretStr, Field(min_length=32)], ...] = Field(
        default=(), description="Secret keys that are still, or already, accepted, as JSON"
    )
    base_url: str = "http://127.0.0.1:8000"
    hosts: tuple[str, ...] = Field(
        default=(), description="Names beside that of base_url under which the portal answers, as JSON"
    )
    cookie_secure: bool = True
    trusted_proxies: int = 0

    # The market: nothing of this is hard-wired elsewhere.
    currency: str = "CNY"
    business_timezone: str = "Asia/Shanghai"
    default_locale: str = "zh"
    locales: tuple[str, ...] = ("zh", "en")

    # Company that issues invoices and statements.
    company_name_zh: str = "通路医疗科技有限公司"
    company_name_en: str = "Tonglu Medical Technology Co., Ltd."
    company_address: str = "上海市浦东新区示例路 100 号"
    company_credit_code: str = "91310000MA1FL0000X"
    outbound_seal: str = Field(
        default="", description="PNG file of the outbound seal on delivery notes; empty draws one"
    )
    gs1_company_prefix: str = Field(
        default="",
        pattern=r"^(|\d{4,12})$",
        description="The company's prefix at GS1: packages get serial shipping container codes (SSCC)",
    )
    company_bank: str = "示例银行上海分行 6222 0000 0000 0000"

    finance_phone: str = Field(
        default="", max_length=64, description="Whom dealers call about what they owe; on letters and pages"
    )
    terms_days_by_law: int = Field(
        default=60, ge=1, le=365, description="Longer terms of payment are agreed with a warning"
    )

    # The electronic signature under statements. Workers sign; web processes need the certificate's path only,
    # to know that papers are signed.
    signing_key: str = Field(
        default="", description="PEM file of the private key, readable by its owner alone; workers only"
    )
    signing_certificate: str = Field(
        default="", description="PEM file of its certificate and those above it; empty signs nothing"
    )
    signing_passphrase: SecretStr = Field(
        default=SecretStr(""), description="Passphrase of the key; workers only"
    )

    # The seal of the audit.
    audit_key: str = Field(default="", description="PEM file of its private Ed25519 key; workers only")

    # Rules with a business owner. Days are calendar days.
    saleable_days_before_expiry: int = Field(
        default=1, ge=0, description="A lot sells until this many days before expiry"
    )
    receipt_shelf_days: int = Field(
        default=15, ge=0, description="A lot is received with more than this many days before its expiry"
    )
    outbound_review: bool = Field(
        default=True, description="People ship only what another person has reviewed"
    )
    replenishment_days: int = Field(
        default=30, ge=1, description="How long goods take that are neither in stock nor on their way"
    )
    delivery_days: int = Field(
        default=3, ge=0, le=60, description="Days of a parcel's way where nobody has entered any"
    )
    event_clock_minutes: int = Field(
        default=15, ge=0, le=1440, description="How far a carrier's clock may be ahead of ours"
    )
    # Temperatures of cold goods on their way: how far and how long beyond their range is no excursion, and
    # how often a logger measures at least.
    cold_tolerance_celsius: Decimal = Field(default=Decimal("0.0"), ge=0, le=5)
    cold_out_minutes: int = Field(default=2, ge=0, le=120)
    cold_interval_minutes: int = Field(default=5, ge=1, le=120)
    short_dated_days: int = Field(
        default=180, ge=1, description="A dealer is warned of lots that expire within so many days"
    )
    # Amounts in `currency`. A correction above the first needs a second person; a payment above the second,
    # or more than the third above all that the dealer owes and has ordered, is booked only when somebody
    # confirms it.
    correction_alone_max: Decimal = Field(default=Decimal("10000.00"), ge=0)
    payment_unasked_max: Decimal = Field(default=Decimal("5000000.00"), ge=0)
    payment_advance_unasked_max: Decimal = Field(default=Decimal("200000.00"), ge=0)
    account_codes: dict[str, Annotated[str, Field(pattern=r"^[0-9][0-9.]{0,19}$")]] = Field(
        default={},
        description="Codes of accounts in the finance system where they are not the usual ones, as JSON",
    )
    bank_tolerance: Decimal = Field(
        default=Decimal("0.00"),
        ge=0,
        le=1000,
        description="By how much a bank booking may differ from what it pays and be matched all the same",
    )
    price_fall_share: Decimal = Field(
        default=Decimal("0.30"),
        gt=0,
        le=1,
        description="A price that falls by this share or more is published only when confirmed",
    )
    overdue_grace_days: int = Field(
        default=30, ge=0, description="A debt counts against new orders when it is overdue for longer"
    )
    delivery_link_days: int = Field(
        default=30, ge=1, description="How long somebody at the door can sign by a link"
    )
    service_close_days: int = Field(
        default=7, ge=1, description="A resolved service request is closed after so many days"
    )
    service_reopen_days: int = Field(
        default=30, ge=1, description="A service request is reopened within so many days of its resolution"
    )
    order_lines_max: int = 1000
    order_quantity_max: int = 1_000_000
    export_rows_max: int = Field(
        default=100_000, ge=1, le=1_000_000, description="Rows of a list in one file for Excel or CSV"
    )

    # Sign-in and limits.
    access_token_seconds: int = 900
    session_hours: int = 12
    idle_minutes: int = Field(
        default=60, ge=0, description="Who does nothing for so long is signed out; 0 for never"
    )
    idle_warning_minutes: int = Field(
        default=3, ge=1, description="So long before that they are warned on the page"
    )
    signing_key_days: int = Field(
        default=90, ge=1, description="Days after which the key that signs tokens gets a successor"
    )
    # Wrong passwords for one account from one address, for one account from anywhere, and from one address
    # for any account.
    login_attempts: str = "10 per minute"
    login_attempts_account: str = "100 per minute"
    login_attempts_address: str = "100 per minute"
    # Letters that let somebody in, which strangers ask for and managers send.
    password_reset_rate: str = "5 per hour"
    password_reset_rate_address: str = "30 per hour"
    invitation_rate: str = "60 per hour"
    # Addresses whose company sign-in one network asks for, and sign-ins that it begins there.
    company_sign_in_rate: str = "60 per minute"
    # Logout tokens that one network sends.
    back_channel_rate: str = "600 per minute"
    # Links of letters that are opened or used by one network.
    account_link_rate: str = "120 per minute"
    invitation_hours: int = Field(
        default=72, ge=1, le=24 * 30, description="How long the link of an invitation is good"
    )
    password_reset_minutes: int = Field(
        default=30, ge=5, le=24 * 60, description="How long the link to choose another password is good"
    )
    password_min: int = Field(
        default=10, ge=8, le=64, description="Characters of a password that is chosen, at least"
    )
    password_breached: bool = Field(
        default=True, description="Passwords of the shipped list of breached ones are refused"
    )
    second_factor_roles: tuple[str, ...] = Field(
        default=(), description='Roles that need a second factor, as JSON: ["administrator"]'
    )
    fresh_sign_in_minutes: int = Field(
        default=30,
        ge=0,
        description="Acts of money and of people ask again who it is after so long; 0 never asks",
    )
    api_rate: str = "6000 per minute"
    # Requests of one network (an IPv4 address, an IPv6 /64) that come with no good token or session, and
    # pages of one session.
    anonymous_rate: str = "1200 per minute"
    page_rate: str = "1200 per minute"
    # Openings of delivery links, good or bad, and signings by them, of one network.
    delivery_link_rate: str = "120 per minute"
    # Questions of one network whether a statement is genuine, files that are compared included.
    verification_rate: str = "60 per minute"
    # Photos that are sent by one delivery link, refused ones too.
    delivery_photo_rate: str = "60 per hour"
    # Files of lists that one person takes: each may cost what a thousand pages do.
    export_rate: str = "20 per minute"
    # Searches across the portal: each asks every capability.
    search_rate: str = "240 per minute"
    # What buying more, or a cart, would earn, and what an amendment would change: each reads everything that
    # a dealer, or a hundred of them, bought.
    rebate_rate: str = "120 per minute"

    # Mail about orders and statements; empty means no mail is sent and none is queued.
    mail_url: str = Field(
        default="", description="smtp://user:password@host:port, smtps://… or file:///folder"
    )
    mail_from: str = "portal@example.com"
    notifications_kept_days: int = Field(
        default=180, ge=1, description="What people were told stands in their inbox for so many days"
    )
    robot_hosts: tuple[str, ...] = Field(
        default=("qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"),
        description="Hosts to which robots of groups and the gateway for text messages may be sent, as JSON",
    )

    carrier_secrets: dict[str, SecretStr] = Field(
        default={},
        description="Secret by carrier that signs what it sends to /carriers/<carrier>/events, as JSON",
    )

    # Payments by Stripe: offered when all three keys are set. Where Stripe is, and where browsers load its
    # script from; the webhook is /stripe/webhook.
    stripe_secret_key: SecretStr = Field(default=SecretStr(""), description="sk_… or, better, rk_…")
    stripe_webhook_secret: SecretStr = Field(default=SecretStr(""), description="whsec_…")
    stripe_publishable_key: str = Field(default="", description="pk_…")
    stripe_api_base: str = "https://api.stripe.com"
    stripe_script: str = "https://js.stripe.com/v3/"
    stripe_ask_minutes: int = Field(
        default=15, ge=1, description="Stripe is asked for a payment of which nobody told for so long"
    )
    stripe_open_hours: int = Field(
        default=24, ge=1, description="An online payment that nobody comes back to is given up after so long"
    )

    # Uploaded files: what all web and worker processes share, a folder outside of what is served or a bucket,
    # whose credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
    files_url: str = Field(
        default=(Path(__file__).resolve().parent / "var" / "files").as_uri(),
        description="file:///folder, or s3://bucket/prefix?endpoint=https://host&region=…",
    )
    virus_scanner: str = Field(
        default="", description="host:port of clamd, which looks at every upload; empty asks nobody"
    )

    # Nothing is sent into private networks on somebody's word, and nothing by plain http, except here. What
    # headquarters opens for its own systems is closed to the addresses that dealers enter.
    outgoing_private: tuple[str, ...] = Field(
        default=(),
        description="Private networks that headquarters' own webhooks, robots and messages may be sent to, "
        'as JSON: ["10.3.0.0/16"]',
    )
    dealer_webhooks_private: tuple[str, ...] = Field(
        default=(),
        description='Private networks that webhooks of dealers may be sent to, as JSON: ["10.9.0.0/24"]',
    )

    # Providers at which people sign in stand in the open internet and are asked by https; but for these
    # networks, and on this machine (127.0.0.0/8) by http too.
    providers_private: tuple[str, ...] = Field(
        default=(),
        description="Private networks in which headquarters' identity provider may stand, "
        'as JSON: ["10.3.0.0/16"]',
    )
    dealer_providers_private: tuple[str, ...] = Field(
        default=(), description="The same of identity providers of dealers, as JSON"
    )

    # Whom to tell of a weakness, at /.well-known/security.txt, which is not there without a contact.
    security_contacts: tuple[
        Annotated[str, Field(pattern=r"^(mailto:[^\s@]+@[^\s@]+|https://[!-~]+|tel:[+0-9-]+)$")], ...
    ] = Field(default=(), description='Addresses as JSON: ["mailto:security@example.com", "https://…"]')
    security_policy: str = Field(
        default="", pattern=r"^(|https://[!-~]+)$", description="Where is written how reports are handled"
    )

    log_level: str = "INFO"

    # What Prometheus reads: processes count into files of one folder, `bin/portal metrics` adds them up.
    metrics_folder: str = Field(
        default="",
        description="Folder, in memory, into which processes of one machine count; empty counts nothing",
    )
    # Where spans of requests go, and of how many of a hundred of them: 1 is all.
    traces_url: str = Field(
        default="", pattern=r"^(|https?://\S+)$", description="OTLP over HTTP; empty traces nothing"
    )
    traces_share: float = Field(default=0.01, ge=0, le=1, description="Share of the requests traced")
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="What Prometheus has to show, needed beyond this machine"
    )

    @field_validator(
        "company_name_zh", "company_name_en", "company_address", "company_credit_code", "company_bank"
    )
    @classmethod
    def _printed(cls, value: str, info: ValidationInfo) -> str:
        """The company stands on every statement as it is written here; the bank may take several lines."""
        text = value.replace("\n", "") if info.field_name == "company_bank" else value
        if lacking := unprintable(text):
            named = " ".join(map(named_character, lacking))
            raise ValueError(f"no font of the statements has {named}; write it with other characters")
        return value

    @field_validator(
        "outgoing_private", "dealer_webhooks_private", "providers_private", "dealer_providers_private"
    )
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """A network that is none would be found when the first message is sent."""
        return tuple(str(ip_network(network)) for network in value)

    def private_for(self, *, dealers: bool) -> tuple[str, ...]:
        """The private networks that webhooks of dealers, or of headquarters, may be sent to."""
        return self.dealer_webhooks_private if dealers else self.outgoing_private

    def provider_networks(self, *, dealers: bool) -> tuple[str, ...]:
        """The private networks in which identity providers of dealers, or of headquarters, may stand."""
        return self.dealer_providers_private if dealers else self.providers_private

    @cached_property
    def secret_keys(self) -> tuple[str, ...]:
        """The secret key, and those that are accepted beside it."""
        return tuple(one.get_secret_value() for one in (self.secret_key, *self.secret_key_also))

    @cached_property
    def timezone(self) -> ZoneInfo:
        """Zone in which business dates (invoice date, period, expiry) are counted."""
        return ZoneInfo(self.business_timezone)
