"""What later rooms may hang on to; sent inside the writer's transaction."""

from django.dispatch import Signal

# case: BacklogCase, move: str, before: str, actor: Actor, at: aware UTC datetime
case_moved = Signal()
# task: Task, move: str ("assign" or a row of TASK_MOVES), before: str, actor: Actor, at: aware UTC datetime
task_moved = Signal()
# day: ReceptionDay, move: str ("set" or a row of DAY_MOVES), changed: frozenset of columns, actor: Actor, at: aware UTC
# datetime
day_moved = Signal()
# booking: Booking (with its day), move: str ("book" or a row of BOOKING_MOVES), code: str (the booking code, known at
# "book" only), actor: Actor, at: aware UTC datetime
booking_moved = Signal()
# bookings: list of keys whose names and telephones have just been emptied, at: aware UTC datetime
visitors_forgotten = Signal()
