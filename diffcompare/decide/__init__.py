"""Which way to differentiate: predicted, measured, and the regret of the choice."""
