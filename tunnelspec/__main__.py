"""`python -m tunnelspec`, the same as the `tunnelspec` command."""

from tunnelspec.cli import main

if __name__ == "__main__":
    main()
