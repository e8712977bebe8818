"""Reverse mode on a chain with few stored states: what is not stored is computed again."""
