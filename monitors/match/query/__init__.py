"""The query language: its grammar, the tree that a query is read into, and what must hold of such a tree."""
