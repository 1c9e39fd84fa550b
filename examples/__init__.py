"""Examples: a customer's site, and senders of events. They speak to Kept over HTTP and never import it."""
