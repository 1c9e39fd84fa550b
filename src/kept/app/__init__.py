"""Wiring: opens the rooms of one installation and hands over the list of its Holdings."""
