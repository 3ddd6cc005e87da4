"""How a dealer buys: templates, drafts, its own approval of orders, recurring orders."""
