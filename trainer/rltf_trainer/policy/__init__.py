"""The model being trained: loading it, sampling from it, and the log-probabilities of what it wrote."""
