"""Wiring only: settings, URLs, Celery, WSGI, the launcher of the embedded services."""

from config.celery import app as celery_app

__all__ = ("celery_app",)
