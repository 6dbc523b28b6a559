"""Keeps sources, entries, articles and hosts in the database."""
