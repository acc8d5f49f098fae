"""The sign-in backend."""

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class StaffBackend(ModelBackend):
    """Loads the person with unit and area at once: every permission question needs both."""

    def get_user(self, user_id: int) -> User | None:
        """The active account, or None."""
        user = User.objects.select_related("unit__area").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
