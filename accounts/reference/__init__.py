"""Reference data of the city as plain Python: areas, units and their people. No Django in here.

The builders are deterministic: the same release always builds the same rows, so that a digest tells whether a
database already holds them (`accounts.actions.load_once`).
"""
