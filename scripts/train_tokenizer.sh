#!/usr/bin/env bash
# Trains tokenizer/andrea-8449.model: sentencepiece BPE with byte fallback, exactly 8449 pieces.
#
#   scripts/train_tokenizer.sh [CORPUS] [MODEL]      default: corpus/quick tokenizer/andrea-8449.model
#
# Needs spm_train, spm_encode, spm_export_vocab (Debian: sentencepiece) and the texts of scripts/fetch_corpus.py.
# The same texts give the same bytes.  Prints the arms, their bytes per token and the checksum.
set -euo pipefail

corpus=${1:-corpus/quick}
model=${2:-tokenizer/andrea-8449.model}
for tool in spm_train spm_encode spm_export_vocab; do
  command -v "$tool" >/dev/null || { echo "$tool is missing: apt-get install sentencepiece" >&2; exit 1; }
done
compgen -G "$corpus/*.txt" >/dev/null || { echo "no texts in $corpus: run scripts/fetch_corpus.py first" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# An equal share of every arm, so that the pieces do not follow the biggest: documents in seeded order, at most 20,000
# characters of each from a seeded place, until 1.5 MB are together (a smaller arm gives all it has).  Lines are cut at
# sentence ends because spm_train skips lines over its limit; the blank stays with the sentence after it, as in the text.
python3 - "$corpus" "$work/sample.txt" <<'PY'
import random, re, sys
from pathlib import Path
SHARE, PER_DOCUMENT, LINE = 1_500_000, 20_000, 2_000
with open(sys.argv[2], "w", encoding="utf-8") as out:
    for path in sorted(Path(sys.argv[1]).glob("*.txt")):
        dice = random.Random("andrea " + path.stem)
        documents = path.read_text(encoding="utf-8").split("\f\n")
        dice.shuffle(documents)
        taken = used = 0
        for document in documents:
            if taken >= SHARE:
                break
            start = dice.randrange(max(1, len(document) - PER_DOCUMENT + 1))
            start = document.rfind("\n", 0, start) + 1 if start else 0
            text = document[start:start + PER_DOCUMENT].replace("\u2581", "")
            used += 1
            for line in text.split("\n"):
                piece = ""
                for sentence in re.split(r"(?<=[.!?;])(?= )", line):
                    if piece and len(piece) + len(sentence) > LINE:
                        out.write(piece + "\n")
                        piece = ""
                    piece += sentence
                if piece.strip():
                    out.write(piece[:LINE] + "\n")
            taken += len(text.encode())
        print(f"sample: {path.stem:20} {used:7,} documents {taken / 1e6:5.2f} MB", file=sys.stderr)
PY

# Run inside the folder, with plain names: the model stores the names it was trained with.
(cd "$work" && spm_train --input=sample.txt --model_prefix=andrea-8449 --model_type=bpe --vocab_size=8449 --byte_fallback=true \
  --normalization_rule_name=identity --add_dummy_prefix=false --remove_extra_whitespaces=false --split_digits=true \
  --unk_id=0 --bos_id=1 --eos_id=-1 --pad_id=-1 --character_coverage=0.9999 --required_chars=—–… --max_sentence_length=16384 \
  --num_threads=1 --minloglevel=1)

spm_export_vocab --model="$work/andrea-8449.model" --output="$work/vocab.txt"
python3 - "$work/vocab.txt" "$work/andrea-8449.model" <<'PY'
import sys, unicodedata
pieces = [line.rstrip("\n").split("\t")[0] for line in open(sys.argv[1], encoding="utf-8", newline="\n")]
layout = ["<unk>", "<s>"] + [f"<0x{i:02X}>" for i in range(256)]
assert len(pieces) == 8449, f"{len(pieces)} pieces"
assert pieces[:258] == layout, "the first 258 pieces are not <unk>, <s> and the bytes in order"
bad = [p for p in pieces[258:] if any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in p)]
assert not bad, f"control characters in pieces: {bad}"
assert len(set(pieces)) == len(pieces), "a piece occurs twice"
assert b"/" + b"tmp" not in open(sys.argv[2], "rb").read(), "the model holds a path"
print("layout: 8449 pieces, 0 <unk>, 1 <s>, 2-257 bytes, 258-8448 learned", file=sys.stderr)
PY

# Newlines never reach spm_encode's output and are one byte piece each: they are added to both sides.
printf '| arm | bytes | tokens | bytes per token |\n|---|---|---|---|\n'
for text in "$corpus"/*.txt; do
  tr -d '\f' <"$text" >"$work/arm.txt"
  spm_encode --model="$work/andrea-8449.model" --output_format=id <"$work/arm.txt" |
    awk -v arm="$(basename "$text" .txt)" -v bytes="$(wc -c <"$work/arm.txt")" \
      '{ n += NF + 1 } END { printf "| %s | %d | %d | %.2f |\n", arm, bytes, n, bytes / n }'
done

mkdir -p "$(dirname "$model")"
mv "$work/andrea-8449.model" "$model.part" && mv "$model.part" "$model"
echo "sha256 $(sha256sum "$model" | cut -d' ' -f1)  $model"
