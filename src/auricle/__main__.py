"""``python -m auricle``: the command line."""

from auricle.cli import main

if __name__ == "__main__":
    main()
