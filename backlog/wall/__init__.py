"""The wall as a page shows it: words, colours, addresses and shapes made from a board (`backlog.board`), no reads."""

from backlog.wall.course import Course
from backlog.wall.geography import Geography
from backlog.wall.look import MAPS, VIEWS, Look, Reach
from backlog.wall.tiles import Tiles
from backlog.wall.week import Week

__all__ = ["MAPS", "VIEWS", "Look", "Reach", "Wall"]


class Wall(Tiles, Geography, Week, Course):
    """Everything on one wall."""
