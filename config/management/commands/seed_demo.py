"""`manage.py seed_demo`: an invented city with months of casework, made only through the real actions."""

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from backlog.models import BacklogCase
from config.demo_city.backlog.year import WHOLE, replay
from config.demo_city.citizens import live_online
from config.demo_city.enclosures import live_with_files
from config.demo_city.ledger import fill
from config.demo_city.legal import live_by_law
from config.demo_city.letters import write_letters
from config.demo_city.oversight import oversee
from config.demo_city.planning import plan
from config.demo_city.reach import connect, examine
from config.demo_city.records import keep_books
from config.demo_city.remedies import ask_for_review
from config.demo_city.rules import change_rules
from config.demo_city.simulation import play
from config.demo_city.statistics import count_everything
from config.demo_city.teamwork import send_on_leave
from config.demo_city.world import CITY_OFFICE, World
from petitions.indexing import index_pending
from petitions.models import Petition

_REPORT_EVERY = 25


class Command(BaseCommand):
    help = "Fill an empty database with an invented city at work. The same seed and --until give the same city."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--petitions", type=int, default=800, help="how many (default 800)")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--months", type=int, default=6, help="how far back (default 6)")
        parser.add_argument("--until", help="the present of the simulation, ISO 8601 with a time zone (default now)")
        parser.add_argument("--more", action="store_true", help="add to petitions that exist")
        parser.add_argument("--backlog", action="store_true", help="only the backlog year, on the city there is")
        parser.add_argument("--cases", type=int, default=WHOLE, help=f"backlog cases (default {WHOLE}; 0 for none)")
        parser.add_argument("--quiet", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        there = Petition.objects.count()
        if options["backlog"]:
            self._backlog(World.load(_moment(options["until"])), options)
            index_pending()
            return
        if there and not options["more"]:
            raise CommandError(f"There are {there} petitions already. --more adds {options['petitions']} to them.")
        world = World.load(_moment(options["until"]))
        if CITY_OFFICE not in world.units or not world.catalogue:
            raise CommandError("The reference data are missing. Run load_reference first.")
        began = time.monotonic()
        # Another city, not the same one again, on top of what there is.
        seed = f"{options['seed']}+{there}" if there else str(options["seed"])
        clusters = plan(world, petitions=options["petitions"], seed=seed, months=options["months"])
        total, done = sum(map(len, clusters)), 0
        connect(world.until)
        for cluster in clusters:
            play(cluster, world)
            if done // _REPORT_EVERY < (done + len(cluster)) // _REPORT_EVERY and not options["quiet"]:
                self._say(f"seed_demo {done + len(cluster)}/{total}")
            done += len(cluster)
        oversee(world)
        live_by_law(world)
        write_letters(world)
        ask_for_review(world)
        keep_books(world)
        live_online(world)
        live_with_files(world)
        send_on_leave(world, seed)
        self._backlog(world, options)
        fill(world)
        examine(world.until)
        index_pending()
        change_rules(world.until)
        count_everything(world.until)
        if not options["quiet"]:
            self._say(f"seed_demo {done}/{total} done in {time.monotonic() - began:.0f} s: {_states()}")

    def _backlog(self, world: World, options: dict[str, Any]) -> None:
        """The year of the backlog, once: cases that exist are left alone."""
        if BacklogCase.objects.exists() or not options["cases"]:
            return
        began = time.monotonic()
        taken = replay(world, seed=str(options["seed"]), cases=options["cases"])
        if not options["quiet"]:
            self._say(f"seed_demo backlog: {taken} steps in {time.monotonic() - began:.0f} s: {_cases()}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        # `serve` reads the log while this runs.
        self.stdout.flush()


def _moment(text: str | None) -> datetime:
    if not text:
        return timezone.now()
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise CommandError("--until needs a moment with its time zone, such as 2026-11-16T10:00:00+08:00.")
    return moment


def _cases() -> str:
    rows = BacklogCase.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
    return ", ".join(f"{state} {count}" for state, count in rows)


def _states() -> str:
    rows = Petition.objects.values_list("state").annotate(count=Count("pk")).order_by("state")
    return ", ".join(f"{state} {count}" for state, count in rows)
