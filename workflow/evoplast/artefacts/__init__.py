"""Reading and writing results: atomic, compressed, with provenance."""
