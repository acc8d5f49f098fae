"""`manage.py run_jobs`: do the waiting batch jobs here and now, without Celery or its broker."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from dispatch.actions import jobs


class Command(BaseCommand):
    help = "Work on batch jobs that wait or were abandoned. Safe to run twice and beside the workers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=600, help="stop after this long (default: 600)")

    def handle(self, *args: Any, **options: Any) -> None:
        slices = jobs.drain(now=timezone.now, seconds=options["seconds"])
        self.stdout.write(f"{slices} slices of work")
