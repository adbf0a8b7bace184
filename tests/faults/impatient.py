"""`pasar` as it is, but a link that says nothing is given up after two seconds: impatient.py WORDS..."""

import sys

import pasar.syncing
from pasar.cli import main

assert pasar.syncing.LINK_SECONDS > 2
pasar.syncing.LINK_SECONDS = 2.0
main(sys.argv[1:], prog_name="pasar")
