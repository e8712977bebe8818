"""How operations are wired."""
