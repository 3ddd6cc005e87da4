"""Goods go from one warehouse to another: they leave, are on their way, and arrive."""
