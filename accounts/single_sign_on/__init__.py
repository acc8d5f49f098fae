"""Single sign-on: the office's own accounts (OpenID Connect), and what a rule makes of them here."""
