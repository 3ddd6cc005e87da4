"""The WSGI application a server loads: `python -m launch.web`, or any other."""

import gc

from config import Settings
from portal.app import create_app

app = create_app(Settings())
gc.collect()
# what the application is made of is never garbage; looking through it again and again takes time from
# requests
gc.freeze()
