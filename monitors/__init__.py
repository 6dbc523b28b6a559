"""Decides what matters and tells people: matches articles, composes digests, delivers them."""
