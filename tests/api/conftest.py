"""Programs that call the API: each dealer's, headquarters', and any with the scopes a test needs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from portal.audit.vocabulary import AuditRight
from portal.budgets.vocabulary import BudgetRight
from portal.catalogue.vocabulary import CatalogueRight
from portal.claims.vocabulary import ClaimRight
from portal.coldchain.vocabulary import ColdChainRight
from portal.counting.vocabulary import CountingRight
from portal.custody.vocabulary import TraceRight
from portal.dealers.vocabulary import DealerRight
from portal.devices.vocabulary import DeviceRight
from portal.epcis.vocabulary import EpcisRight
from portal.feed.vocabulary import FeedRight
from portal.files.vocabulary import FileRight
from portal.identity.vocabulary import IdentityRight
from portal.knowledge.vocabulary import KnowledgeRight
from portal.ledger.vocabulary import LedgerRight
from portal.nonconforming.vocabulary import NonconformingRight, QualityRight
from portal.notifications.vocabulary import NotificationRight
from portal.orders.vocabulary import OrderRight
from portal.papers.vocabulary import PaperRight
from portal.planning.vocabulary import PlanningRight
from portal.pricing.vocabulary import PriceRight
from portal.promotions.vocabulary import PromotionRight
from portal.rebates.vocabulary import RebateRight
from portal.recalls.vocabulary import RecallRight
from portal.receiving.vocabulary import ReceivingRight
from portal.regions.vocabulary import RegionRight
from portal.returns.vocabulary import ReturnRight
from portal.service.vocabulary import ServiceRight
from portal.settlements.vocabulary import SettlementRight
from portal.shipping.vocabulary import ShippingRight
from portal.statements.vocabulary import StatementRight
from portal.stock.vocabulary import StockRight
from portal.transfers.vocabulary import TransferRight
from portal.webhooks.vocabulary import WebhookRight
from portal.workdays.vocabulary import WorkdayRight
from tests import cast, stage
from tests.roles import System
from tests.web_clients import Caller

HEADQUARTERS = (
    AuditRight.READ,
    IdentityRight.ADMINISTER,
    WorkdayRight.READ,
    WorkdayRight.EDIT,
    KnowledgeRight.WRITE,
    CatalogueRight.HEADQUARTERS,
    CatalogueRight.SUBSTITUTES,
    CatalogueRight.EDIT,
    DealerRight.HEADQUARTERS,
    DealerRight.TIERS,
    RegionRight.ORGANISE,
    OrderRight.DESK,
    OrderRight.RULES,
    ShippingRight.SHIP,
    TransferRight.TRANSFER,
    PlanningRight.SET,
    CountingRight.COUNT,
    NonconformingRight.REPORT,
    ReceivingRight.RECEIVE,
    ReceivingRight.ACCEPT,
    StockRight.HEADQUARTERS,
    TraceRight.HEADQUARTERS,
    LedgerRight.READ,
    LedgerRight.POST,
    StatementRight.CLOSE,
    PriceRight.POLICIES,
    PromotionRight.PROPOSE,
    RebateRight.PROPOSE,
    BudgetRight.DECIDE,
    BudgetRight.PROPOSE,
    ClaimRight.MANAGE,
    ClaimRight.FINANCE,
    ServiceRight.DESK,
    FeedRight.EDIT,
    NotificationRight.BOUNCES,
    FeedRight.PUBLISH,
    ReturnRight.HANDLE,
    ReturnRight.INSPECT,
    FileRight.DESK,
    WebhookRight.HEADQUARTERS,
    DeviceRight.LOOK,
    DeviceRight.FIELD,
    DeviceRight.DESK,
    DeviceRight.HOSPITALS,
    EpcisRight.HEADQUARTERS,
    PaperRight.DESK,
    PaperRight.REVIEW,
    PaperRight.AUTHORISE,
    RecallRight.DESK,
)
_numbers = count(80_001)
APPROVER = (
    DealerRight.TIERS,
    RegionRight.ORGANISE,
    CatalogueRight.EDIT,
    PriceRight.POLICIES,
    PriceRight.APPROVE,
    PromotionRight.APPROVE,
    RebateRight.APPROVE,
    PaperRight.APPROVE,
    SettlementRight.SETTLE,
    BudgetRight.APPROVE,
    ClaimRight.FINANCE,
    ColdChainRight.DECIDE,
    KnowledgeRight.PUBLISH,
    QualityRight.DECIDE,
)


@pytest.fixture
def huadong(api) -> Caller:
    """The system of the dealer that buys."""
    return api(cast.huadong.system)


@pytest.fixture
def rival(api) -> Caller:
    """The system of its rival."""
    return api(cast.yuegang.system)


@pytest.fixture
def colleague(system) -> Caller:
    """A second system of headquarters, which approves what the first proposes."""
    return system(*APPROVER)


@pytest.fixture
def system(owner, api, shared) -> Callable[..., Caller]:
    """``system(OrderRight.READ, dealer=cast.huadong)``: a program with these scopes and no others."""

    def newcomer(scopes: tuple[str, ...], dealer_id: int | None) -> System:
        number = next(_numbers)
        program = System(number, f"system-{number}", f"System {number}", scopes, dealer_id)
        with owner.engine.begin() as connection:
            stage.put_systems(connection, [program])
        return program

    def with_scopes(*scopes: str, dealer=None) -> Caller:
        described = (scopes, dealer.id if dealer else None)
        return api(shared.once(described, lambda: newcomer(*described)) if shared else newcomer(*described))

    return with_scopes


@pytest.fixture
def hq(system) -> Caller:
    """Headquarters' ERP with every scope that has calls."""
    return system(*HEADQUARTERS)


@pytest.fixture
def controller(api) -> Caller:
    """Headquarters' program that decides on what the ERP asks for."""
    return api(cast.controller)
