"""How derivatives are obtained."""
