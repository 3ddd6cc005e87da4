"""Goods that suppliers bring: ordered by the ERP, received by lot, accepted or refused with a record."""
