"""Send Python's log records to Redis, where Elva shows them live.

    import logging
    from elva_logging import ElvaHandler

    logging.getLogger().addHandler(ElvaHandler("my:channel"))

Recipes for Django, Flask, gunicorn, celery and others are in docs/python.md of https://github.com/SupermanScott/Elva.
"""

from .handler import ElvaHandler

__all__ = ["ElvaHandler"]
