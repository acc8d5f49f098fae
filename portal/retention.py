"""The copies of personal words this room keeps: telephones and secrets of messages, what was typed and not sent."""

from petitions.erasure import cover_room

cover_room("portal", keep={"Unsent.step"})
