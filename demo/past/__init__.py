"""Seven months of business between the two: orders, what became of them, and the stock they left."""
