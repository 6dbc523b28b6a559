"""Turns bytes into entries: what a site says it has published."""
