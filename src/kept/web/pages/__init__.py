"""Pages: what each one shows, worked out from the house, and how it is drawn. Templates hold no decisions."""
