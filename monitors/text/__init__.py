"""Turns a text into tokens that remember where they stood."""
