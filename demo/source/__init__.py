"""The real data: read, cleaned, named and priced; nothing here is about dealers."""
