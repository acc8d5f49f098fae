"""Pages of this room: the worklist and the registration. The case page is the dispatch room's."""
