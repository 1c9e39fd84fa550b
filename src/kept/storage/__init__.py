"""Mechanism only: journal, lake, records, keys. Nothing here knows what a policy is."""
