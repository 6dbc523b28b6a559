"""Turns a page into an Article."""
