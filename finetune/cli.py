"""`marrow finetune`: adapt a chat model or the retriever to a knowledge base, and see whether it helped.

Every command imports what it needs when it runs: `marrow` loads this file at each start.
"""

import typer

app = typer.Typer(no_args_is_help=True, help="Adapt a chat model or the retriever, and see whether it helped.")


@app.callback()
def finetune() -> None:
    """Adapt a chat model or the retriever to your knowledge base, and see whether it helped."""
