"""Makes a code model better by running what it writes; reaches the executor over HTTP only."""
