"""Clients and keys: the administrator's pages."""
