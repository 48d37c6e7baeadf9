#!/usr/bin/env bash
# Runs the README's two commands in a fresh Debian 12, as a newcomer would. See --help.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib.sh
source "$root/scripts/lib.sh"

help() {
  cat <<'TEXT'
Makes a minimal Debian 12 with git in DIR, clones this repository into it and runs there scripts/quickstart.sh, then
scripts/test.sh, each logged to DIR.log/ with its time. Needs root, debootstrap and this machine's own Debian sources.

  scripts/try_fresh_debian.sh [--working-tree] DIR

  --working-tree  try the files as they lie here instead of the last commit
DIR must not exist yet; nothing stays mounted in it, whatever happens. The exit code is that of the first command that failed.
TEXT
}

working_tree=0 dir='' arguments=("$@")
while (($#)); do
  case $1 in
    --working-tree) working_tree=1 ;;
    -h | --help)
      help
      exit 0
      ;;
    -*) usage_error "Unknown option: $1" ;;
    *) dir=$(realpath -m "$1") ;;
  esac
  shift
done
if [[ -z $dir ]]; then usage_error "No DIR is given"; fi
if ((EUID != 0)); then fail "debootstrap and chroot need root."; fi
if ! command -v debootstrap >/dev/null; then fail "debootstrap is missing." "apt-get install debootstrap"; fi
if [[ -e $dir ]]; then fail "$dir is there already, so it would not be fresh." "Remove it, or name another folder."; fi

# --- mounts -------------------------------------------------------------------------------------------------------

# In a mount namespace of its own: what is mounted in DIR is seen by this script alone and goes with its last process,
# even after a kill -9, so that DIR can be removed without a thought. Nothing of this machine is mounted in it.
if [[ ${TRIAL_NAMESPACE:-} != "$$" ]]; then
  TRIAL_NAMESPACE=$$ exec unshare --mount "${BASH_SOURCE[0]}" "${arguments[@]}"
fi

mount_inside() {
  mount -t proc proc "$dir/proc"
  mount -t devpts -o newinstance,ptmxmode=666 devpts "$dir/dev/pts"
  mkdir -p "$dir/dev/shm"
  mount -t tmpfs tmpfs "$dir/dev/shm"
}

# --- the fresh system ---------------------------------------------------------------------------------------------

suites='^bookworm(-updates|-security)?$'
debian_sources() { # "URI SUITE" of this machine's Debian sources
  # shellcheck disable=SC2016  # apt's names, not the shell's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
    awk -v suites="$suites" '$2 ~ suites && $3 == "main" { print $1, $2 }' | sort -u
}

make_system() {
  local mirror
  mirror=$(debian_sources | awk '$2 == "bookworm" { print $1; exit }')
  if [[ -z $mirror ]]; then fail "apt on this machine has no source of Debian 12 (bookworm, main)."; fi
  quietly "debootstrap into $dir" "$logs/debootstrap.log" \
    debootstrap --variant=minbase --include=git,ca-certificates bookworm "$dir" "$mirror" ||
    fail "debootstrap failed."
  debian_sources | sed 's/.*/deb & main/' >"$dir/etc/apt/sources.list"
  # How this machine reaches its mirror is not the newcomer's business: proxies, names and clock are carried over.
  apt-config dump | grep -E '^Acquire::(http|https|Check)' >"$dir/etc/apt/apt.conf.d/90host" || true
  cp -L /etc/resolv.conf /etc/hosts "$dir/etc/"
  mount_inside
}

copy_repository() {
  local target=$dir/root/andrea-train tree
  if ((working_tree)); then
    tree=$(mktemp -d)
    (cd "$root" && git ls-files -coz --exclude-standard | tar -c --null --ignore-failed-read -T -) | tar -x -C "$tree"
    git -C "$tree" init -q
    git -C "$tree" add -A
    git -C "$tree" -c user.name=trial -c user.email=trial@localhost commit -q -m "the working tree"
    git clone -q "$tree" "$target"
    rm -rf "$tree"
  else
    git clone -q "$root" "$target"
  fi
  say "$(git -C "$target" ls-files | wc -l) files in /root/andrea-train"
}

run_inside() { # NAME COMMAND: as a login on that machine would, without this one's environment
  local start=$SECONDS status=0 proxies=()
  mapfile -t proxies < <(env | grep -iE '^(https?|no)_proxy=' || true)
  title "$1: $2"
  chroot "$dir" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb \
    "${proxies[@]}" bash -c "cd /root/andrea-train && $2" </dev/null 2>&1 | tee "$logs/$1.log" >&2 || status=${PIPESTATUS[0]}
  times+=("$(printf '%-12s %-24s exit code %d' "$1" "$(spoken_seconds $((SECONDS - start)))" "$status")")
  if ((status)); then first_failure=${first_failure/#0/$status}; fi
}

logs=$dir.log times=() first_failure=0
mkdir -p "$logs"
title "A fresh Debian 12 in $dir"
make_system
copy_repository
run_inside quickstart ./scripts/quickstart.sh
run_inside test ./scripts/test.sh
title "Times on $(usable_cpus) cores"
say "${times[@]/#/  }"
say "  Logs: $logs"
exit "$first_failure"
