"""The page for the engineer of another system: from a key to the first petition. Open to everybody."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.middleware import public
from gateway.models import ApiClient
from gateway.problems import PROBLEMS
from gateway.scopes import ApiScope

EXAMPLES = Path(__file__).parent / "examples"
CHANGES = Path(settings.BASE_DIR) / "docs" / "api-changelog.md"
SHOWN = (
    ("curl", "first_petition.sh"),
    ("Python", "first_petition.py"),
    ("JavaScript", "first_petition.mjs"),
)


@public
@require_GET
def developers(request: HttpRequest) -> HttpResponse:
    """Examples are the files the tests run; errors and scopes are the tables the code asks."""
    context = {
        "examples": [(name, file, (EXAMPLES / file).read_text()) for name, file in SHOWN],
        "verify": (EXAMPLES / "verify_webhook.py").read_text(),
        "problems": [(code, status, title) for code, (status, title) in PROBLEMS.items()],
        "scopes": ApiScope.choices,
        "rate": ApiClient._meta.get_field("rate_per_minute").default,
        "changes": CHANGES.read_text() if CHANGES.exists() else "",
    }
    return render(request, "gateway/developers.html", context)
