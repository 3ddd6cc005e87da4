"""The capabilities of the portal, in the order in which their menus and chapters stand.

Nothing is discovered by scanning. Every process imports this before it does anything: an insert needs to know
every table it refers to, and an error of the database the words of whoever owns the constraint.
"""

from __future__ import annotations

from portal.audit.manifest import CAPABILITY as AUDIT
from portal.bank.manifest import CAPABILITY as BANK
from portal.budgets.manifest import CAPABILITY as BUDGETS
from portal.catalogue.manifest import CAPABILITY as CATALOGUE
from portal.checks.manifest import CAPABILITY as CHECKS
from portal.claims.manifest import CAPABILITY as CLAIMS
from portal.coldchain.manifest import CAPABILITY as COLDCHAIN
from portal.company.manifest import CAPABILITY as COMPANY
from portal.complaints.manifest import CAPABILITY as COMPLAINTS
from portal.counting.manifest import CAPABILITY as COUNTING
from portal.credit.manifest import CAPABILITY as CREDIT
from portal.custody.manifest import CAPABILITY as CUSTODY
from portal.dealers.manifest import CAPABILITY as DEALERS
from portal.dealerstock.manifest import CAPABILITY as DEALERSTOCK
from portal.deliveries.manifest import CAPABILITY as DELIVERIES
from portal.devices.manifest import CAPABILITY as DEVICES
from portal.disputes.manifest import CAPABILITY as DISPUTES
from portal.diversion.manifest import CAPABILITY as DIVERSION
from portal.dunning.manifest import CAPABILITY as DUNNING
from portal.epcis.manifest import CAPABILITY as EPCIS
from portal.feed.manifest import CAPABILITY as FEED
from portal.files.manifest import CAPABILITY as FILES
from portal.finance.manifest import CAPABILITY as FINANCE
from portal.identity.manifest import CAPABILITY as IDENTITY
from portal.insight.manifest import CAPABILITY as INSIGHT
from portal.kernel import idempotency, outbox  # noqa: F401 - tables of the kernel
from portal.kernel.db import Base
from portal.kernel.registry import install
from portal.knowledge.manifest import CAPABILITY as KNOWLEDGE
from portal.ledger.manifest import CAPABILITY as LEDGER
from portal.lists.manifest import CAPABILITY as LISTS
from portal.maintenance.manifest import CAPABILITY as MAINTENANCE
from portal.navigation.manifest import CAPABILITY as NAVIGATION
from portal.nonconforming.manifest import CAPABILITY as NONCONFORMING
from portal.notifications.manifest import CAPABILITY as NOTIFICATIONS
from portal.operations.manifest import CAPABILITY as OPERATIONS
from portal.orders.manifest import CAPABILITY as ORDERS
from portal.ordersheets.manifest import CAPABILITY as ORDERSHEETS
from portal.own_ledgers.manifest import CAPABILITY as OWN_LEDGERS
from portal.papers.manifest import CAPABILITY as PAPERS
from portal.payments.manifest import CAPABILITY as PAYMENTS
from portal.planning.manifest import CAPABILITY as PLANNING
from portal.pricing.manifest import CAPABILITY as PRICING
from portal.promotions.manifest import CAPABILITY as PROMOTIONS
from portal.providers.manifest import CAPABILITY as PROVIDERS
from portal.purchasing.manifest import CAPABILITY as PURCHASING
from portal.rebates.manifest import CAPABILITY as REBATES
from portal.recalls.manifest import CAPABILITY as RECALLS
from portal.receiving.manifest import CAPABILITY as RECEIVING
from portal.regions.manifest import CAPABILITY as REGIONS
from portal.rehearsals.manifest import CAPABILITY as REHEARSALS
from portal.repairs.manifest import CAPABILITY as REPAIRS
from portal.replenishment.manifest import CAPABILITY as REPLENISHMENT
from portal.returns.manifest import CAPABILITY as RETURNS
from portal.scanning.manifest import CAPABILITY as SCANNING
from portal.sellout.manifest import CAPABILITY as SELLOUT
from portal.service.manifest import CAPABILITY as SERVICE
from portal.settlements.manifest import CAPABILITY as SETTLEMENTS
from portal.shipping.manifest import CAPABILITY as SHIPPING
from portal.statements.manifest import CAPABILITY as STATEMENTS
from portal.stock.manifest import CAPABILITY as STOCK
from portal.tax_invoices.manifest import CAPABILITY as TAX_INVOICES
from portal.tracking.manifest import CAPABILITY as TRACKING
from portal.transfers.manifest import CAPABILITY as TRANSFERS
from portal.webhooks.manifest import CAPABILITY as WEBHOOKS
from portal.workdays.manifest import CAPABILITY as WORKDAYS

CAPABILITIES = (
    IDENTITY,
    PROVIDERS,
    AUDIT,
    REGIONS,
    INSIGHT,
    NOTIFICATIONS,
    FEED,
    CATALOGUE,
    SCANNING,
    PRICING,
    PROMOTIONS,
    REHEARSALS,
    REBATES,
    BUDGETS,
    CLAIMS,
    STOCK,
    ORDERSHEETS,
    ORDERS,
    PURCHASING,
    SHIPPING,
    DELIVERIES,
    DEVICES,
    MAINTENANCE,
    TRACKING,
    COLDCHAIN,
    REPLENISHMENT,
    RETURNS,
    TRANSFERS,
    COUNTING,
    NONCONFORMING,
    RECEIVING,
    CUSTODY,
    PLANNING,
    DEALERSTOCK,
    SELLOUT,
    DIVERSION,
    EPCIS,
    FINANCE,
    STATEMENTS,
    DISPUTES,
    OWN_LEDGERS,
    LEDGER,
    TAX_INVOICES,
    BANK,
    CREDIT,
    DUNNING,
    PAYMENTS,
    COMPANY,
    SETTLEMENTS,
    KNOWLEDGE,
    SERVICE,
    COMPLAINTS,
    REPAIRS,
    RECALLS,
    CHECKS,
    OPERATIONS,
    WORKDAYS,
    DEALERS,
    PAPERS,
    FILES,
    LISTS,
    NAVIGATION,
    WEBHOOKS,
)

install(CAPABILITIES)
metadata = Base.metadata
