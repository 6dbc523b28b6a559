"""Reads the world: finds, fetches, extracts and stores articles. Knows nothing of what anybody watches for."""
