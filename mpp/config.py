"""Knows every setting of headquarters: name, variable, default, help; refuses to know what they are used for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from web_base.settings import Setting, folder_path, read_settings, web_address, whole


@dataclass(frozen=True)
class Config:
    """Headquarters' settings, read once at the start and never changed."""

    data: Path
    host: str
    port: int
    database_url: str
    public_url: str
    idle_minutes: int
    proxies: int

    @property
    def address(self) -> str:
        """The address printed into QR codes and enrolments: the public one, else the one this machine listens on."""
        return self.public_url or f"http://{self.host}:{self.port}"


SETTINGS = (
    Setting("data", "MPP_DATA", "~/mpp-data", "folder of headquarters' keys and embedded database", folder_path),
    Setting("host", "MPP_HOST", "127.0.0.1", "address to listen on; 0.0.0.0 for every network card"),
    Setting("port", "MPP_PORT", "8090", "port to listen on", whole(0, 65535)),
    Setting("database_url", "MPP_DATABASE_URL", "", "postgresql://user:password@host/name; empty: embedded SQLite"),
    Setting(
        "public_url", "MPP_PUBLIC_URL", "", "address stalls and shoppers use; empty: http://<host>:<port>", web_address
    ),
    Setting("idle_minutes", "MPP_IDLE_MINUTES", "30", "minutes until an idle officer is signed out", whole(1, 600)),
    Setting("proxies", "MPP_PROXIES", "0", "proxies of your own in front whose X-Forwarded-* is believed", whole(0, 5)),
)


def read_config(environ: Mapping[str, str] = os.environ, **overrides: object | None) -> Config:
    """Return the settings from options, then variables, then defaults. Raises Refused("setting_invalid")."""
    return read_settings(Config, SETTINGS, environ, overrides)
