"""Settings come from the environment once, cannot change, and keep their secrets."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config import Settings

ENVIRONMENT = {
    "DATABASE_URL": "postgresql+psycopg://portal_app:hunter2@db/portal",
    "REDIS_URL": "redis://:hunter3@queue/0",
    "TONGLU_SECRET_KEY": "hunter4-and-thirty-two-characters-at-least",
}


@pytest.fixture
def environment(monkeypatch):
    """The least a deployment must say, and nothing of this machine."""
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_usual_names_of_a_platform_suffice(environment):
    settings = Settings()
    assert settings.database_url.get_secret_value() == ENVIRONMENT["DATABASE_URL"]
    assert settings.redis_url.get_secret_value() == ENVIRONMENT["REDIS_URL"]


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_nothing_starts_without_its_servers_and_its_secret(environment, missing):
    environment.delenv(missing)
    with pytest.raises(ValidationError):
        Settings()


def test_settings_are_frozen(environment):
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.currency = "EUR"


def test_no_secret_is_printed(environment):
    assert "hunter" not in repr(Settings()) + str(Settings())


def test_the_market_is_a_setting(environment):
    environment.setenv("TONGLU_BUSINESS_TIMEZONE", "Asia/Urumqi")
    environment.setenv("TONGLU_CURRENCY", "HKD")
    settings = Settings()
    assert settings.timezone.key == "Asia/Urumqi"
    assert settings.currency == "HKD"


def test_a_lot_cannot_sell_after_its_expiry(environment):
    environment.setenv("TONGLU_SALEABLE_DAYS_BEFORE_EXPIRY", "-1")
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("name", ["COMPANY_NAME_ZH", "COMPANY_NAME_EN", "COMPANY_ADDRESS", "COMPANY_BANK"])
def test_a_company_that_cannot_be_printed_does_not_start(environment, name):
    environment.setenv(f"TONGLU_{name}", "𬭊示例 Ł 6222 0000 0000")
    Settings()
    environment.setenv(f"TONGLU_{name}", "示例🏥")
    with pytest.raises(ValidationError, match="🏥"):
        Settings()


def test_only_the_bank_takes_several_lines(environment):
    environment.setenv("TONGLU_COMPANY_BANK", "示例银行\n上海分行 6222 0000 0000")
    Settings()
    environment.setenv("TONGLU_COMPANY_NAME_EN", "Example\nMedical")
    with pytest.raises(ValidationError, match=r"U\+000A"):
        Settings()
