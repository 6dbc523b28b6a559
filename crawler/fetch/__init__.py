"""How pages are fetched: politely, within limits, and only from public addresses."""
