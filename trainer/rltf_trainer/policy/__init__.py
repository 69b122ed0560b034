"""The model being trained: loading it, sampling from it, scoring what it wrote."""
