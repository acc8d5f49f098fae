"""Reading the environment: the few shapes a variable has."""

import os


def env_flag(name: str, default: bool = False) -> bool:
    """True when the variable is 1, true, yes or on; the default when it is not set, or empty as compose passes it."""
    return (os.environ.get(name, "").strip() or str(default)).lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    """Comma-separated variable as a list, empty parts dropped."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]
