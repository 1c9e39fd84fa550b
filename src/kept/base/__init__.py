"""What every room stands on: the clock, random ids, errors that help, settings read once."""
