"""Backups of an installation: database, its log (WAL), files and keys, sealed, and how they are restored.

What lies on the shelf is whole or is not there: it is written beside its place and renamed. Everything on it
is encrypted and authenticated under one key, which lies elsewhere.
"""
