"""Pure functions from graphs and reports to text."""
