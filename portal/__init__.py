"""Citizens: tracking by query code, rating, requests for review; nobody signs in, every page asks for a code."""
