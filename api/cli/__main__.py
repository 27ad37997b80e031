"""What the installed command calls; `python -m api.cli` does the same."""

import sys


def main() -> None:
    """Load the commands and run one; Ctrl-C while they load ends as quietly as later."""
    try:
        from api.cli.main import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
