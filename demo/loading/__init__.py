"""How a scenario becomes rows: facts are copied into the database, documents and books are derived there
by whole sets.
"""
