"""Celery's wake-ups for the search index."""

from celery import shared_task

from petitions import search


@shared_task
def index_texts() -> None:
    search.index_pending()
