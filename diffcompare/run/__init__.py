"""How a graph is run fast: as a straight-line program."""
