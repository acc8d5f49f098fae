"""What: petitioners, petitions and their lifecycle, the event chain, categories, attachments, search."""
