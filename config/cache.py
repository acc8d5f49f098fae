"""The cache of pages that must work while Redis is away: then it is simply empty."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError


def forgiving(method: Callable[..., Any], miss: Callable[..., Any]) -> Callable[..., Any]:
    """The method, answering like a cache that holds nothing when Redis does not answer."""

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except RedisError:
            return miss(*args, **kwargs)

    return call


class ForgivingClient(RedisCacheClient):
    """Errors of Redis become misses, with the return values of Django's own dummy cache. incr still raises."""

    get = forgiving(RedisCacheClient.get, lambda key, default=None: default)
    get_many = forgiving(RedisCacheClient.get_many, lambda keys: {})
    add = forgiving(RedisCacheClient.add, lambda key, value, timeout=None: True)
    set = forgiving(RedisCacheClient.set, lambda key, value, timeout=None: None)
    set_many = forgiving(RedisCacheClient.set_many, lambda data, timeout=None: None)
    has_key = forgiving(RedisCacheClient.has_key, lambda key: False)
    touch = forgiving(RedisCacheClient.touch, lambda key, timeout=None: False)
    delete = forgiving(RedisCacheClient.delete, lambda key: False)
    delete_many = forgiving(RedisCacheClient.delete_many, lambda keys: None)
    clear = forgiving(RedisCacheClient.clear, lambda: False)


class ForgivingRedisCache(RedisCache):
    """settings.CACHES["default"]."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
