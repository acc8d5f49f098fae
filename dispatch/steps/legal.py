"""Steps of the legal life of a petition (Regulation on Petition Work, arts. 22-36)."""

from django.utils.translation import gettext_lazy as _

from dispatch import forms
from dispatch.steps.base import Step
from petitions import actions

_READS = _("The petitioner will read this.")

LEGAL_STEPS: tuple[Step, ...] = (
    Step(
        "report_up",
        _("Report upwards"),
        "megaphone",
        forms.ReportUpForm,
        actions.report_up,
        _("Record the report"),
        _("The report is recorded."),
        moves=("report_up",),
        reader=_("Offices and units of this case read this."),
        is_rare=True,
    ),
    Step(
        "notify_receipt",
        _("Tell of receipt, route and procedure"),
        "mail-check",
        forms.ReceiptForm,
        actions.notify_receipt,
        _("Record the notice"),
        _("The notice is recorded."),
        moves=("notify_receipt",),
        reader=_READS,
        previews=True,
        is_rare=True,
    ),
    Step(
        "accept",
        _("Give notice of acceptance"),
        "stamp",
        forms.AcceptForm,
        actions.accept,
        _("Accept the petition"),
        _("Accepted. The legal handling period runs from now."),
        moves=("accept",),
        reader=_READS,
        previews=True,
        is_rare=True,
    ),
    Step(
        "not_accept",
        _("Give notice of non-acceptance"),
        "octagon-x",
        forms.NotAcceptForm,
        actions.not_accept,
        _("Do not accept"),
        _("The notice of non-acceptance is recorded."),
        moves=("not_accept",),
        reader=_READS,
        tone="danger",
        is_rare=True,
    ),
    Step(
        "no_longer_accept",
        _("Give notice that it is no longer accepted"),
        "circle-slash",
        forms.NoLongerForm,
        actions.no_longer_accept,
        _("Record the notice"),
        _("The notice is recorded."),
        moves=("no_longer_accept",),
        reader=_READS,
        tone="danger",
        is_rare=True,
    ),
    Step(
        "deliver_opinion",
        _("Record delivery of the opinion"),
        "mail-open",
        forms.DeliveryForm,
        actions.deliver_opinion,
        _("Record the delivery"),
        _("Delivered. The 30 days for review run from now."),
        moves=("deliver_opinion",),
        is_rare=True,
    ),
)
