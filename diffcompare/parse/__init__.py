"""What can be read as a graph."""
