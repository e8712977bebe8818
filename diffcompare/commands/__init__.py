"""What the command line can do: each command its arguments and its work."""
