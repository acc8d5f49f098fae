"""Which wording of a kind is in force: the newest edition of its template, or the one shipped."""

from petitions.documents.kinds import DocumentKind
from petitions.models import DocumentTemplate


def wording_of(kind: DocumentKind) -> tuple[str, str]:
    """Title and text in force."""
    newest = DocumentTemplate.objects.filter(kind=kind.key).order_by("-no").first()
    return (newest.title, newest.body) if newest else (kind.title, kind.body)
