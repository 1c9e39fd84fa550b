"""What people meet: the collector's door, the centre for the people concerned, the console for the company."""
