"""`manage.py sweep_clocks`: one sweep of the deadline engine by hand, as of now or as of a given moment."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.timezone import localtime

from dispatch.actions.ledger import resume_due
from dispatch.actions.sweep import sweep
from dispatch.calendar import CITY_TIME


def parse_moment(text: str) -> datetime:
    """An ISO 8601 moment; without an offset it is read as Asia/Shanghai. Raises CommandError for anything else."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise CommandError(f"“{text}” is no ISO 8601 time, such as 2026-11-23T17:00+08:00.") from None
    return moment.replace(tzinfo=CITY_TIME) if moment.tzinfo is None else moment


class Command(BaseCommand):
    help = "Fire and announce every deadline rung that is due. Safe to run twice and beside the scheduled sweep."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--at",
            default="",
            help="ISO 8601 time (no offset: Asia/Shanghai); a future one fires for good, it is no preview",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = parse_moment(options["at"]) if options["at"] else timezone.now()
        # By hand always deep: whoever calls it wants everything, not only what lies above the watermark.
        resume_due(at=at)
        result = sweep(at=at, deep=True)
        self.stdout.write(
            f"as of {localtime(at).isoformat()}: fired {result.fired}, announced {result.announced}, "
            f"set aside {result.set_aside}, lag {result.lag_seconds:.0f} s"
        )
        if result.set_aside:
            self.stderr.write("Firings were set aside; the admin lists them above the sweeps.")
