"""levelfield."""
