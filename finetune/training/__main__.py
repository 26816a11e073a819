"""`accelerate launch -m finetune.training RECIPE …`: the train command in each process of several GPUs."""

import sys

import typer

from finetune.training.command import train
from ingest.console import put_error
from ingest.errors import MarrowError


def main() -> None:
    """Run the train command; expected errors as for `marrow`."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(train)
    try:
        app()
    except MarrowError as error:
        put_error(error)
        sys.exit(1)


if __name__ == "__main__":
    main()
