"""Bulk intake: resources and pages."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
