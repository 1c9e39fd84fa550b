"""How fast it is, measured beside a baseline in the same run. Promises nothing to people; keeps us honest."""
