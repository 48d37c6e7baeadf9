#!/usr/bin/env bash
# Is all of src/, tests/ and bench/ formatted as .clang-format says? Prints what would change; --fix changes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

formatter=''
for name in clang-format-14 clang-format; do
  if command -v "$name" >/dev/null && [[ $("$name" --version) == *"version 14."* ]]; then
    formatter=$name
    break
  fi
done
if [[ -z $formatter ]]; then
  echo "clang-format 14 is missing (other versions format otherwise): apt-get install clang-format-14" >&2
  exit 1
fi
case ${1:-} in
  '' | --fix) ;;
  *)
    echo "scripts/check_format.sh [--fix]" >&2
    exit 2
    ;;
esac

wrong=0 seen=0
while IFS= read -r -d '' file; do
  seen=$((seen + 1))
  if "$formatter" --style=file "$file" | diff -u --label "$file" --label "$file (formatted)" "$file" -; then
    continue
  fi
  wrong=$((wrong + 1))
  if [[ ${1:-} == --fix ]]; then "$formatter" --style=file -i "$file"; fi
done < <(find src tests bench -type f \( -name '*.cc' -o -name '*.h' \) -print0 | sort -z)

if ((wrong == 0)); then
  echo "format: all $seen files are as .clang-format says"
elif [[ ${1:-} == --fix ]]; then
  echo "format: $wrong of $seen files changed"
else
  echo "format: $wrong of $seen files differ; scripts/check_format.sh --fix changes them" >&2
  exit 1
fi
