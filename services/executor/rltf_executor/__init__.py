"""Runs untrusted programs against tests and answers with verdicts; knows nothing of training."""
