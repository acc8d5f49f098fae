"""Clients and keys: pages."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
