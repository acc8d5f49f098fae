"""De-identified data sets: resources and pages."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
