"""One check a promise: what the canaries do, and what is then looked at."""
