"""Webhooks: other systems are told of what happens in the portal."""
