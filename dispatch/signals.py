"""What later rooms may hang on to; sent inside the writer's transaction."""

from django.dispatch import Signal

# order: WorkOrder, move: str, before: str, actor: Actor, at: aware UTC datetime
order_moved = Signal()
# callback: Callback, order: WorkOrder, actor: Actor, at: aware UTC datetime
called_back = Signal()
# subject: dispatch.actions.clocks.Subject that is neither petition nor order; its clocks have just been moved
subject_clocked = Signal()
# clock_ids: list[int] whose dates a change of rules or calendar has moved
clocks_recomputed = Signal()
