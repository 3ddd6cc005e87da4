"""What waits for goods and is not on its way is asked of the ERP, and what becomes of that."""
