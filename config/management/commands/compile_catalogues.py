"""`manage.py compile_catalogues`: .po to .mo, for machines without msgfmt. Compiled files are not in the repository."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import compile_stale


class Command(BaseCommand):
    help = "Compile the message catalogues that are newer than their compiled form."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        written = compile_stale(settings.BASE_DIR / "locale")
        if options["verbosity"]:
            self.stdout.write(f"compiled {len(written)} catalogue(s)")
