"""The lists of the portal: each is declared once, and shown, narrowed and exported from that."""
