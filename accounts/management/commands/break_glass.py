"""`manage.py break_glass panyuan --reason "…"`: one administrator in, when the sign-in service is away."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.break_glass import GlassRefused, make_token


class Command(BaseCommand):
    help = "Print a link that signs a system administrator in once, within a quarter of an hour, without a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--reason", required=True, help="why; it stands in the log of sign-ins")
        parser.add_argument(
            "--reset-second-factor", action="store_true", help="the telephone is lost as well: set it up anew"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            token = make_token(
                options["username"],
                reason=options["reason"],
                at=timezone.now(),
                resets_factor=options["reset_second_factor"],
            )
        except GlassRefused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(settings.PUBLIC_URL + reverse("break_glass", args=[token]))
