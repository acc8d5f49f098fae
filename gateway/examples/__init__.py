"""Programs a vendor copies: the guide shows them, the tests run them."""
