"""`pasar` as it is, but a link that says nothing is given up after two seconds: impatient.py WORDS..."""

import sys

import sync.pace
from pasar.cli import main

assert sync.pace.LEAST_PATIENCE > 2
sync.pace.LEAST_PATIENCE = sync.pace.MOST_PATIENCE = 2.0
main(sys.argv[1:], prog_name="pasar")
