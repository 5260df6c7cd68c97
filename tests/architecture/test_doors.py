"""Who has not signed in finds every door closed."""

from uuid import UUID

import pytest
from django.urls import URLPattern, get_resolver, reverse

OPEN = {
    "health",
    "set_language",
    "accounts:login",
    "accounts:second",
    "accounts:sign_in",
    "design:style",
    "criteria:feed",
    "criteria:library",
    "criteria:guideline",
    "determination:automation",
    "programme:posted",
    "sandbox:openapi",
    "oauth:token",
    "oauth:register",
}
"""Doors for everybody: they show no member data. Guidelines and yearly figures must be public; the token endpoint asks for proof itself."""

SAMPLES = {
    "UUIDConverter": UUID(int=1),
    "IntConverter": 1,
    "SlugConverter": "x",
    "StringConverter": "x",
    "PathConverter": "x",
}


def doors(patterns, prefix=""):
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name:
                yield f"{prefix}{pattern.name}", pattern
        else:
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from doors(pattern.url_patterns, inner)


ALL = sorted(dict(doors(get_resolver().url_patterns)).items())


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, _ in ALL if name not in OPEN])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_away(name, method, client):
    pattern = dict(ALL)[name]
    facts = {key: SAMPLES[type(converter).__name__] for key, converter in pattern.pattern.converters.items()}
    answer = getattr(client, method)(reverse(name, kwargs=facts))
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/sign-in/")
    elif answer.status_code == 200:
        assert name.endswith("metadata"), "a page that anybody can read; add it to OPEN only if it holds no data"
    else:
        assert answer.status_code in {401, 403, 404, 405}
