"""What later rooms may hang on to. Sent inside the writer's transaction: a receiver that raises undoes the step."""

from django.dispatch import Signal

# petitions: list[Petition], actor: Actor, at: aware UTC datetime
petition_registered = Signal()
# petition: Petition, move: str, before: str, actor: Actor, at: aware UTC datetime
petition_moved = Signal()
# request: ReviewRequest, people: list[User] named just now, is_lead: bool, at: aware UTC datetime
investigators_named = Signal()
# petition: Petition (marked as a repeat, numbered), actor: Actor, at: aware UTC datetime
petition_recurred = Signal()
# petition: Petition, office: int, unit: int (Rating.Score), is_again: bool, actor: Actor, at: aware UTC datetime
petition_rated = Signal()
# attachment: Attachment (locked, a virus was found in it), petition: Petition, at: aware UTC datetime
attachment_infected = Signal()
# document: Document, actor: Actor, at: aware UTC datetime
document_issued = Signal()
# document: Document, way: str (Delivery.Way), actor: Actor, at: aware UTC datetime (when it counts as delivered)
document_delivered = Signal()
# document: Document, move: str (a row of DOCUMENT_MOVES), actor: Actor, at: aware UTC datetime
document_moved = Signal()
# entry: RecordEntry (with its petition), move: "promise" | "keep_promise" | "release_promise", actor: Actor,
# at: aware UTC datetime
promise_moved = Signal()
# event: Event just appended to one petition's chain by `events.record`, actor: Actor
event_recorded = Signal()
# recusal: Recusal, move: str (ask_recusal or one of RECUSAL_MOVES), actor: Actor, at: aware UTC datetime
recusal_moved = Signal()
