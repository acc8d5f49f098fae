"""The page for the engineer of another system: from a key to the first petition. Open to everybody."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.middleware import public
from gateway import changes, demo
from gateway.actions import live_keys
from gateway.models import ApiClient
from gateway.problems import PROBLEMS
from gateway.scopes import ApiScope

EXAMPLES = Path(__file__).parent / "examples"
SHOWN = (
    ("curl", "first_petition.sh"),
    ("Python", "first_petition.py"),
    ("JavaScript", "first_petition.mjs"),
)


@public
@require_GET
def developers(request: HttpRequest) -> HttpResponse:
    """Examples are the files the tests run; errors and scopes are the tables the code asks.

    In the demo it shows a key everybody may use.
    """
    context = {
        "here": request.build_absolute_uri("/").rstrip("/"),
        "sandbox": demo.shown_key(live_keys(timezone.now())),
        "examples": [(name, file, (EXAMPLES / file).read_text()) for name, file in SHOWN],
        "verify": (EXAMPLES / "verify_webhook.py").read_text(),
        "problems": [(code, status, title) for code, (status, title) in PROBLEMS.items()],
        "scopes": ApiScope.choices,
        "rate": ApiClient._meta.get_field("rate_per_minute").default,
        "changes": [part for part in changes.parts(changes.text_of()) if part[0] != "title"],
    }
    return render(request, "gateway/developers.html", context)
