"""Goods that may not be sold are reported, and quality decides what becomes of them."""
