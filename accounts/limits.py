"""Counting how often something is used. Forgiving: a cache that is away counts nothing and stops nobody."""

from django.core.cache import cache


def take(name: str, *, most: int, seconds: int) -> bool:
    """Count one use of a thing; False once `most` are reached within `seconds`."""
    key = f"use:{name}"
    cache.add(key, 0, seconds)
    try:
        return bool(cache.incr(key) <= most)
    except Exception:
        return True
