"""What later rooms may hang on to. Sent inside the writer's transaction: a receiver that raises undoes the step."""

from django.dispatch import Signal

# petitions: list[Petition], actor: Actor, at: aware UTC datetime
petition_registered = Signal()
# petition: Petition, move: str, before: str, actor: Actor, at: aware UTC datetime
petition_moved = Signal()
# petition: Petition (marked as a repeat, numbered), actor: Actor, at: aware UTC datetime
petition_recurred = Signal()
# petition: Petition, office: int, unit: int (Rating.Score), is_again: bool, actor: Actor, at: aware UTC datetime
petition_rated = Signal()
# recusal: Recusal, move: str (ask_recusal or one of RECUSAL_MOVES), actor: Actor, at: aware UTC datetime
recusal_moved = Signal()
