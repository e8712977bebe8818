"""Sparse derivatives: patterns, colorings, and compressed passes."""
