"""What a graph can be evaluated in."""
