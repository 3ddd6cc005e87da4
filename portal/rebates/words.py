"""Words for what a rebate programme can say, in English; Chinese stands in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from portal.kernel.errors import N_
from portal.rebates.rules import (
    Basis,
    FactKind,
    GrowthBy,
    GrowthPays,
    LateReturns,
    Measure,
    Method,
    OnTimeMode,
    PeriodKind,
    ZeroBase,
)
from portal.rebates.source_lines import LineKind

PERIODS: Mapping[PeriodKind, str] = {
    PeriodKind.MONTH: N_("Month"),
    PeriodKind.QUARTER: N_("Quarter"),
    PeriodKind.HALF: N_("Half-year"),
    PeriodKind.YEAR: N_("Year"),
    PeriodKind.WHOLE: N_("Whole programme"),
}
MEASURES: Mapping[Measure, str] = {
    Measure.SHIPPED: N_("Goods shipped"),
    Measure.INVOICED: N_("Goods invoiced"),
    Measure.PAID: N_("Goods paid for"),
}
BASES: Mapping[Basis, str] = {
    Basis.AMOUNT: N_("amount with tax"),
    Basis.AMOUNT_NET: N_("amount without tax"),
    Basis.QUANTITY: N_("pieces"),
}
METHODS: Mapping[Method, str] = {
    Method.ALL_UNITS: N_("The tier reached, on everything"),
    Method.INCREMENTAL: N_("Each tier, on the part that lies in it"),
}
GROWTH_BY: Mapping[GrowthBy, str] = {
    GrowthBy.PERCENT: N_("Per cent of last year"),
    GrowthBy.AMOUNT: N_("An amount above last year"),
}
GROWTH_PAYS: Mapping[GrowthPays, str] = {
    GrowthPays.WHOLE: N_("On everything of this period"),
    GrowthPays.INCREASE: N_("Only on what exceeds last year"),
}
ZERO_BASES: Mapping[ZeroBase, str] = {
    ZeroBase.SKIP: N_("It earns nothing"),
    ZeroBase.COUNTS: N_("Last year counts as 0"),
}
ON_TIME_MODES: Mapping[OnTimeMode, str] = {
    OnTimeMode.ALL: N_("Every invoice on time, or nothing"),
    OnTimeMode.LATE_EXCLUDED: N_("Late invoices earn nothing"),
    OnTimeMode.GRADED: N_("By days until it is paid"),
}
LATE_RETURNS: Mapping[LateReturns, str] = {
    LateReturns.OWN_DATE: N_("In the period of the credit note"),
    LateReturns.ORIGIN_PERIOD: N_("In the period of the invoice"),
}
FACT_KINDS: Mapping[FactKind, str] = {
    FactKind.NO_DIVERSION_CASE: N_("No diversion case is open"),
}
LINE_KINDS: Mapping[LineKind, str] = {
    LineKind.SALE: N_("Sale"),
    LineKind.RETURN: N_("Return"),
    LineKind.PRICE_CORRECTION: N_("Price correction"),
    LineKind.CANCELLATION: N_("Cancellation"),
}
