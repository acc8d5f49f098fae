"""Who acts: a person, another system's client, or Yongqing itself. Every action takes one, and every event names it."""

from dataclasses import dataclass, field

from accounts.models import Unit, User
from accounts.roles import Scope


@dataclass(frozen=True)
class Actor:
    """The one who acts. `grants` replaces the role table for actors without an account."""

    label: str
    user: User | None = None
    unit: Unit | None = None
    grants: dict[str, Scope] = field(default_factory=dict)
    is_system: bool = False
    # The petitions a citizen acts on as their own; `grants` say what they may do there.
    matters: frozenset[int] = frozenset()

    @classmethod
    def of(cls, who: "User | Actor") -> "Actor":
        """Wrap a signed-in person; an Actor passes through."""
        if isinstance(who, Actor):
            return who
        return cls(label=who.name or who.username, user=who, unit=who.unit)

    @classmethod
    def system(cls, label: str = "system") -> "Actor":
        """Yongqing itself: the sweep, an import started at the command line. May do everything."""
        return cls(label=label, is_system=True)

    def scope_for(self, permission: str) -> Scope | None:
        """The scope in which this actor holds the permission, or None."""
        if self.is_system:
            return Scope.CITY
        if self.user is not None:
            return self.user.scope_for(permission)
        return self.grants.get(permission)

    def may(self, permission: str) -> bool:
        """True when the permission is held in any scope."""
        return self.scope_for(permission) is not None
