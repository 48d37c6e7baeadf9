# shellcheck shell=bash
# What quickstart.sh and test.sh share: talk, packages, build. Sourced, never run. The caller has set `root`.

# shellcheck disable=SC2034  # for the caller
build_dir=${ANDREA_BUILD_DIR:-$root/build}

# --- talk: to stderr, colour only on a terminal -----------------------------------------------------------------

if [[ -t 2 && -z ${NO_COLOR:-} && ${TERM:-dumb} != dumb ]]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' red='' plain=''
fi
say() { printf '%s\n' "$@" >&2; } # a line for each argument
title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain" >&2; }
fail() { # MESSAGE [HINT...]: ends the script with exit code 1
  printf '%s%s%s\n' "$red" "$1" "$plain" >&2
  shift
  for hint; do say "  $hint"; done
  exit 1
}
usage_error() { # MESSAGE: exit code 2
  say "${red}$1${plain}"
  say "  ${0##*/} --help lists the options"
  exit 2
}
spoken_seconds() { # 75 -> 1 min 15 s
  if (($1 >= 60)); then printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); else printf '%d s' "$1"; fi
}

# quietly WHAT LOG COMMAND...: the output goes to LOG; a clock runs on a terminal; on failure LOG's end is shown.
quietly() {
  local what=$1 log=$2 start=$SECONDS status=0 clock=''
  shift 2
  say "$what (output: $log)"
  if [[ -t 2 ]]; then
    (while sleep 1 && kill -0 $$ 2>/dev/null; do printf '\r  %s ' "$(spoken_seconds $((SECONDS - start)))"; done) >&2 &
    clock=$!
  fi
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [[ -n $clock ]]; then
    kill "$clock" 2>/dev/null || true
    wait "$clock" 2>/dev/null || true
    printf '\r\e[K' >&2
  fi
  if ((status)); then tail -n 25 "$log" >&2; else say "  done in $(spoken_seconds $((SECONDS - start)))"; fi
  return "$status"
}

# --- what this machine allows -----------------------------------------------------------------------------------

usable_cpus() { # the process's CPU set, and the cgroup's quota rounded up
  local cpus quota='' period=''
  cpus=$(nproc)
  if [[ -r /sys/fs/cgroup/cpu.max ]]; then
    read -r quota period </sys/fs/cgroup/cpu.max
  elif [[ -r /sys/fs/cgroup/cpu/cpu.cfs_quota_us && -r /sys/fs/cgroup/cpu/cpu.cfs_period_us ]]; then
    quota=$(</sys/fs/cgroup/cpu/cpu.cfs_quota_us) period=$(</sys/fs/cgroup/cpu/cpu.cfs_period_us)
  fi
  if [[ $quota =~ ^[1-9][0-9]*$ && $period =~ ^[1-9][0-9]*$ ]] && (((quota + period - 1) / period < cpus)); then
    cpus=$(((quota + period - 1) / period))
  fi
  printf '%s\n' "$cpus"
}

free_megabytes() { # the kernel's estimate, and the cgroup's limit
  local free limit=''
  free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  free=${free:-4096}
  for file in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
    if [[ -r $file ]]; then
      limit=$(<"$file")
      break
    fi
  done
  # More digits than that is no limit, and too much for the shell's numbers.
  if [[ $limit =~ ^[0-9]{1,15}$ ]] && ((limit / 1048576 < free)); then free=$((limit / 1048576)); fi
  printf '%s\n' "$free"
}

build_jobs() { # one compiler (or test) a core, as far as memory goes at about 1.5 GB a compiler
  local cpus fit
  cpus=$(usable_cpus)
  fit=$(($(free_megabytes) / 1500))
  if ((fit < 1)); then fit=1; fi
  printf '%s\n' $((fit < cpus ? fit : cpus))
}

# --- packages ---------------------------------------------------------------------------------------------------

# Debian 12's names; CMakeLists.txt finds the libraries. A program counts as there when its command is, from
# whatever source; a library when its package is installed.
declare -A command_of=([g++]=g++ [cmake]=cmake [ninja-build]=ninja [python3]=python3 [clang-format-14]=clang-format-14)
packages=(g++ cmake ninja-build python3 nlohmann-json3-dev libsentencepiece-dev libspdlog-dev
  libfmt-dev doctest-dev libyaml-cpp-dev libcli11-dev libxxhash-dev libutf8proc-dev libsimdjson-dev zlib1g-dev libzstd-dev wamerican)

is_installed() { # PACKAGE
  if [[ -n ${command_of[$1]:-} ]]; then
    command -v "${command_of[$1]}" >/dev/null
  else
    [[ $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) == 'install ok installed' ]]
  fi
}

missing=() # what find_missing found
find_missing() {
  missing=()
  local package
  if ! command -v dpkg-query >/dev/null; then
    say "This is not a Debian system, so the packages are not looked for; CMake names what it does not find."
    return
  fi
  for package in "${packages[@]}"; do
    if ! is_installed "$package"; then missing+=("$package"); fi
  done
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

install_line() { printf '%sapt-get install --no-install-recommends %s' "$( ((EUID == 0)) || printf 'sudo ')" "${missing[*]}"; }

# Installs what is missing, having said it. With skip_install=1 it names it and ends the script.
install_packages() {
  find_missing
  if ((${#missing[@]} == 0)); then
    say "All packages are there."
    return
  fi
  if [[ ${skip_install:-0} == 1 ]]; then
    fail "Missing packages: ${missing[*]}" "Install them with:  $(install_line)"
  fi
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    fail "Missing packages, and neither root nor sudo to install them: ${missing[*]}" "Run as root:  $(install_line)"
  fi
  say "Installing from Debian: ${missing[*]}"
  if ((EUID != 0)); then sudo -v; fi # the password now, not behind the log
  local log patience=(-o DPkg::Lock::Timeout=120) # another apt may be at work
  log=$(mktemp -t andrea-apt.XXXXXX)
  quietly "Reading the package lists" "$log" as_root apt-get "${patience[@]}" update ||
    say "apt-get update failed; trying with the lists that are there."
  quietly "Installing ${#missing[@]} packages and what they need" "$log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get "${patience[@]}" install -y --no-install-recommends "${missing[@]}" ||
    fail "The packages could not be installed." "Is there a network? By hand:  $(install_line)"
  rm -f "$log"
}

# --- build ------------------------------------------------------------------------------------------------------

# build_in DIR PRESET [CMAKE_OPTION...] -- TARGET...: configures the preset in DIR and builds the targets (none =
# all). What the build folder's cache holds and no option names stays.
build_in() {
  local dir=$1 preset=$2 options=() jobs
  shift 2
  while [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  shift
  jobs=$(build_jobs)
  mkdir -p "$dir"
  quietly "Configuring $dir" "$dir/configure.log" cmake -S "$root" --preset "$preset" -B "$dir" "${options[@]}" ||
    fail "CMake could not configure $dir."
  say "Building with $jobs of $(usable_cpus) cores; the first time takes a few minutes"
  ninja -C "$dir" -j "$jobs" "$@" >&2 || fail "The build failed." "The messages above name file and line."
}
