"""`marrow finetune`: adapt a chat model or the retriever to a knowledge base, and see whether it helped.

Every command imports what it needs when it runs: `marrow` loads this file at each start.
"""

import typer

from finetune.data.command import prepare
from finetune.evaluation.command import evaluate, review
from finetune.export.command import merge, quantise
from finetune.retrieval.command import retriever
from finetune.searching.command import search
from finetune.training.command import train

app = typer.Typer(no_args_is_help=True, help="Adapt a chat model or the retriever, and see whether it helped.")


@app.callback()
def finetune() -> None:
    """Adapt a chat model or the retriever to your knowledge base, and see whether it helped."""


app.command()(prepare)
app.command()(evaluate)
app.command()(review)
app.command()(retriever)
app.command()(train)
app.command()(search)
app.command()(merge)
app.command()(quantise)
