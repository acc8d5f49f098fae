"""A year of the backlog war room in the demo city: files, command, meetings, receptions, supervisions, snapshots.

Everything is done by the real actions at its own moment of the past, in one transaction: nobody sees half a year.
"""
