"""Kept executes a company's own privacy policy."""
