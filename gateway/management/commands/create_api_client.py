"""`manage.py create_api_client`: a client of the API and its key. The key is the last line of the output, alone."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Unit
from gateway import actions
from gateway.models import ApiClient
from gateway.scopes import ApiScope
from petitions.models import Channel
from petitions.states import Refused


class Command(BaseCommand):
    help = "Create an API client, or with --rotate give an existing one a second key. Prints the key once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME", help="name of the other system, for example 12345")
        parser.add_argument("--channel", choices=Channel.values, help="channel of all it registers")
        parser.add_argument("--unit", metavar="CODE", help="unit it acts for; it sees that unit's subtree")
        parser.add_argument("--scopes", nargs="+", metavar="SCOPE", help=", ".join(ApiScope.values))
        parser.add_argument("--expires", type=int, metavar="DAYS", help="the key ends after so many days")
        parser.add_argument("--ip", nargs="+", default=[], metavar="NETWORK", help="addresses it may come from")
        parser.add_argument(
            "--numbering", metavar="CODE", help="whose count its numbers are; of the channel online: the unit's code"
        )
        parser.add_argument("--rotate", action="store_true", help="a second key for an existing client")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        expires_at = at + timedelta(days=options["expires"]) if options["expires"] else None
        try:
            with transaction.atomic():
                client = self._existing(options["name"]) if options["rotate"] else self._create(options)
                issued = actions.issue_key(client, at=at, expires_at=expires_at)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"{client.name}: channel {client.channel}, unit {client.unit.code}, {', '.join(client.scopes)}."
        )
        self.stdout.write(
            f"The key ends {expires_at:%Y-%m-%d %H:%M} UTC." if expires_at else "The key has no end date."
        )
        self.stdout.write("Send it as “Authorization: Bearer <key>”. It is shown this once; only its hash is kept.")
        self.stdout.write(issued.text)

    def _existing(self, name: str) -> ApiClient:
        client = ApiClient.objects.select_related("unit").filter(name=name).first()
        if client is None:
            raise CommandError(f"There is no client named {name}.")
        return client

    def _create(self, options: dict[str, Any]) -> ApiClient:
        missing = [f"--{name}" for name in ("channel", "unit", "scopes") if not options[name]]
        if missing:
            raise CommandError(f"A new client needs {', '.join(missing)}.")
        unit = Unit.objects.filter(code=options["unit"]).first()
        if unit is None:
            raise CommandError(f"There is no unit with the code {options['unit']}.")
        return actions.create_client(
            options["name"],
            channel=options["channel"],
            unit=unit,
            # Both `a b` and `a,b` are what people type.
            scopes=[scope for part in options["scopes"] for scope in part.split(",") if scope],
            allowed_ips=options["ip"],
            numbering=options["numbering"],
            at=timezone.now(),
        )
