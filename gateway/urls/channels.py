"""Channel adapters: what sources post, the triage queue, mappings and health."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
