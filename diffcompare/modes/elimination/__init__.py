"""Jacobian accumulation by eliminating the vertices of the linearised graph."""
