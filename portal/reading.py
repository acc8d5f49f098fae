"""What the pages of one matter share."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from dispatch.models import Clock
from petitions.models import Document, Erasure, Petition
from portal import progress, rating, steps
from portal.access import Matter


@dataclass
class MatterFile:
    """One matter as its petitioner sees it; every part is read when it is first asked for."""

    matter: Matter
    at: datetime

    @property
    def petition(self) -> Petition:
        return self.matter.petition

    @cached_property
    def clocks(self) -> list[Clock]:
        """The clocks of the petition and its work orders, with their rules."""
        return list(self.petition.clocks.select_related("policy"))

    @cached_property
    def told(self) -> list[progress.Step]:
        return progress.steps_of(self.petition)

    @cached_property
    def promised(self) -> list[progress.Promised]:
        return progress.promised(self.petition, self.clocks, self.at)

    @cached_property
    def rating(self) -> rating.Standing:
        return rating.standing(self.petition, self.clocks, self.at)

    @cached_property
    def documents(self) -> list[Document]:
        """Letters issued to the petitioner, newest first; none at the counter."""
        if self.is_erased or self.matter.only:
            return []
        return list(Document.objects.for_citizen(self.petition).select_related("unit"))

    @cached_property
    def is_erased(self) -> bool:
        """Whether the archive period is over and the personal words are gone; open matters cost no query."""
        return not self.petition.is_open and Erasure.objects.filter(petition=self.petition).exists()

    @cached_property
    def unread(self) -> list[Document]:
        """Letters nobody has received yet."""
        return [document for document in self.documents if document.delivered_at is None]

    @cached_property
    def offered(self) -> list[steps.CitizenStep]:
        return [] if self.is_erased or self.matter.only else steps.offered(self.petition, self.at)

    @property
    def banner(self) -> progress.Banner:
        return progress.erased_banner() if self.is_erased else progress.banner(self.petition)

    @property
    def contact(self) -> object:
        return progress.contact_of(self.petition)

    @property
    def title(self) -> str:
        """What the page calls the matter; an accusation is not named on a screen others may look at."""
        return "" if self.petition.is_restricted or self.is_erased else self.petition.summary
