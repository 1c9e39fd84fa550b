"""The file: parse, check, compile once, decide. Nothing here reads anything but the file."""
