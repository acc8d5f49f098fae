"""Clients and keys: pages."""

from django.urls import URLPattern, path

from gateway import hub

patterns: list[URLPattern] = [
    path("gateway/", hub.home, name="gateway"),
]
