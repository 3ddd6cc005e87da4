"""The WSGI application a server loads: `granian --interface wsgi wsgi:app`."""

from config import Settings
from portal.app import create_app

app = create_app(Settings())
