"""`manage.py verify_chain`: prove that no event was altered, added or taken away (docs/architecture.md, rule 2)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from petitions.events import Break, removed_words, verify, verify_all
from petitions.models import Event, Petition
from petitions.search import by_number

REPORT_EVERY = 5000


def find(text: str) -> Petition:
    """The petition with this primary key or number (26-000123, 甬信〔2026〕000123号). Raises CommandError if none."""
    text = text.strip()
    # Digits alone are a primary key here, not a serial number of some year.
    wanted = Petition.objects.filter(pk=int(text)) if text.isdecimal() else None
    if wanted is None:
        number = by_number(text)
        if number is None:
            raise CommandError(f"“{text}” is neither a primary key nor a number such as 26-000123.")
        wanted = Petition.objects.filter(number)
    petition = wanted.first()
    if petition is None:
        raise CommandError(f"There is no petition “{text}”.")
    return petition


class Command(BaseCommand):
    help = "Recompute the event chains; exit 1 with the first altered event when one does not hold."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--petition", default="", help="primary key or number; without it every petition")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["petition"]:
            petition = find(options["petition"])
            self.refuse(verify(petition.pk))
            count = Event.objects.filter(petition=petition).count()
            removed = removed_words(petition.pk)
            by_law = f", words of {removed} events removed by law" if removed else ""
            self.stdout.write(f"{petition.short_number}: {count} events, intact{by_law}")
            return
        done = 0
        for walked, broken in verify_all():
            self.refuse(next(iter(broken), None))
            done += walked
            if done % REPORT_EVERY == 0:
                self.stderr.write(f"{done} petitions checked …")
        self.stdout.write(f"{done} petitions, {Event.objects.count()} events, intact")

    def refuse(self, found: Break | None) -> None:
        """Raises CommandError (exit code 1) naming the first event that does not hold."""
        if found is not None:
            raise CommandError(self.describe(found))

    def describe(self, found: Break) -> str:
        petition = Petition.objects.get(pk=found.petition_id)
        event = f"id {found.event_id}" if found.event_id else "no event"
        return f"ALTERED: petition {petition.short_number}, event {found.seq} ({event}): {found.reason}"
