"""Steps of the five renewals, of acceptance and strike-off, and of what comes after."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backlog.actions import acceptance, renewals, watching
from backlog.forms import acceptance as forms
from backlog.steps import register
from dispatch.steps.supervision import RowStep

Kind = acceptance.Kind


def _is_fresh(user: Any, case: Any, kind: str) -> bool:
    """Whether somebody else has taken every step before."""
    return not acceptance.done_before(case, kind, user)


register(
    RowStep(
        "renew",
        _("Finish the next renewal"),
        "rotate-ccw",
        forms.RenewForm,
        renewals.renew,
        _("Finish the stage"),
        _("The stage is finished."),
        moves=("renew",),
        fits=lambda user, case: renewals.next_stage(case) is not None,
        template="backlog/step_renew.html",
    ),
    RowStep(
        "hear",
        _("Ask for a hearing"),
        "messages-square",
        forms.HearForm,
        renewals.hear,
        _("Ask for it"),
        _("Asked for. It is decided on the petition, within the term of the rule."),
        moves=("hear",),
        is_rare=True,
    ),
    RowStep(
        "apply",
        _("Apply for acceptance"),
        "file-check",
        forms.ApplyForm,
        acceptance.apply,
        _("Apply"),
        _("Applied. The lead official has been asked to sign."),
        moves=("apply",),
        fits=lambda user, case: renewals.next_stage(case) is None,
        template="backlog/step_apply.html",
    ),
    RowStep(
        "sign",
        _("Sign the application"),
        "signature",
        forms.SignForm,
        acceptance.sign,
        _("Sign and pass on"),
        _("Signed. The district office checks it now."),
        moves=("sign",),
        fits=lambda user, case: user.pk == case.leader_id and _is_fresh(user, case, Kind.SIGN),
        template="backlog/step_accept.html",
    ),
    RowStep(
        "check",
        _("Record the district check"),
        "clipboard-check",
        forms.CheckForm,
        acceptance.check,
        _("Passed, on to the city"),
        _("Checked. The city has been asked to certify."),
        moves=("check",),
        fits=lambda user, case: _is_fresh(user, case, Kind.CHECK),
        template="backlog/step_accept.html",
    ),
    RowStep(
        "certify",
        _("Certify"),
        "badge-check",
        forms.CertifyForm,
        acceptance.certify,
        _("Certify"),
        _("Certified as settled."),
        moves=("certify",),
        fits=lambda user, case: _is_fresh(user, case, Kind.CERTIFY),
        template="backlog/step_accept.html",
    ),
    RowStep(
        "send_back",
        _("Send back"),
        "corner-down-left",
        forms.SendBackForm,
        acceptance.send_back,
        _("Send back"),
        _("Sent back. The unit has been told."),
        moves=("send_back", "sign_back", "certify_back"),
        tone="danger",
        template="backlog/step_accept.html",
    ),
    RowStep(
        "strike_off",
        _("Strike off"),
        "archive",
        forms.StrikeOffForm,
        watching.strike_off,
        _("Strike off"),
        _("Struck off. The observation runs."),
        moves=("strike_off",),
    ),
    RowStep(
        "observe",
        _("End the observation"),
        "eye-off",
        forms.ObserveForm,
        watching.observe,
        _("End it"),
        _("The observation has ended."),
        moves=("observe",),
        fits=lambda user, case: watching.may_end(case, timezone.now()),
    ),
    RowStep(
        "no_rebound",
        _("Not a rebound"),
        "circle-x",
        forms.NoReboundForm,
        watching.no_rebound,
        _("Record it"),
        _("Recorded: no rebound."),
        moves=("no_rebound",),
        fits=lambda user, case: bool(watching.proposals(case)),
        is_rare=True,
    ),
    RowStep(
        "rebound",
        _("Record a rebound"),
        "undo-2",
        forms.ReboundForm,
        watching.rebound,
        _("Record the rebound"),
        _("Recorded. It counts in the stock again."),
        moves=("rebound",),
        fits=lambda user, case: case.observed_at is None,
        tone="danger",
        is_rare=True,
    ),
    RowStep(
        "relist",
        _("Take up again"),
        "folder-sync",
        forms.RelistForm,
        watching.relist,
        _("Take it up"),
        _("Taken up again: a new round begins."),
        moves=("relist",),
    ),
    RowStep(
        "end_legally",
        _("Record the legal end"),
        "scale",
        forms.EndLegallyForm,
        watching.end_legally,
        _("Record it"),
        _("Recorded: it has ended by law."),
        moves=("end_legally",),
        is_rare=True,
    ),
)
