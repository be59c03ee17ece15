"""`python -m descan`."""

from descan.cli import main

if __name__ == "__main__":
    main()
