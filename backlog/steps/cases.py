"""Steps of the file itself: take up or not, place, link, assess, report, agree."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import nominate, writing
from backlog.forms import cases as forms
from backlog.steps import register
from dispatch.steps.supervision import RowStep

_PLACE = "backlog/step_place.html"

register(
    RowStep(
        "accept",
        _("Take up"),
        "folder-check",
        forms.PlaceForm,
        nominate.accept,
        _("Take up as a backlog case"),
        _("Taken up. The responsible unit has been told; the deadline of its first report runs."),
        moves=("accept",),
        template=_PLACE,
    ),
    RowStep(
        "decline",
        _("Do not take up"),
        "circle-x",
        forms.DeclineForm,
        nominate.decline,
        _("Do not take up"),
        _("Not taken up. Whoever nominated it has been told why."),
        moves=("decline",),
        tone="danger",
    ),
    RowStep(
        "progress",
        _("Report progress"),
        "message-square-plus",
        forms.ProgressForm,
        writing.progress,
        _("Save the report"),
        _("Reported. The deadline of the next report runs."),
        moves=("progress",),
    ),
    RowStep(
        "assess",
        _("Write the file"),
        "file-pen-line",
        forms.AssessForm,
        writing.assess,
        _("Save"),
        _("Saved. What stood there before is kept."),
        moves=("assess",),
        template="backlog/step_assess.html",
    ),
    RowStep(
        "agree",
        _("Record the agreement"),
        "handshake",
        forms.AgreeForm,
        writing.agree,
        _("Save"),
        _("The agreement is recorded."),
        moves=("agree",),
    ),
    RowStep(
        "link",
        _("Link a petition"),
        "link",
        forms.LinkForm,
        writing.link,
        _("Link"),
        _("Linked. First day, people and times are counted anew."),
        moves=("link",),
        template="backlog/step_link.html",
    ),
    RowStep(
        "unlink",
        _("Take a petition off"),
        "unlink",
        forms.UnlinkForm,
        writing.unlink,
        _("Take off the file"),
        _("Taken off the file."),
        moves=("unlink",),
        is_rare=True,
    ),
    RowStep(
        "place",
        _("District, force and units"),
        "map-pin",
        forms.PlaceForm,
        writing.place,
        _("Save"),
        _("Saved. Deadlines go on as they were."),
        moves=("place",),
        template=_PLACE,
        is_rare=True,
    ),
)
