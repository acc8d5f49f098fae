"""Reference data of dispatch as plain Python: the dispatch catalogue."""
