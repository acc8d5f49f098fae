"""Who: districts, the 1,345 units, users, roles, sign-in, access log."""
