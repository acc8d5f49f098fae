"""The façade of Open311 GeoReport v2."""

from django.urls import URLPattern

patterns: list[URLPattern] = []
