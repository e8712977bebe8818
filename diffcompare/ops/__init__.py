"""What an operation is: one home each."""
