"""Steps of a weekly dispatch: form, action, words. What is legal `backlog.states.meetings` says."""

from django.utils.translation import gettext_lazy as _

from backlog.actions import meetings
from backlog.forms import meetings as forms
from dispatch.steps.supervision import RowStep

_TEMPLATE = "backlog/meeting_step.html"
_ROWS = (
    RowStep(
        "begin",
        _("Open the meeting"),
        "circle-play",
        forms.PlainForm,
        meetings.begin,
        _("Open the meeting"),
        _("The meeting is open. The minutes are being written."),
        moves=("begin",),
        template=_TEMPLATE,
    ),
    RowStep(
        "invite",
        _("Send the invitations"),
        "send",
        forms.PlainForm,
        meetings.invite,
        _("Send the invitations"),
        _("Invited: chair, sites, lead officials and the units of the cases."),
        moves=("invite",),
        template=_TEMPLATE,
    ),
    RowStep(
        "prepare",
        _("Change day, people or link"),
        "pencil",
        forms.PrepareForm,
        meetings.prepare,
        _("Save"),
        _("Saved. Send the invitations again if day or link has changed."),
        moves=("prepare",),
        is_rare=True,
        template=_TEMPLATE,
    ),
    RowStep(
        "close",
        _("Close the meeting"),
        "circle-check",
        forms.PlainForm,
        meetings.close,
        _("Close and fix the minutes"),
        _("Closed. The minutes are ready."),
        moves=("close",),
        template=_TEMPLATE,
    ),
    RowStep(
        "amend",
        _("Add to the minutes"),
        "file-plus",
        forms.AmendForm,
        meetings.amend,
        _("Add"),
        _("Added below the minutes."),
        moves=("amend",),
        is_rare=True,
        template=_TEMPLATE,
    ),
    RowStep(
        "call_off",
        _("Call off"),
        "circle-x",
        forms.CallOffForm,
        meetings.call_off,
        _("Call the meeting off"),
        _("Called off."),
        moves=("call_off",),
        tone="danger",
        is_rare=True,
        template=_TEMPLATE,
    ),
)
MEETING_STEPS = {row.name: row for row in _ROWS}
