"""Several hosts on one machine: network namespaces that run what `deploy/` describes."""
