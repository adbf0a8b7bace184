"""Lets `python -m mpp` do what the `mpp` command does."""

from mpp.cli import main

if __name__ == "__main__":
    main()
