"""Agenda and minutes as PDF and Word."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backlog import agenda
from backlog.models import Meeting
from backlog.papers import agenda_paper, minutes_paper
from backlog.states import MeetingState
from backlog.views.meetings import meeting_or_404
from dispatch.views.document_files import file_response
from dispatch.views.reading import reader
from petitions.documents.composing import Paper
from petitions.documents.rendering import pdf_of
from petitions.documents.word import word_of

FOLLOWED = 30


def file_of(paper: Paper, form: str, name: str, at: object = None) -> HttpResponse:
    """A paper as the file asked for."""
    if form == "docx":
        copies = paper.data["copies"]
        rows = [*paper.data["paragraphs"], *([{"kind": "p", "text": f"抄送：{copies}"}] if copies else [])]
        return file_response(word_of(Paper(paper.source, {**paper.data, "paragraphs": rows})), f"{name}.docx", "docx")
    return file_response(pdf_of(paper, at=at), f"{name}.pdf", "pdf")  # type: ignore[arg-type]


@require_GET
@never_cache
def meeting_paper(request: HttpRequest, pk: int, kind: str, form: str) -> HttpResponse:
    """The agenda of a meeting, or the minutes of a closed one; for whoever sees only own cases an extract."""
    user = reader(request)
    row = meeting_or_404(user, pk)
    items = list(agenda.items_for(row, user))
    if kind == "minutes":
        if row.state != MeetingState.CLOSED:
            raise Http404
        paper = minutes_paper(row, items, list(row.events.filter(move="amend")))
        return file_of(paper, form, f"{row.number}纪要", row.closed_at)
    return file_of(_agenda(row, items), form, f"{row.number}议程")


def _agenda(row: Meeting, items: list[agenda.AgendaItem]) -> Paper:
    cases = [item.case_id for item in items]
    follow = agenda.follow_up_tasks(row.area_id, row.starts_at).filter(case__in=cases)
    return agenda_paper(row, items, list(follow[:FOLLOWED]))
