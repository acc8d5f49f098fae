"""`manage.py indicators_doc`: write docs/indicators.md from the definitions, or check that it is current."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.translations import ready_catalogues
from insights.document import indicators_document


class Command(BaseCommand):
    help = "Generate docs/indicators.md from insights/indicators; --check fails when it is stale."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when the file is stale")
        parser.add_argument("--file", type=Path, default=settings.BASE_DIR / "docs" / "indicators.md")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        # Half of the page is Chinese: it must not depend on whether somebody has compiled the catalogue.
        ready_catalogues(settings.BASE_DIR / "locale")
        wanted = indicators_document()
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if wanted == current:
            return
        if options["check"]:
            raise CommandError(f"{path.name} is stale. Run: python manage.py indicators_doc")
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"{path.name} written")
