"""The web server: uvicorn's event loop takes requests in and answers out, a few threads run the portal.

Whoever sends or reads slowly occupies the loop's memory for a while, never a thread (docs/decisions/0022).
"""
