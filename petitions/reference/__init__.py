"""Reference data of petitions as plain Python: content classes and the keywords that suggest them."""
