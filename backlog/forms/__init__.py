"""Forms of the backlog room."""
