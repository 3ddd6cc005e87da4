"""The invented company: its regions, dealers, people and price policies, as they stand before any order."""
