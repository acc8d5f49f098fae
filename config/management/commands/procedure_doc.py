"""`manage.py procedure_doc`: write docs/procedure.md and docs/procedure.zh-CN.md from the rows, or check them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.procedure import document
from config.translations import ready_catalogues

PAGES = {"en": "procedure.md", "zh": "procedure.zh-CN.md"}


class Command(BaseCommand):
    help = "Generate docs/procedure.md in both languages from tests/procedure/rows; --check fails when one is stale."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        # One of the pages is Chinese: it must not depend on whether somebody has compiled the catalogue.
        ready_catalogues(settings.BASE_DIR / "locale")
        for language, name in PAGES.items():
            path, wanted = settings.BASE_DIR / "docs" / name, document(language)
            if path.exists() and path.read_text(encoding="utf-8") == wanted:
                continue
            if options["check"]:
                raise CommandError(f"{name} is stale. Run: python manage.py procedure_doc")
            path.write_text(wanted, encoding="utf-8")
            self.stdout.write(f"{name} written")
