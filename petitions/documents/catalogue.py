"""Loads every kind of this room; importing it fills `kinds.KINDS`."""

from petitions.documents import notices, opinions, papers

__all__ = ["notices", "opinions", "papers"]
