"""Pages work while Redis is away: the cache is then empty, quickly."""

import time

from config.cache import ForgivingRedisCache


def dead_cache(settings) -> ForgivingRedisCache:
    params = {**settings.CACHES["default"], "OPTIONS": dict(settings.CACHES["default"]["OPTIONS"])}
    return ForgivingRedisCache("redis://127.0.0.1:1/0", params)


def test_without_redis_every_read_is_a_miss_and_every_write_is_lost(settings):
    cache = dead_cache(settings)
    began = time.monotonic()
    cache.set("name", 1)
    cache.set_many({"name": 1})
    assert cache.get("name") is None
    assert cache.get("name", "default") == "default"
    assert cache.get_many(["name"]) == {}
    assert cache.get_or_set("name", 7) == 7
    assert cache.add("name", 1) is True
    assert cache.has_key("name") is False
    assert cache.touch("name") is False
    assert cache.delete("name") is False
    cache.delete_many(["name"])
    cache.clear()
    assert time.monotonic() - began < 1


def test_with_redis_it_caches():
    from django.core.cache import cache

    cache.set("name", {"value": 1})
    assert cache.get("name") == {"value": 1}
