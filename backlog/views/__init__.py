"""Pages of the backlog room."""
