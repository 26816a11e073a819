"""How a merged folder and its GGUF file are served: an Ollama Modelfile, and command lines for vLLM and llama.cpp."""

import json
import shlex
from pathlib import Path

from finetune.errors import ExportFailed
from finetune.export.bases import Base, find_chat, model_name

MODELFILE, SERVE_FILE = "Modelfile", "serve.md"
# As much as an answer from numbered facts takes; a model's whole window would only cost memory.
_MOST_CONTEXT = 8192


def modelfile(folder: Path, gguf: Path) -> str:
    """An Ollama Modelfile for a GGUF file of a merged folder.

    A chat format that is not known here is left to Ollama, which looks for it in the GGUF file's metadata.

    Source: Ollama's docs/modelfile.md (FROM, TEMPLATE, PARAMETER) and docs/import.md.
    """
    chat = find_chat(chat_template(folder))
    lines = [f"# ollama create {folder.name.lower()} -f {MODELFILE}", f"FROM ./{gguf.name}"]
    if chat:
        lines += [f'TEMPLATE """{chat.template}"""', *(f'PARAMETER stop "{stop}"' for stop in chat.stop)]
    lines += ["PARAMETER temperature 0", f"PARAMETER num_ctx {context(folder)}"]
    return "\n".join(lines) + "\n"


def serve_text(folder: Path, base: Base, *, gguf: Path | None, dtype: str) -> str:
    """A page that says how to serve a merged folder and how to have Marrow ask it.

    Source: vLLM's docs, "vllm serve" (--served-model-name, --dtype, --max-model-len); llama.cpp's tools/server
    README (-m, -c, --port); Ollama's docs/openai.md (port 11434, /v1).
    """
    name, tokens = model_name(folder, base), context(folder)
    quoted = shlex.quote(name)
    vllm = f"vllm serve . --served-model-name {quoted} --dtype {dtype} --max-model-len {tokens} --port 8000"
    parts = [
        f"# Serving {name}",
        f"Run the commands in this folder. Marrow asks a server with `MARROW_MODEL=openai:{name}` and the URL below.",
        _section("vLLM", vllm, "http://localhost:8000/v1"),
    ]
    if gguf:
        inside = gguf.relative_to(folder)
        llama = f"llama-server -m {shlex.quote(str(inside))} -c {tokens} --alias {quoted} --port 8080"
        parts.append(_section("llama.cpp", llama, "http://localhost:8080/v1"))
        ollama = f"ollama create {quoted} -f {shlex.quote(str(inside.parent / MODELFILE))}\nollama run {quoted}"
        parts.append(_section("Ollama", ollama, "http://localhost:11434/v1"))
    parts.append('## Without a server\n\n```\nmarrow ask --model . "What is imatinib used for?"\n```')
    return "\n\n".join(parts) + "\n"


def chat_template(folder: Path) -> str:
    """The chat template of a saved tokenizer; empty where it has none."""
    file = folder / "chat_template.jinja"
    if file.is_file():
        return file.read_text("utf-8")
    try:
        kept = json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("chat_template")
    except (OSError, ValueError):
        return ""
    return kept if isinstance(kept, str) else ""


def context(folder: Path) -> int:
    """How many tokens a server is to hold for a request: the model's window, 8,192 at most.

    Raises:
        ExportFailed: if the folder has no config.json that says it.
    """
    try:
        window = int(json.loads((folder / "config.json").read_text("utf-8"))["max_position_embeddings"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ExportFailed(f"{folder} has no config.json with a window") from error
    return min(window, _MOST_CONTEXT)


def _section(title: str, command: str, url: str) -> str:
    return f"## {title}\n\n```\n{command}\n```\n\nMarrow: `MARROW_MODEL_URL={url}`"
