"""`manage.py check_translations`: the Chinese catalogue is complete and right, or the build fails."""

from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.translations import CATALOGUE, collect, load, problems_of, save, updated


def folders(root: Path) -> list[str]:
    """Our own apps, and the shared templates."""
    own = [Path(app.path).name for app in apps.get_app_configs() if Path(app.path).parent == root]
    return [*own, "templates"]


class Command(BaseCommand):
    help = "List texts without a good Chinese translation and exit 1 if there are any."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="add missing entries and drop obsolete ones first")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = settings.BASE_DIR
        path = root / CATALOGUE
        try:
            messages = collect(root, folders(root))
        except ValueError as error:
            raise CommandError(f"cannot read the sources: {error}") from error
        if options["write"]:
            save(updated(messages, load(path)), path)
        problems = problems_of(messages, load(path))
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} of {len(messages)} texts need work in {CATALOGUE}.")
        self.stdout.write(f"{len(messages)} texts, all translated.")
