"""Lets `python -m pasar` do what the `pasar` command does. Knows nothing else."""

from pasar.cli import main

if __name__ == "__main__":
    main()
