"""Finds the articles a watchlist asks for, and says why."""
