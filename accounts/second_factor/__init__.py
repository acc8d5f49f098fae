"""The second factor: a code from an authenticator (TOTP, RFC 6238), with recovery codes for who has lost it."""
