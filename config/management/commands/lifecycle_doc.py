"""`manage.py lifecycle_doc`: write docs/lifecycle.md and docs/deadlines.md from tables and rules, or check them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.deadlines import deadlines_document
from config.lifecycle import lifecycle_document


class Command(BaseCommand):
    help = "Generate docs/lifecycle.md and docs/deadlines.md from moves and rules; --check fails when one is stale."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit 1 when a file is stale")
        parser.add_argument("--file", type=Path, default=settings.BASE_DIR / "docs" / "lifecycle.md")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        # deadlines.md stands beside it.
        for page, wanted in ((path, lifecycle_document()), (path.with_name("deadlines.md"), deadlines_document())):
            self._write(page, wanted, only_check=options["check"])

    def _write(self, path: Path, wanted: str, *, only_check: bool) -> None:
        current = path.read_text(encoding="utf-8") if path.exists() else ""
        if wanted == current:
            return
        if only_check:
            raise CommandError(f"{path.name} is stale. Run: python manage.py lifecycle_doc")
        path.write_text(wanted, encoding="utf-8")
        self.stdout.write(f"{path.name} written")
