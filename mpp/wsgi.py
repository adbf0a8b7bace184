"""The app for a WSGI server: `gunicorn mpp.wsgi:app`, configured by the MPP_ variables. Nothing else may import it."""

from mpp.app import create_app
from mpp.config import read_config
from mpp.office import open_office

app = create_app(open_office(read_config()))
