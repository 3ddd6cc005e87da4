"""The parts of the demonstration, in the order in which they are built and loaded: a row comes after what it
refers to.

Nothing is discovered by scanning.
"""

from __future__ import annotations

from demo.loading.account_documents import PART as ACCOUNT_DOCUMENTS
from demo.loading.api_clients import PART as API_CLIENTS
from demo.loading.bank import PART as BANK
from demo.loading.catalogue import PART as CATALOGUE
from demo.loading.claims import PART as CLAIMS
from demo.loading.complaints import PART as COMPLAINTS
from demo.loading.credit import PART as CREDIT
from demo.loading.custody import PART as CUSTODY
from demo.loading.dealerstock import PART as DEALERSTOCK
from demo.loading.deliveries import PART as DELIVERIES
from demo.loading.devices import PART as DEVICES
from demo.loading.disputes import PART as DISPUTES
from demo.loading.feed import PART as FEED
from demo.loading.holds import PART as HOLDS
from demo.loading.invitations import PART as INVITATIONS
from demo.loading.knowledge import PART as KNOWLEDGE
from demo.loading.maintenance import PART as MAINTENANCE
from demo.loading.network import PART as NETWORK
from demo.loading.notifications import PART as NOTIFICATIONS
from demo.loading.organisation import PART as ORGANISATION
from demo.loading.outbound import PART as OUTBOUND
from demo.loading.own_ledgers import PART as OWN_LEDGERS
from demo.loading.papers import PART as PAPERS
from demo.loading.payments import PART as PAYMENTS
from demo.loading.people import PART as PEOPLE
from demo.loading.planning import PART as PLANNING
from demo.loading.policies import PART as POLICIES
from demo.loading.product_changes import PART as PRODUCT_CHANGES
from demo.loading.promotions import PART as PROMOTIONS
from demo.loading.providers import PART as PROVIDERS
from demo.loading.purchasing import PART as PURCHASING
from demo.loading.rebates import PART as REBATES
from demo.loading.recalls import PART as RECALLS
from demo.loading.receiving import PART as RECEIVING
from demo.loading.regions import PART as REGIONS
from demo.loading.repairs import PART as REPAIRS
from demo.loading.replenishment import PART as REPLENISHMENT
from demo.loading.returns import PART as RETURNS
from demo.loading.service import PART as SERVICE
from demo.loading.splits import PART as SPLITS
from demo.loading.tax_invoices import PART as TAX_INVOICES
from demo.loading.tracking import PART as TRACKING
from demo.loading.warehouse_work import PART as WAREHOUSE_WORK
from demo.loading.webhooks import PART as WEBHOOKS

PARTS = (
    CATALOGUE,
    REGIONS,
    NETWORK,
    PEOPLE,
    ORGANISATION,
    INVITATIONS,
    API_CLIENTS,
    PROVIDERS,
    POLICIES,
    FEED,
    KNOWLEDGE,
    PROMOTIONS,
    SPLITS,
    HOLDS,
    PURCHASING,
    REPLENISHMENT,
    PRODUCT_CHANGES,
    DELIVERIES,
    TRACKING,
    WAREHOUSE_WORK,
    RECEIVING,
    OUTBOUND,
    PLANNING,
    RETURNS,
    DEVICES,
    SERVICE,
    REPAIRS,
    COMPLAINTS,
    MAINTENANCE,
    DEALERSTOCK,
    BANK,
    ACCOUNT_DOCUMENTS,
    PAYMENTS,
    PAPERS,
    REBATES,
    CLAIMS,
    DISPUTES,
    CREDIT,
    OWN_LEDGERS,
    TAX_INVOICES,
    WEBHOOKS,
    NOTIFICATIONS,
    CUSTODY,
    RECALLS,
)
