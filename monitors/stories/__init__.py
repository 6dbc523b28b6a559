"""Tells which articles are copies of one text, and which are about one event."""
