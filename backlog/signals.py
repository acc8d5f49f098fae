"""What later rooms may hang on to; sent inside the writer's transaction."""

from django.dispatch import Signal

# case: BacklogCase, move: str, before: str, actor: Actor, at: aware UTC datetime
case_moved = Signal()
# task: Task, move: str ("assign" or a row of TASK_MOVES), before: str, actor: Actor, at: aware UTC datetime
task_moved = Signal()
