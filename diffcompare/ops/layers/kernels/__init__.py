"""What layers compute with, as pure functions of NumPy arrays."""
