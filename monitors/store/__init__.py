"""Keeps matches, digests and deliveries in the database."""
