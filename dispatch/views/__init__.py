"""Pages of this room: the case, its steps, the unit console, notices, the desk."""
