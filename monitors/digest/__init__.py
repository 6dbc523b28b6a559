"""Turns matches into something people read."""
