"""Questions to checked answers."""
