"""`transformers serve` over a tiny random model: nonsense, but from a real OpenAI-compatible server."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager


def build(folder):
    """A random Llama of two layers over bytes, the same each time, that writes letters: never blanks or half a tag."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<s>", "</s>", "<pad>", "<unk>", "<u>", "<a>"]
    vocabulary = {piece: i for i, piece in enumerate(special + alphabet)}
    bytes_ = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    bytes_.pre_tokenizer, bytes_.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytes_, bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"
    )
    tokenizer.chat_template = "{% for m in messages %}<u>{{ m['content'] }}{% endfor %}<a>"
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4}
    LlamaForCausalLM(LlamaConfig(vocab_size=len(vocabulary), max_position_embeddings=8192, **shape)).save_pretrained(
        folder
    )
    mute = [
        token for piece, token in vocabulary.items() if not (len(piece) == 1 and piece.isascii() and piece.isalpha())
    ]
    GenerationConfig(max_new_tokens=40, suppress_tokens=mute, pad_token_id=2).save_pretrained(folder)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def running(command, port, folder, **environment):
    """A server process that listens on the port, ended at the end; its log is in the folder."""
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 120
            while socket.socket().connect_ex(("127.0.0.1", port)):
                if server.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((folder / "server.log").read_text()[-2000:])
                time.sleep(0.3)
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()


@contextmanager
def transformers_serve(folder):
    """(address, model's name)."""
    build(folder)
    (folder / "home" / "hub").mkdir(parents=True)
    port = free_port()
    serve = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder)]
    command = [*serve, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with running(command, port, folder, HF_HOME=str(folder / "home"), HF_HUB_OFFLINE="1"):
        yield f"http://127.0.0.1:{port}/v1", str(folder)
