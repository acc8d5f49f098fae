"""The way to a petitioner's telephone: a gateway apprise knows, or a folder in the demo."""

from hashlib import sha256
from urllib.parse import quote

from django.conf import settings

from dispatch.channels import ChannelError, post

# In the place of an address: each text becomes a file below the data directory.
TO_FILES = "file"


def is_set_up() -> bool:
    """Whether texts can be sent at all."""
    return bool(settings.SMS_URL)


def send(phone: str, title: str, text: str) -> None:
    """Send one text. `phone` as registered. Raises dispatch.channels.ChannelError with the reason."""
    if not is_set_up():
        raise ChannelError("no gateway for text messages (YQ_SMS_URL)")
    if settings.SMS_URL == TO_FILES:
        folder = settings.DATA_DIR / "sms"
        folder.mkdir(parents=True, exist_ok=True)
        name = sha256(f"{phone}{text}".encode()).hexdigest()[:16]
        (folder / f"{name}.txt").write_text(f"{phone}\n{title}\n{text}\n", encoding="utf8")
        return
    post(settings.SMS_URL.replace("{phone}", quote(phone, safe="")), title, text)
