"""Concepts: how near an article comes to what somebody described. See docs/concepts.md.

vectors (what words mean) → sketch (an article in numbers) → background (what is usual) → sought (a concept in numbers)
→ panel (all concepts at once).
"""
