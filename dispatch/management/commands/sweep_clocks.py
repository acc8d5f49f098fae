"""`manage.py sweep_clocks`: one sweep of the deadline engine by hand, as of now or as of a given moment."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.timezone import localtime

from dispatch.actions.ledger import resume_due
from dispatch.actions.sweep import forecast, retell, sweep
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
            help="ISO 8601 time (no offset: Asia/Shanghai); a future one fires for good: try it with --dry-run first",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would fire by then, and write nothing")
        parser.add_argument("--retell", action="store_true", help="first take back the firings that were set aside")

    def handle(self, *args: Any, **options: Any) -> None:
        at = parse_moment(options["at"]) if options["at"] else timezone.now()
        if options["dry_run"]:
            self._preview(at)
            return
        if options["retell"]:
            self.stdout.write(f"taken back: {retell()}")
        resume_due(at=at)
        result = sweep(at=at)
        self.stdout.write(
            f"as of {localtime(at).isoformat()}: fired {result.fired}, announced {result.announced}, "
            f"set aside {result.set_aside}, lag {result.lag_seconds:.0f} s"
        )
        if result.set_aside:
            self.stderr.write("Firings were set aside; the admin lists them above the sweeps.")

    def _preview(self, at: datetime) -> None:
        found = forecast(at=at)
        self.stdout.write(
            f"as of {localtime(at).isoformat()} would fire: {found.rungs} rungs of {found.clocks} clocks; "
            f"fired and not told yet: {found.untold}. Nothing was written."
        )
        for rule, rung, count in found.by_rung:
            self.stdout.write(f"  {count:>8}  {rule}  {rung}")
