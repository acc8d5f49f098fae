"""`manage.py rebuild_search`: make the text index anew, for example after a restore."""

from typing import Any

from django.core.management.base import BaseCommand

from petitions import indexing


class Command(BaseCommand):
    help = "Forget the search index and build it again; searches stay exact meanwhile, only slower."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{indexing.rebuild()} petitions indexed")
