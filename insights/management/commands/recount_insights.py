"""`manage.py recount_insights`: count everything anew now; with --replay fill the calibration from the past."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from insights.actions import outlooks, tallies


class Command(BaseCommand):
    help = "Count all indicators anew, forecast what runs; --replay says of the past what would have been forecast."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--replay", action="store_true", help="for an office that starts with a past")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        run = tallies.recount(at=at)
        self.stdout.write(f"units counted {run.rows}, differences {run.differences}")
        self.stdout.write(f"clocks forecast {outlooks.refresh(at=at).rows}")
        if options["replay"]:
            self.stdout.write(f"forecasts on record {outlooks.replay(at=at)}")
