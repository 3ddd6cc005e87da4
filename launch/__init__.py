"""Starts what the portal needs: Python packages, PostgreSQL, Valkey, web, workers and the demo."""
