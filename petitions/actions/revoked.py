"""After a revocation: much the same opinion may not be given again on the same facts (Shandong 2015, art. 45)."""

from django.utils.translation import gettext as _

from petitions.models import Outcome, Petition, ReviewRequest
from petitions.states import Refused

# Share of common bigrams from which two opinions read as one. A new opinion on the same matter repeats names, dates and
# the law it rests on, so a good part in common is no sign yet.
SAME_OPINION = 0.8


def revoked_opinion(petition: Petition) -> ReviewRequest | None:
    """The last review that revoked an opinion of this petition in its round before; None where none did."""
    rows = ReviewRequest.objects.filter(petition=petition, outcome=Outcome.REVOKE, round__lt=petition.round)
    return rows.order_by("-decided_at", "-id").first()


def check_not_repeated(petition_id: int, text: str, overrule: str) -> None:
    """Raises Refused for a text that says again what a review has revoked, unless a reason overrules it."""
    # Imported late: the comparison of texts belongs to the search for duplicates, which reads through the actions.
    from petitions.duplicates import bigrams, similarity

    row = revoked_opinion(Petition.objects.get(pk=petition_id))
    if row is None or overrule.strip():
        return
    share = similarity(bigrams(text), bigrams(row.opinion_under_review))
    if share >= SAME_OPINION:
        raise Refused(
            _(
                "This is %(n)d %% the opinion the review revoked. On the same facts it may not be given again: write "
                "what was found anew, or say why it must stay."
            )
            % {"n": round(100 * share)},
            field="text",
            code="same_opinion",
        )
