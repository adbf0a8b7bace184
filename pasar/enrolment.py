"""How this machine becomes a stall: the one-time code, one question to headquarters, one grant stored.

Knows the address and the code; refuses to store anything that the code's secret does not prove.
"""

from __future__ import annotations

import os
from typing import Any

import requests

from layanan.problems import PROBLEMS, Refused
from offline_db.identity import device_key, take_grant
from offline_db.identity import grant as granted
from sync.enrol import Grant, read_answer, read_code, request
from sync.keys import SealingPublic, VerifyKey, fingerprint

SECONDS = 20.0
OF_ENROLMENT = ("enrolment_", "hq_", "sync_", "rate_limited", "server_busy")


def enrol_here(hq_url: str, code: str) -> tuple[Grant, str]:
    """Enrol this machine, inside an app context; returns the grant and the fingerprint two people compare.

    Asking again with the same code is safe. Raises Refused enrolment_*, link_*, sync_wrong_hq, disk_*.
    """
    read_code(code)
    key = device_key()
    former = granted()
    asked = request(code, key.public, os.urandom(16), former.epoch if former else 0)
    grant = read_answer(code, asked, _answer(hq_url, asked))
    take_grant(grant)
    return grant, fingerprint(VerifyKey(grant.sign_public), SealingPublic(grant.seal_public), key.public)


def _answer(hq_url: str, asked: dict[str, Any]) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Accept"] = "application/json"
        try:
            answer = session.post(f"{hq_url}/enrol", json=asked, timeout=SECONDS, allow_redirects=False)
            said = answer.json()
        except requests.exceptions.SSLError as error:
            raise Refused("link_tls") from error
        except requests.exceptions.Timeout as error:
            raise Refused("link_timeout") from error
        except requests.exceptions.JSONDecodeError as error:
            raise Refused("link_server" if answer.status_code >= 500 else "link_portal") from error
        except requests.exceptions.RequestException as error:
            raise Refused("link_no_address") from error
    if answer.status_code != 200:
        raise Refused(_reason(said))
    return said if isinstance(said, dict) else {}


def _reason(said: object) -> str:
    """Headquarters' own reason if it is one that can concern an enrolment."""
    problem = said.get("problem", said) if isinstance(said, dict) else {}
    code = problem.get("code") if isinstance(problem, dict) else None
    known = isinstance(code, str) and code in PROBLEMS and code.startswith(OF_ENROLMENT)
    return str(code) if known else "link_server"
