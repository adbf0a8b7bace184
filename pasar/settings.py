"""The stall's settings: one table of name, variable, default and help. Knows no other way to be configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pasar.printer_address import PrinterAddress, printer_address
from sync.kuota import Kuota
from web_base.settings import Setting, flag, folder_path, read_settings, web_address, whole


def allowance(text: str) -> Kuota | None:
    """Reader of the kuota; empty when there is none."""
    try:
        return Kuota.read(text)
    except ValueError:
        raise ValueError("5 MB/hari") from None


SETTINGS = (
    Setting("data", "PASAR_DATA", "~/pasar-data", "folder of the stall's database and keys", folder_path),
    Setting("host", "PASAR_HOST", "0.0.0.0", "address to listen on; 127.0.0.1 keeps phones out"),
    Setting("http_port", "PASAR_HTTP_PORT", "8080", "port of plain http (public pages)", whole(0, 65535)),
    Setting("https_port", "PASAR_HTTPS_PORT", "8443", "port of https for phones; 0 turns it off", whole(0, 65535)),
    Setting("mdns", "PASAR_MDNS", "1", "1: the stall answers to pasar.local on its network; 0: by number only", flag),
    Setting("hq_url", "PASAR_HQ_URL", "", "headquarters' address; a proxy's is fine", web_address),
    Setting("idle_minutes", "PASAR_IDLE_MINUTES", "5", "minutes without a touch until the PIN is asked", whole(1, 240)),
    Setting("sync_minutes", "PASAR_SYNC_MINUTES", "5", "minutes between syncs; 0: nightly only", whole(0, 1440)),
    Setting("kuota", "PASAR_KUOTA", "", "bytes the link may carry, as 5 MB/hari; empty: no limit", allowance),
    Setting("lan_http", "PASAR_LAN_HTTP", "0", "1: counter over plain http, can be overheard; to try out", flag),
    Setting(
        "printer", "PASAR_PRINTER", "", "58 mm printer: usb:VVVV:PPPP, network:HOST, serial:DEVICE or file:PATH",
        printer_address,
    ),
)


@dataclass(frozen=True)
class StallConfig:
    """What the table reads as; every field is a line of SETTINGS."""

    data: Path
    host: str
    http_port: int
    https_port: int
    mdns: bool
    hq_url: str
    idle_minutes: int
    sync_minutes: int
    kuota: Kuota | None
    lan_http: bool
    printer: PrinterAddress | None


def read_config(environ: Mapping[str, str], **overrides: object | None) -> StallConfig:
    """The stall's settings from overrides, then environment, then defaults; Refused("setting_invalid") otherwise."""
    return read_settings(StallConfig, SETTINGS, environ, overrides)
